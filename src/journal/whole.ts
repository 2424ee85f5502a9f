// A segment's file as a whole: read at once, and replaced so that it has the old bytes or the new ones
// whatever happens. For what is closed: the archive, and segments that are edited.

import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { FileSystem } from './filesystem.ts';

const compress = promisify(zstdCompress);
/** With a checksum of the whole, so that damage is damage and not other bytes. */
const COMPRESSION = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const UNFINISHED = '.tmp';

/** A segment's bytes as the archive has them. */
export async function compressSegment(bytes: Buffer): Promise<Buffer> {
  return await compress(bytes, COMPRESSION);
}

/** Rejects with errno errors. */
export async function readWhole(fs: FileSystem, path: string): Promise<Buffer> {
  const file = await fs.open(path, 'read');
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

/**
 * The file has exactly these bytes, durably, once this resolves. With `modifiedMs` it counts as last changed
 * then. Rejects with errno errors.
 */
export async function writeWhole(
  fs: FileSystem,
  path: string,
  bytes: Buffer,
  modifiedMs: number | null = null,
): Promise<void> {
  const unfinished = path + UNFINISHED;
  await fs.remove(unfinished);
  const file = await fs.create(unfinished);
  try {
    await file.write(bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  if (modifiedMs !== null) await fs.setModified(unfinished, modifiedMs);
  await fs.rename(unfinished, path);
  await fs.syncDir(dirname(path));
}

/** Whether a file is what a crash left of {@link writeWhole}. */
export const isUnfinished = (name: string): boolean => name.endsWith(UNFINISHED);
