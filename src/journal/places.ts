// Where segments lie: in the journal, in the archive or set aside. Readers and the keeper find them through
// this, so that nobody cares whether a segment was archived since.

import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { archiveDir, corruptDir, journalDir } from '../config/paths.ts';
import { type FileSystem, isMissing, type JournalFile } from './filesystem.ts';
import { ARCHIVE_ENDING, segmentFileName, segmentOfFileName } from './format.ts';

export interface JournalDirs {
  readonly journalDir: string;
  readonly archiveDir: string;
  readonly corruptDir: string;
}

export function journalDirs(dataDir: string): JournalDirs {
  return {
    journalDir: journalDir(dataDir),
    archiveDir: archiveDir(dataDir),
    corruptDir: corruptDir(dataDir),
  };
}

/** The bytes of one segment, wherever they lie. */
export interface SegmentBytes {
  /** Why nothing of it can be read though it is there, which has then no bytes; null as a rule. */
  readonly damage: string | null;
  size(): Promise<number>;
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

const decompress = promisify(zstdDecompress);

export const archiveFileName = (segment: number): string =>
  segmentFileName(segment) + ARCHIVE_ENDING;

/** The numbers of the segments in one slot's folder of `dir`, ascending. */
export async function listSegments(
  fs: FileSystem,
  dirs: JournalDirs,
  dir: string,
  slot: string,
): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await fs.list(join(dir, slot))) {
    const segment = segmentOfFileName(name, endingIn(dirs, dir));
    if (segment !== null) numbers.push(segment);
  }
  return numbers;
}

/** How a segment's file name ends in one of the three places. */
export const endingIn = (dirs: JournalDirs, dir: string): '' | typeof ARCHIVE_ENDING =>
  dir === dirs.archiveDir ? ARCHIVE_ENDING : '';

/** The numbers of a slot's segments wherever they lie, ascending and each once. */
export async function listAllSegments(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
): Promise<number[]> {
  const places = [dirs.journalDir, dirs.archiveDir, dirs.corruptDir];
  const lists = await Promise.all(places.map((dir) => listSegments(fs, dirs, dir, slot)));
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}

/** The size of a segment's file wherever it lies; 0 when it is gone. */
export async function storedBytes(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  segment: number,
): Promise<number> {
  for (const dir of [dirs.journalDir, dirs.corruptDir, dirs.archiveDir]) {
    const stats = await fs.stat(join(dir, slot, segmentFileName(segment) + endingIn(dirs, dir)));
    if (stats !== null) return stats.size;
  }
  return 0;
}

/** Every slot that has left something anywhere, sorted. */
export async function listSlots(fs: FileSystem, dirs: JournalDirs): Promise<string[]> {
  const places = [dirs.journalDir, dirs.archiveDir, dirs.corruptDir];
  const lists = await Promise.all(places.map((dir) => fs.list(dir)));
  return [...new Set(lists.flat())].filter((name) => /^[a-z]+-\d+$/.test(name)).toSorted();
}

/**
 * Opens a segment in the journal, else among those set aside, else from the archive; null when it is gone.
 */
export async function openSegment(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  segment: number,
): Promise<SegmentBytes | null> {
  const name = segmentFileName(segment);
  for (const dir of [dirs.journalDir, dirs.corruptDir]) {
    const file = await missingAsNull(fs.open(join(dir, slot, name), 'read'));
    if (file !== null) return new BytesOnDisk(file);
  }
  return await openArchived(fs, join(dirs.archiveDir, slot, archiveFileName(segment)));
}

async function openArchived(fs: FileSystem, path: string): Promise<SegmentBytes | null> {
  const file = await missingAsNull(fs.open(path, 'read'));
  if (file === null) return null;
  const bytes = new BytesOnDisk(file);
  try {
    const compressed = await bytes.read(0, await bytes.size());
    return new BytesInMemory(await decompress(compressed), null);
  } catch (error) {
    // One archived segment that is damaged must not keep a rebuild from all the others.
    const reason = error instanceof Error ? error.message : String(error);
    return new BytesInMemory(Buffer.alloc(0), `the archived segment cannot be read: ${reason}`);
  } finally {
    await bytes.close();
  }
}

/**
 * What a bad sector takes along: a disk is read in blocks of this size when it does not give them at
 * once.
 */
const BLOCK_BYTES = 4_096;

/** A bad sector reads as zeros here, which is no valid batch: so it is damage like any other. */
class BytesOnDisk implements SegmentBytes {
  readonly damage = null;
  readonly #file: JournalFile;

  constructor(file: JournalFile) {
    this.#file = file;
  }

  async size(): Promise<number> {
    return await this.#file.size();
  }

  async read(position: number, length: number): Promise<Buffer> {
    try {
      return await this.#file.read(position, length);
    } catch (error) {
      if (!isBadSector(error)) throw error;
      return await this.#readAround(position, length);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #readAround(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(length, Math.max(0, (await this.size()) - position)));
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      try {
        (await this.#file.read(position + at, Math.min(BLOCK_BYTES, bytes.length - at))).copy(
          bytes,
          at,
        );
      } catch (error) {
        if (!isBadSector(error)) throw error;
      }
    }
    return bytes;
  }
}

function isBadSector(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}

class BytesInMemory implements SegmentBytes {
  readonly damage: string | null;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, damage: string | null) {
    this.#bytes = bytes;
    this.damage = damage;
  }

  async size(): Promise<number> {
    return this.#bytes.length;
  }

  async read(position: number, length: number): Promise<Buffer> {
    return this.#bytes.subarray(position, position + length);
  }

  async close(): Promise<void> {
    // Nothing is held but memory.
  }
}

async function missingAsNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
