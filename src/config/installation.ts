// The name of one DATA_DIR among those that may write into one shared store: their progress is kept apart
// by it.

import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { Failure } from './failure.ts';
import { installationPath } from './paths.ts';

const FORM = /^[0-9a-f]{16}$/;

/**
 * 16 hexadecimal digits, made at first use by whoever has claimed the store. A DATA_DIR that loses them
 * loads its whole journal again, which a shared store takes without doubling. Throws {@link Failure} when
 * they are damaged.
 */
export async function loadInstallation(dataDir: string): Promise<string> {
  const path = installationPath(dataDir);
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Failure(`${path} cannot be read (${error.code})`);
  });
  if (kept !== null) {
    if (FORM.test(kept.trim())) return kept.trim();
    throw new Failure(`${path} is damaged: restore it from a backup, or remove it for a new one`);
  }
  const name = randomBytes(8).toString('hex');
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${name}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return name;
}
