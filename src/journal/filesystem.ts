// The file system as the journal sees it: a port, so that a model test can tear writes, fail an fsync and
// fill the disk. The real one below is Node's, by descriptor and callback: no FileHandle, which costs twice
// the time.

import * as fs from 'node:fs';
import { constants } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tryLock } from 'fs-native-extensions';

/** An open file. All methods reject with Node's errno errors. */
export interface JournalFile {
  /** Writes all of `bytes` at `position`. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** What was written is durable once this resolves. After a rejection nothing is known about it. */
  datasync(): Promise<void>;
  /** Up to `length` bytes from `position`; fewer only at the file's end. */
  read(position: number, length: number): Promise<Buffer>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Held until released or until the process ends, however it ends. */
export interface Lock {
  release(): void;
}

export interface FileSystem {
  /** A new file for reading and writing; rejects with EEXIST when there is one. */
  create(path: string): Promise<JournalFile>;
  /** An existing file for reading, or for both; rejects with ENOENT when there is none. */
  open(path: string, mode: 'read' | 'read-write'): Promise<JournalFile>;
  /** Names in a folder, sorted; none when there is no such folder. */
  list(dir: string): Promise<string[]>;
  /** Creates the folder and those above it (mode 0700), durably. */
  makeDir(dir: string): Promise<void>;
  /** Makes creations, renames and removals in `dir` durable. */
  syncDir(dir: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Bytes of a file and its last change in milliseconds since 1970; null when there is none. */
  stat(path: string): Promise<{ size: number; modifiedMs: number } | null>;
  /** Sets a file's last change, for one that takes another's place and is to be kept as long. */
  setModified(path: string, modifiedMs: number): Promise<void>;
  /** Bytes that an ordinary user may still write on the disk of `dir`. */
  freeBytes(dir: string): Promise<number>;
  /** An exclusive lock on a file, which is created; null when another holds it. */
  lock(path: string): Lock | null;
}

const open = promisify(fs.open);
const write = promisify(fs.write) as unknown as (
  fd: number,
  bytes: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesWritten: number }>;
const read = promisify(fs.read) as unknown as (
  fd: number,
  bytes: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const fstat = promisify(fs.fstat);
const ftruncate = promisify(fs.ftruncate);
const close = promisify(fs.close);

const FILE_MODE = 0o600;
const DIR_MODE = 0o700;

class RealFile implements JournalFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async write(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await write(
        this.#fd,
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      done += bytesWritten;
    }
  }

  async datasync(): Promise<void> {
    await fdatasync(this.#fd);
  }

  async read(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await read(this.#fd, bytes, done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }

  async size(): Promise<number> {
    return (await fstat(this.#fd)).size;
  }

  async truncate(length: number): Promise<void> {
    await ftruncate(this.#fd, length);
  }

  async close(): Promise<void> {
    await close(this.#fd);
  }
}

export const realFileSystem: FileSystem = {
  async create(path) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    return new RealFile(await open(path, flags, FILE_MODE));
  },

  async open(path, mode) {
    return new RealFile(await open(path, mode === 'read' ? constants.O_RDONLY : constants.O_RDWR));
  },

  async list(dir) {
    try {
      return (await readdir(dir)).toSorted();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async makeDir(dir) {
    const first = await mkdir(dir, { recursive: true, mode: DIR_MODE });
    if (first === undefined) return;
    for (let made = dir; ; made = join(made, '..')) {
      await this.syncDir(join(made, '..'));
      if (made === first || made === '/') return;
    }
  },

  async syncDir(dir) {
    const fd = await open(dir, constants.O_RDONLY);
    try {
      await fsync(fd);
    } finally {
      await close(fd);
    }
  },

  async rename(from, to) {
    await rename(from, to);
  },

  async remove(path) {
    await rm(path, { force: true });
  },

  async stat(path) {
    try {
      const stats = await promisify(fs.stat)(path);
      return { size: stats.size, modifiedMs: stats.mtimeMs };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },

  async setModified(path, modifiedMs) {
    await utimes(path, modifiedMs / 1_000, modifiedMs / 1_000);
  },

  async freeBytes(dir) {
    const stats = await statfs(dir);
    return stats.bavail * stats.bsize;
  },

  lock(path) {
    const fd = fs.openSync(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
    if (tryLock(fd)) return { release: () => fs.closeSync(fd) };
    fs.closeSync(fd);
    return null;
  },
};

/** Whether an error says that there is no room for so much. */
export function isFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

/** Whether an error says that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
