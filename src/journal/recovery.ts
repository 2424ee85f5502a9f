// What a new writer of a slot does first: torn tails that its predecessor left are cut off, and the last
// segment is sealed. Nothing that was acknowledged is behind a torn batch.

import { join } from 'node:path';
import { BATCH_BYTES_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FileSystem, JournalFile } from './filesystem.ts';
import {
  BATCH_HEADER_BYTES,
  batchAt,
  encodeSeal,
  isSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
} from './format.ts';
import { type JournalDirs, listSegments } from './places.ts';
import { scanBatches } from './scan.ts';

/** One batch is in flight at a time, so a crash tears no more than this. */
const TORN_BYTES_MAX = BATCH_BYTES_MAX + BATCH_HEADER_BYTES;

/**
 * Completes the segments of a slot whose lock the caller holds. A disk that cannot be written is logged and
 * left as it is, since readers get along with torn tails; rejects with errno errors when it cannot be read.
 */
export async function recoverSlot(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  log: Logger,
): Promise<void> {
  const segments = await listSegments(fs, dirs.journalDir, slot);
  for (const segment of segments) {
    const path = join(dirs.journalDir, slot, segmentFileName(segment));
    const file = await fs.open(path, 'read-write');
    try {
      if (await isSealed(file, segment)) continue;
      const scan = await scanWhole(file, slot, segment);
      if (scan.stillborn) {
        await fs.remove(path);
        continue;
      }
      if (scan.torn > 0) await cutTail(fs, dirs, file, scan, log);
      // An earlier one without a tail was given up after a failure: its successor says that it is complete.
      if (segment === segments.at(-1)) await sealEnd(file, scan, log);
    } finally {
      await file.close();
    }
  }
}

async function isSealed(file: JournalFile, segment: number): Promise<boolean> {
  const at = (await file.size()) - BATCH_HEADER_BYTES;
  if (at < SEGMENT_HEADER_BYTES) return false;
  return batchAt(await file.read(at, BATCH_HEADER_BYTES), 0, segment, at).found === 'seal';
}

interface UnsealedSegment {
  readonly slot: string;
  readonly segment: number;
  readonly bytes: Buffer;
  /** Where the last whole batch ends. */
  readonly end: number;
  /** Bytes behind it. */
  readonly torn: number;
  readonly writer: Buffer;
  readonly damaged: boolean;
  /** Its creator died before the header was durable, so before anything could be acknowledged in it. */
  readonly stillborn: boolean;
}

async function scanWhole(
  file: JournalFile,
  slot: string,
  segment: number,
): Promise<UnsealedSegment> {
  const bytes = await file.read(0, await file.size());
  const payload = bytes.subarray(Math.min(SEGMENT_HEADER_BYTES, bytes.length));
  const { batches, damage, end } = scanBatches(payload, SEGMENT_HEADER_BYTES, slot, segment);
  const born = isSegmentHeader(bytes, segment);
  const writer = born
    ? Buffer.from(bytes.subarray(16, 24))
    : Buffer.from(batches[0]?.writer ?? '0'.repeat(16), 'hex');
  const torn = Math.max(0, bytes.length - end);
  const stillborn = !born && batches.length === 0 && torn <= TORN_BYTES_MAX;
  return { slot, segment, bytes, end, torn, writer, damaged: damage.length > 0, stillborn };
}

async function cutTail(
  fs: FileSystem,
  dirs: JournalDirs,
  file: JournalFile,
  scan: UnsealedSegment,
  log: Logger,
): Promise<void> {
  const { slot, segment, bytes, end, torn, damaged } = scan;
  try {
    if (torn > TORN_BYTES_MAX || damaged) {
      log.error(
        { slot, segment, torn },
        'segment is damaged; a copy is set aside before its tail is cut',
      );
      await copyAside(fs, dirs, slot, segment, bytes);
    } else {
      log.warn({ slot, segment, bytes: torn }, 'cut a torn batch that was never acknowledged');
    }
    await file.truncate(end);
    await file.datasync();
  } catch (error) {
    log.warn(
      { slot, segment, error: String(error) },
      'the torn tail of a segment could not be cut',
    );
  }
}

async function sealEnd(file: JournalFile, scan: UnsealedSegment, log: Logger): Promise<void> {
  const { slot, segment, writer, end } = scan;
  try {
    await file.write(encodeSeal({ writer, segment, offset: end }), end);
    await file.datasync();
  } catch (error) {
    log.warn({ slot, segment, error: String(error) }, 'a segment could not be sealed');
    // A torn seal would look like damage once the segment has a successor.
    await file.truncate(end);
  }
}

async function copyAside(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  segment: number,
  bytes: Buffer,
): Promise<void> {
  const dir = join(dirs.corruptDir, slot);
  await fs.makeDir(dir);
  // Not a segment's name: readers must not take the copy for a second segment.
  const path = join(dir, `${segmentFileName(segment)}.before-recovery`);
  await fs.remove(path);
  const copy = await fs.create(path);
  try {
    await copy.write(bytes, 0);
    await copy.datasync();
  } finally {
    await copy.close();
  }
  await fs.syncDir(dir);
}
