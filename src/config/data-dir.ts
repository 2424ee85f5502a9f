// Makes DATA_DIR ready for use, or says in one line why it cannot be used.

import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';

import { Failure } from './failure.ts';

/** Creates the folder for this user alone; one that exists keeps its mode. Throws {@link Failure}. */
export async function ensureDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Failure(`DATA_DIR ${dataDir} cannot be written to (${reason})`);
  }
}
