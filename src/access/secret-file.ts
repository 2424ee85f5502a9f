// A small file under DATA_DIR/secrets that several processes read whole and replace whole: what is in it
// opens doors, so it must be a file of ours and nobody else's, and two that change it at once take turns.

import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../config/failure.ts';
import { replaceFile } from '../hit/polled-file.ts';
import { isMissing, type Lock, realFileSystem } from '../journal/filesystem.ts';
import { SECRET_FILE_BYTES_MAX, SECRET_FILE_PROBE_MS, SECRET_FILE_WAIT_MS_MAX } from '../limits.ts';

const FOLDER_MODE = 0o700;
/** Write permission of the group and of others. */
const FOREIGN_WRITE = 0o022;
/** Not through a link, and not held up by a pipe. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The bytes of the file at `path`; null when there is none. Throws {@link Failure} for what is no plain file,
 * is too long, or may be written by others; and errno errors.
 */
export async function readSecretFile(path: string): Promise<Buffer | null> {
  const refuse = (why: string): Failure => new Failure(`${path} ${why}, and is not believed`);
  const file = await open(path, READ_FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (isMissing(error)) return null;
    throw refuse(error.code === 'ELOOP' ? 'is a symbolic link' : `cannot be read (${error.code})`);
  });
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refuse('is no file');
    if ((stats.mode & FOREIGN_WRITE) !== 0) throw refuse('can be written by others');
    if (!(await isOurs(path, stats.uid))) throw refuse('belongs to somebody else');
    if (stats.size > SECRET_FILE_BYTES_MAX) throw refuse('is too long');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Root may also believe whoever owns the folder, who could put any file in this one's place. */
async function isOurs(path: string, owner: number): Promise<boolean> {
  const user = process.getuid?.() ?? owner;
  if (owner === user || owner === 0) return true;
  return user === 0 && (await stat(dirname(path))).uid === owner;
}

/** Puts `text` in the file's place, durably and for this user alone. One at a time. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  await replaceFile(path, Buffer.from(text));
}

/**
 * Replaces the file's text by what `change` makes of it, while no other process does; null leaves it as it
 * is. Durable once this resolves, with the text that holds then. Rejects as {@link readSecretFile} does, with
 * what `change` throws, and with {@link Failure} when somebody else does not come to an end.
 */
export async function changeSecretFile(
  path: string,
  change: (before: string | null) => string | null,
): Promise<string | null> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const lock = await lockBeside(path);
  try {
    const before = (await readSecretFile(path))?.toString() ?? null;
    const after = change(before);
    if (after !== null) await writeSecretFile(path, after);
    return after ?? before;
  } finally {
    lock.release();
  }
}

/** A kernel lock: it ends with its process, however that ends. */
async function lockBeside(path: string): Promise<Lock> {
  const deadline = performance.now() + SECRET_FILE_WAIT_MS_MAX;
  for (;;) {
    const lock = realFileSystem.lock(`${path}.lock`);
    if (lock !== null) return lock;
    if (performance.now() > deadline) {
      throw new Failure(`${path} is being changed by another process, which does not end`);
    }
    await sleep(SECRET_FILE_PROBE_MS);
  }
}
