// What a new writer of a slot does first: every segment that its predecessor left without a seal is scanned,
// its torn tail cut off, and sealed. Nothing that was acknowledged is behind a torn batch.

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

/** Makes every segment of a slot whose lock the caller holds complete. Rejects with errno errors. */
export async function recoverSlot(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  log: Logger,
): Promise<void> {
  for (const segment of await listSegments(fs, dirs.journalDir, slot)) {
    const file = await fs.open(join(dirs.journalDir, slot, segmentFileName(segment)), 'read-write');
    try {
      if (!(await isSealed(file, segment)))
        await completeSegment(fs, dirs, slot, segment, file, log);
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

async function completeSegment(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  segment: number,
  file: JournalFile,
  log: Logger,
): Promise<void> {
  const bytes = await file.read(0, await file.size());
  const payload = bytes.subarray(Math.min(SEGMENT_HEADER_BYTES, bytes.length));
  const scan = scanBatches(payload, SEGMENT_HEADER_BYTES, slot, segment);
  const torn = bytes.length - scan.end;
  if (torn > TORN_BYTES_MAX || scan.damage.length > 0) {
    log.error(
      { slot, segment, torn, damage: scan.damage },
      'segment is damaged; a copy is set aside',
    );
    await copyAside(fs, dirs, slot, segment, bytes);
  } else if (torn > 0) {
    log.warn({ slot, segment, bytes: torn }, 'cut a torn batch that was never acknowledged');
  }
  const header = bytes.subarray(0, SEGMENT_HEADER_BYTES);
  const writer = isSegmentHeader(header, segment)
    ? Buffer.from(header.subarray(16, 24))
    : Buffer.from(scan.batches[0]?.writer ?? '0'.repeat(16), 'hex');
  await file.truncate(scan.end);
  await file.write(encodeSeal({ writer, segment, offset: scan.end }), scan.end);
  await file.datasync();
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
