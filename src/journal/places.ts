// Where segments lie: in the journal, in the archive or set aside. Readers and the keeper find them through
// this, so that nobody cares whether a segment was archived since.

import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { archiveDir, corruptDir, journalDir } from '../config/paths.ts';
import { type FileSystem, isMissing } from './filesystem.ts';
import { segmentFileName, segmentOfFileName } from './format.ts';

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
  size(): Promise<number>;
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

const decompress = promisify(zstdDecompress);

export const archiveFileName = (segment: number): string => `${segmentFileName(segment)}.zst`;

/** The numbers of the segments in one slot's folder, ascending. */
export async function listSegments(fs: FileSystem, dir: string, slot: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await fs.list(join(dir, slot))) {
    const segment = segmentOfFileName(name);
    if (segment !== null) numbers.push(segment);
  }
  return numbers;
}

/** The numbers of a slot's segments wherever they lie, ascending and each once. */
export async function listAllSegments(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
): Promise<number[]> {
  const places = [dirs.journalDir, dirs.archiveDir, dirs.corruptDir];
  const lists = await Promise.all(places.map((dir) => listSegments(fs, dir, slot)));
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
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
    if (file !== null) return file;
  }
  const archived = await readArchived(fs, join(dirs.archiveDir, slot, archiveFileName(segment)));
  return archived === null ? null : new BytesInMemory(archived);
}

async function readArchived(fs: FileSystem, path: string): Promise<Buffer | null> {
  const file = await missingAsNull(fs.open(path, 'read'));
  if (file === null) return null;
  try {
    return await decompress(await file.read(0, await file.size()));
  } finally {
    await file.close();
  }
}

class BytesInMemory implements SegmentBytes {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
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
