// What a new writer of a slot does first: what stands behind the last whole batch of a segment is cut
// off, kept and judged, and the last segment is sealed. One batch is in flight at a time, so what a crash
// tears was never acknowledged; more than that is damage.

import { join } from 'node:path';
import type { Logger } from '../telemetry/log.ts';
import type { FileSystem, JournalFile } from './filesystem.ts';
import {
  BATCH_HEADER_BYTES,
  batchAt,
  claimedBatchBytes,
  encodeSeal,
  isSegmentHeader,
  nextBatchMagic,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
  TAIL_MARK,
  withoutRoom,
} from './format.ts';
import { type JournalDirs, listSegments } from './places.ts';
import { scanSegment } from './scan.ts';

/**
 * Completes the segments of a slot whose lock the caller holds. Never rejects for a segment that cannot
 * be read or written: it is logged and left as it is, since a new segment does not need it and readers
 * get along.
 */
export async function recoverSlot(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  log: Logger,
): Promise<void> {
  const segments = await listSegments(fs, dirs, dirs.journalDir, slot);
  for (const segment of segments) {
    try {
      await recoverSegment(fs, dirs, { slot, segment, isLast: segment === segments.at(-1) }, log);
    } catch (error) {
      log.error(
        { slot, segment, err: error },
        'a segment of an earlier run could not be completed',
      );
    }
  }
}

interface Target {
  readonly slot: string;
  readonly segment: number;
  readonly isLast: boolean;
}

async function recoverSegment(
  fs: FileSystem,
  dirs: JournalDirs,
  target: Target,
  log: Logger,
): Promise<void> {
  const { slot, segment, isLast } = target;
  const path = join(dirs.journalDir, slot, segmentFileName(segment));
  const file = await fs.open(path, 'read-write');
  try {
    if (await isSealed(file, segment)) return;
    const found = await scanWhole(file, target);
    if (found.stillborn) {
      await fs.remove(path);
      return;
    }
    if (found.tail.length > 0) await cutTail(fs, dirs, file, found, log);
    else if (found.hasRoom) await truncate(file, found.end);
    // Its writer died between the seal and the cut.
    if (found.sealed) return;
    // An earlier one without a tail was given up after a failure: its successor says that it is complete.
    if (isLast) await sealEnd(file, found);
  } finally {
    await file.close();
  }
}

async function isSealed(file: JournalFile, segment: number): Promise<boolean> {
  const at = (await file.size()) - BATCH_HEADER_BYTES;
  if (at < SEGMENT_HEADER_BYTES) return false;
  return batchAt(await file.read(at, BATCH_HEADER_BYTES), 0, segment, at).found === 'seal';
}

interface UnsealedSegment extends Target {
  readonly writer: Buffer;
  /** Where the last whole batch ends. */
  readonly end: number;
  readonly sealed: boolean;
  /** What stands behind it, without room ahead. */
  readonly tail: Buffer;
  /** Nothing else stands behind it. */
  readonly hasRoom: boolean;
  /** Its creator died before the header was durable, so before anything could be acknowledged in it. */
  readonly stillborn: boolean;
}

async function scanWhole(file: JournalFile, target: Target): Promise<UnsealedSegment> {
  const { slot, segment } = target;
  const bytes = await file.read(0, await file.size());
  const { batches, end, sealed } = scanSegment(bytes, slot, segment);
  const born = isSegmentHeader(bytes, segment);
  const writer = born
    ? Buffer.from(bytes.subarray(16, 24))
    : Buffer.from(batches[0]?.writer ?? '0'.repeat(16), 'hex');
  const tail = withoutRoom(bytes.subarray(Math.min(end, bytes.length)));
  const hasRoom = tail.length === 0 && end < bytes.length;
  const stillborn = !born && batches.length === 0 && !holdsSeveral(tail, segment, end);
  return { ...target, writer, end, sealed, tail, hasRoom, stillborn };
}

/**
 * Whether a tail is more than the one batch that a crash can tear: then acknowledged hits are damaged in
 * it.
 */
function holdsSeveral(tail: Buffer, segment: number, end: number): boolean {
  const first = claimedBatchBytes(tail, 0, segment, end);
  if (first > 0 && tail.length > first) return true;
  for (let at = nextBatchMagic(tail, 1); at >= 0; at = nextBatchMagic(tail, at + 1)) {
    if (claimedBatchBytes(tail, at, segment, end + at) > 0) return true;
  }
  return false;
}

async function cutTail(
  fs: FileSystem,
  dirs: JournalDirs,
  file: JournalFile,
  { slot, segment, end, tail }: UnsealedSegment,
  log: Logger,
): Promise<void> {
  const dir = join(dirs.corruptDir, slot);
  const kept = join(dir, segmentFileName(segment) + TAIL_MARK + end);
  const facts = { slot, segment, from: end, bytes: tail.length, kept };
  if (holdsSeveral(tail, segment, end)) {
    log.error(facts, 'several batches at a segment’s end are damaged: acknowledged hits are lost');
    // Without a copy it stays where it is.
    await keepCopy(fs, dir, kept, tail);
  } else {
    log.warn(
      facts,
      'cut what was no whole batch: torn by a crash and never acknowledged, or damaged',
    );
    await keepCopy(fs, dir, kept, tail).catch((error: unknown) => {
      log.warn({ ...facts, err: error }, 'no copy of it could be kept');
    });
  }
  await truncate(file, end);
}

async function truncate(file: JournalFile, end: number): Promise<void> {
  await file.truncate(end);
  await file.datasync();
}

async function keepCopy(fs: FileSystem, dir: string, path: string, tail: Buffer): Promise<void> {
  await fs.makeDir(dir);
  await fs.remove(path);
  const copy = await fs.create(path);
  try {
    await copy.write(tail, 0);
    await copy.datasync();
  } finally {
    await copy.close();
  }
  await fs.syncDir(dir);
}

async function sealEnd(file: JournalFile, found: UnsealedSegment): Promise<void> {
  const { writer, segment, end } = found;
  try {
    await file.write(encodeSeal({ writer, segment, offset: end }), end);
    await file.datasync();
  } catch (error) {
    // A torn seal would look like damage once the segment has a successor.
    await file.truncate(end);
    throw error;
  }
}
