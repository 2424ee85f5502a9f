// The few file operations that the visit log needs: a port, so that a model test can crash after any of
// them and at any byte of a write.

import { type BigIntStats, constants } from 'node:fs';
import {
  chmod,
  chown,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from '../journal/filesystem.ts';
import { LOG_PIECE_BYTES_MAX } from '../limits.ts';

/** An open file. All methods reject with Node's errno errors. */
export interface LogFile {
  readonly inode: string;
  size(): Promise<number>;
  /** Up to `length` bytes from `position`; fewer only at the file's end. */
  read(position: number, length: number): Promise<Buffer>;
  /** Writes all of `bytes` at the file's end, and syncs much of it on the way when it is long. */
  append(bytes: Buffer): Promise<void>;
  truncate(length: number): Promise<void>;
  /** What was appended is durable once this resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface LogFiles {
  /** `flags` as in open(2); a file that is created is its owner's alone. */
  open(path: string, flags: number): Promise<LogFile>;
  /** The inode's number of what a path names; null when it names nothing. */
  inode(path: string): Promise<string | null>;
  /** Whether what a path names is a regular file; null when it names nothing. */
  isRegular(path: string): Promise<boolean | null>;
  /** Names in a folder; none when there is no such folder. */
  list(dir: string): Promise<string[]>;
  /** Creates a folder and those above it, for their owner alone. */
  makeDir(dir: string): Promise<void>;
  /** Makes creations in a folder durable. */
  syncDir(dir: string): Promise<void>;
  /** The text of a small file; null when there is none. */
  readWhole(path: string): Promise<string | null>;
  /** The file has the old text or the new one, whatever happens, and the new one durably afterwards. */
  replace(path: string, text: string): Promise<void>;
  /** Removes a file, if there is one, durably. */
  remove(path: string): Promise<void>;
  /** Renames `draft` to `path`, durably. It gets the mode and, if that may be, owner of what was there. */
  takePlace(draft: string, path: string): Promise<void>;
}

const FILE_MODE = 0o600;
const DIR_MODE = 0o700;

/** Behind a line's end, so that whoever cuts the file between two pieces (copytruncate) cuts no line. */
function pieceEnd(bytes: Buffer, start: number): number {
  if (bytes.length - start <= LOG_PIECE_BYTES_MAX) return bytes.length;
  const most = start + LOG_PIECE_BYTES_MAX;
  const lineEnd = bytes.lastIndexOf('\n', most - 1) + 1;
  return lineEnd > start ? lineEnd : most;
}

class RealLogFile implements LogFile {
  readonly inode: string;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, inode: string) {
    this.#handle = handle;
    this.inode = inode;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }

  async append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const piece = pieceEnd(bytes, done) - done;
      done += (await this.#handle.write(bytes, done, piece, null)).bytesWritten;
      if (done < bytes.length) await this.#handle.datasync();
    }
  }

  async truncate(length: number): Promise<void> {
    await this.#handle.truncate(length);
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function statOf(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export const realLogFiles: LogFiles = {
  async open(path, flags) {
    const handle = await open(path, flags, FILE_MODE);
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw new Error(`${path} is no regular file`);
      return new RealLogFile(handle, String(stats.ino));
    } catch (error) {
      await handle.close();
      throw error;
    }
  },

  async inode(path) {
    const stats = await statOf(path);
    return stats && String(stats.ino);
  },

  async isRegular(path) {
    return (await statOf(path))?.isFile() ?? null;
  },

  async list(dir) {
    try {
      return await readdir(dir);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async makeDir(dir) {
    await mkdir(dir, { recursive: true, mode: DIR_MODE });
  },

  async syncDir(dir) {
    const handle = await open(dir, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async readWhole(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },

  async replace(path, text) {
    const draft = `${path}.new`;
    const handle = await open(draft, 'w', FILE_MODE);
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
    await this.syncDir(dirname(path));
  },

  async remove(path) {
    await rm(path, { force: true });
    await this.syncDir(dirname(path));
  },

  async takePlace(draft, path) {
    const { mode, uid, gid } = await stat(path);
    // Only root may give a file away; another's group is kept where it is one of ours.
    await chown(draft, uid, gid).catch(() => undefined);
    await chmod(draft, mode & 0o777);
    await rename(draft, path);
    await this.syncDir(dirname(path));
  },
};
