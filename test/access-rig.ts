// Who may do what, on files of a test's own: each rig has a DATA_DIR, which is removed when the process ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../src/access/access.ts';
import { LastUses } from '../src/access/last-uses.ts';
import { Sessions } from '../src/access/sessions.ts';
import { Tokens } from '../src/access/tokens.ts';

export interface AccessOptions {
  readonly apiToken: string;
  /** One that is random cannot be tried out. */
  readonly isGuessable?: boolean;
  readonly isOpen?: boolean;
  readonly dataDir?: string;
}

let base: string | null = null;

/** A DATA_DIR that does not exist yet. */
export function newDataDir(): string {
  if (base === null) {
    const made = mkdtempSync(join(tmpdir(), 'truepixel-access-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    base = made;
  }
  return join(mkdtempSync(join(base, 'rig-')), 'data');
}

/** Looks at its files only when it changes them itself. */
export function accessRig(options: AccessOptions): Access {
  const { apiToken, isGuessable = true, isOpen = false, dataDir = newDataDir() } = options;
  const tokens = new Tokens(dataDir);
  const fail = (reason: string): void => {
    throw new Error(reason);
  };
  return new Access({
    tokens,
    sessions: new Sessions(dataDir, apiToken, (id) => tokens.byId(id) !== null),
    uses: new LastUses(dataDir, fail),
    apiToken,
    isGuessable,
    isOpen,
  });
}
