// The declarations of the client module, from the JSDoc of its JavaScript: what its types promise is what the
// type check found its code to do. The module is plain JavaScript because Node.js strips no types below
// node_modules.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatted } from './declarations.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

export const CLIENT_FILES = ['truepixel', 'request', 'events', 'error'] as const;

/** The text of each `client/NAME.d.ts`. Throws where the type check of the client fails. */
export function clientDeclarations(): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'truepixel-client-'));
  const words = ['-p', 'client', '--noEmit', 'false', '--declaration', '--emitDeclarationOnly'];
  try {
    execFileSync(process.execPath, [compiler, ...words, '--outDir', folder], { cwd: root });
    const texts = CLIENT_FILES.map((name) => {
      const text = readFileSync(join(folder, `${name}.d.ts`), 'utf8');
      return [`${name}.d.ts`, formatted(`${name}.d.ts`, text)] as const;
    });
    return new Map(texts);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
