// What an operator may ask of a journal on disk, with or without a server running: is it sound, and what is
// in it.

import { join } from 'node:path';
import { decodeRecords } from '../hit/encoding.ts';
import type { Recorded } from '../hit/event.ts';
import { type FileSystem, realFileSystem } from './filesystem.ts';
import { isSegmentHeader, SEGMENT_HEADER_BYTES, segmentFileName } from './format.ts';
import type { Damage } from './journal.ts';
import {
  type JournalDirs,
  listAllSegments,
  listSegments,
  listSlots,
  openSegment,
} from './places.ts';
import { scanBatches } from './scan.ts';

export interface SegmentReport {
  readonly slot: string;
  readonly segment: number;
  readonly place: 'journal' | 'archive' | 'corrupt';
  readonly bytes: number;
  readonly batches: number;
  readonly records: number;
  /**
   * `sealed`: complete. `open`: the newest of its slot, perhaps being written. `cut off`: its writer died
   * or gave it up after a failure; everything acknowledged is there.
   */
  readonly state: 'sealed' | 'open' | 'cut off';
  /** Bytes behind the last whole batch: a batch being written, or one that was torn. */
  readonly unfinished: number;
  readonly damage: readonly Damage[];
}

/** Checks every checksum of every segment, one report each. Rejects with errno errors. */
export async function* verifyJournal(
  dirs: JournalDirs,
  fs: FileSystem = realFileSystem,
): AsyncGenerator<SegmentReport> {
  for (const slot of await listSlots(fs, dirs)) {
    const live = await listSegments(fs, dirs.journalDir, slot);
    for (const segment of await listAllSegments(fs, dirs, slot)) {
      const bytes = await wholeSegment(fs, dirs, slot, segment);
      if (bytes === null) continue;
      const place = live.includes(segment) ? 'journal' : await placeOf(fs, dirs, slot, segment);
      yield report(bytes, slot, segment, place, segment === live.at(-1));
    }
  }
}

/** The events of every segment, or of one slot, or of one segment, in their order. */
export async function* journalEvents(
  dirs: JournalDirs,
  only: { readonly slot?: string; readonly segment?: number },
  fs: FileSystem = realFileSystem,
): AsyncGenerator<Recorded[]> {
  for (const slot of await listSlots(fs, dirs)) {
    if (only.slot !== undefined && only.slot !== slot) continue;
    for (const segment of await listAllSegments(fs, dirs, slot)) {
      if (only.segment !== undefined && only.segment !== segment) continue;
      const bytes = await wholeSegment(fs, dirs, slot, segment);
      if (bytes === null) continue;
      for (const batch of scanBatches(afterHeader(bytes), SEGMENT_HEADER_BYTES, slot, segment)
        .batches) {
        const events: Recorded[] = [];
        decodeRecords(batch, (recorded) => events.push(recorded));
        yield events;
      }
    }
  }
}

const afterHeader = (bytes: Buffer): Buffer =>
  bytes.subarray(Math.min(SEGMENT_HEADER_BYTES, bytes.length));

function report(
  bytes: Buffer,
  slot: string,
  segment: number,
  place: SegmentReport['place'],
  newest: boolean,
): SegmentReport {
  const scan = scanBatches(afterHeader(bytes), SEGMENT_HEADER_BYTES, slot, segment);
  const damage = [...scan.damage];
  if (scan.batches.length > 0 && !isSegmentHeader(bytes, segment)) {
    damage.unshift({
      slot,
      segment,
      from: 0,
      to: SEGMENT_HEADER_BYTES,
      reason: 'segment header is damaged',
    });
  }
  const unfinished = Math.max(0, bytes.length - scan.end);
  if (unfinished > 0 && (!newest || scan.sealed)) {
    damage.push({
      slot,
      segment,
      from: scan.end,
      to: bytes.length,
      reason: 'the last batch is not whole',
    });
  }
  return {
    slot,
    segment,
    place,
    bytes: bytes.length,
    batches: scan.batches.length,
    records: scan.batches.reduce((sum, batch) => sum + batch.count, 0),
    state: scan.sealed ? 'sealed' : newest ? 'open' : 'cut off',
    unfinished,
    damage,
  };
}

async function wholeSegment(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  segment: number,
): Promise<Buffer | null> {
  const source = await openSegment(fs, dirs, slot, segment);
  if (source === null) return null;
  try {
    return await source.read(0, await source.size());
  } finally {
    await source.close();
  }
}

async function placeOf(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  segment: number,
): Promise<'archive' | 'corrupt'> {
  const names = await fs.list(join(dirs.corruptDir, slot));
  return names.includes(segmentFileName(segment)) ? 'corrupt' : 'archive';
}
