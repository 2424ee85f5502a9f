// A small file that one process writes whole and every collector reads whole, looking for a newer one now and
// then: how codes and modes reach collectors, which share nothing else with the store.

import { lstat, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

interface Polling {
  readonly path: string;
  readonly pollMs: number;
  /** The file's bytes, null when there is none. Throws when they are no such file. */
  readonly take: (bytes: Buffer | null) => void;
  /** Told once of each trouble, however often it is met. */
  readonly onTrouble: (reason: string) => void;
  /** How the file is read where that is not all the same. */
  readonly read?: (path: string) => Promise<Buffer | null>;
}

export class PolledFile {
  readonly #polling: Polling;
  readonly #timer: NodeJS.Timeout;
  /** What the file looked like that was taken last; a mark that no file has before the first time. */
  #seen = 'nothing yet';
  #trouble: string | null = null;
  #refreshing: Promise<void> = Promise.resolve();
  #isLooking = false;

  private constructor(polling: Polling) {
    this.#polling = polling;
    this.#timer = setInterval(() => {
      // A disk that hangs must not have ever more looks wait for it.
      if (!this.#isLooking) void this.refresh();
    }, polling.pollMs).unref();
  }

  /** Takes the file, and goes on looking for newer ones until {@link close}. */
  static async open(polling: Polling): Promise<PolledFile> {
    const file = new PolledFile(polling);
    await file.refresh();
    return file;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Resolves once what the file says now was taken, or its trouble told. */
  refresh(): Promise<void> {
    // One after the other, so that what was read earlier never comes later.
    this.#refreshing = this.#refreshing.then(() => this.#look());
    return this.#refreshing;
  }

  async #look(): Promise<void> {
    const { path, take, onTrouble, read = readFile } = this.#polling;
    this.#isLooking = true;
    try {
      const looks = await looksOf(path);
      if (looks === this.#seen) return;
      const bytes = looks === '' ? null : await read(path);
      // What is no such file will not become one by being read again.
      this.#seen = looks;
      take(bytes);
      this.#trouble = null;
    } catch (error) {
      const trouble = `${path} cannot be used: ${String(error)}`;
      if (trouble !== this.#trouble) onTrouble(trouble);
      this.#trouble = trouble;
    } finally {
      this.#isLooking = false;
    }
  }
}

/** Differs when the file was replaced or written to; empty when there is none. */
async function looksOf(path: string): Promise<string> {
  try {
    // A link to the very file that was there is another thing all the same.
    const [entry, { ino, mtimeMs, size }] = await Promise.all([lstat(path), stat(path)]);
    return `${entry.ino} ${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Puts a file in the place of another, durably and for this user alone. One at a time. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.tmp`;
  // What a kill left goes first: a file that is made anew is this user's alone, and nobody's link.
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
