// The name of one DATA_DIR among those that may write into one shared store: their progress is kept apart
// by it.

import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { Failure } from './failure.ts';
import { installationPath } from './paths.ts';

const FORM = /^[0-9a-f]{16}$/;

/**
 * Null when this DATA_DIR has written into no shared store yet. Throws {@link Failure} when the name is
 * damaged.
 */
export async function readInstallation(dataDir: string): Promise<string | null> {
  const path = installationPath(dataDir);
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Failure(`${path} cannot be read (${error.code})`);
  });
  if (kept === null || FORM.test(kept.trim())) return kept?.trim() ?? null;
  throw new Failure(`${path} is damaged: restore it from a backup, or remove it for a new one`);
}

/** 16 hexadecimal digits. */
export const newInstallation = (): string => randomBytes(8).toString('hex');

/** For whoever has claimed the store. A DATA_DIR that loses its name loads its whole journal again. */
export async function keepInstallation(dataDir: string, name: string): Promise<void> {
  const path = installationPath(dataDir);
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${name}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
