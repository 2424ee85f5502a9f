// The few file operations that the visit log needs: a port, so that a model test can crash after any of
// them and at any byte of a write.

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises';
import { isMissing } from '../journal/filesystem.ts';

/** An open file. All methods reject with Node's errno errors. */
export interface LogFile {
  readonly inode: string;
  size(): Promise<number>;
  /** Up to `length` bytes from `position`; fewer only at the file's end. */
  read(position: number, length: number): Promise<Buffer>;
  /** Writes all of `bytes` at the file's end. */
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
  /** Names in a folder; none when there is no such folder. */
  list(dir: string): Promise<string[]>;
  /** Creates a folder and those above it, for their owner alone. */
  makeDir(dir: string): Promise<void>;
  /** Makes creations in a folder durable. */
  syncDir(dir: string): Promise<void>;
}

const FILE_MODE = 0o600;
const DIR_MODE = 0o700;

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
      done += (await this.#handle.write(bytes, done, bytes.length - done, null)).bytesWritten;
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

export const realLogFiles: LogFiles = {
  async open(path, flags) {
    const handle = await open(path, flags, FILE_MODE);
    try {
      return new RealLogFile(handle, String((await handle.stat({ bigint: true })).ino));
    } catch (error) {
      await handle.close();
      throw error;
    }
  },

  async inode(path) {
    try {
      return String((await stat(path, { bigint: true })).ino);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
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
};
