// What an operator may ask of a journal on disk, with or without a server running: is it sound, and what is
// in it.

import { join } from 'node:path';
import { decodeRecords } from '../hit/encoding.ts';
import type { Recorded } from '../hit/event.ts';
import { type FileSystem, realFileSystem } from './filesystem.ts';
import {
  isSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
  TAIL_MARK,
  withoutRoom,
} from './format.ts';
import type { Damage } from './journal.ts';
import { LiveEnds } from './live-end.ts';
import {
  type JournalDirs,
  listAllSegments,
  listSegments,
  listSlots,
  openSegment,
} from './places.ts';
import { scanSegment } from './scan.ts';

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
    const live = await listSegments(fs, dirs, dirs.journalDir, slot);
    for (const segment of await listAllSegments(fs, dirs, slot)) {
      const place = live.includes(segment) ? 'journal' : await placeOf(fs, dirs, slot, segment);
      const newest = segment === live.at(-1);
      const whole = await wholeSegment(fs, dirs, { slot, segment, newest });
      if (whole !== null) yield report(whole, slot, segment, place, newest);
    }
  }
}

/** What recoveries have cut off behind last whole batches and kept: path and bytes. */
export async function* tailsSetAside(
  dirs: JournalDirs,
  fs: FileSystem = realFileSystem,
): AsyncGenerator<{ readonly path: string; readonly bytes: number }> {
  for (const slot of await listSlots(fs, dirs)) {
    for (const name of await fs.list(join(dirs.corruptDir, slot))) {
      if (!name.includes(TAIL_MARK)) continue;
      const path = join(dirs.corruptDir, slot, name);
      yield { path, bytes: (await fs.stat(path))?.size ?? 0 };
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
    const live = await listSegments(fs, dirs, dirs.journalDir, slot);
    for (const segment of await listAllSegments(fs, dirs, slot)) {
      if (only.segment !== undefined && only.segment !== segment) continue;
      const newest = segment === live.at(-1);
      const whole = await wholeSegment(fs, dirs, { slot, segment, newest });
      if (whole === null) continue;
      for (const batch of scanSegment(whole.bytes, slot, segment).batches) {
        const events: Recorded[] = [];
        decodeRecords(batch, (recorded) => events.push(recorded));
        yield events;
      }
    }
  }
}

function report(
  { bytes, behind, unreadable }: WholeSegment,
  slot: string,
  segment: number,
  place: SegmentReport['place'],
  newest: boolean,
): SegmentReport {
  const scan = scanSegment(bytes, slot, segment);
  const damage = [...scan.damage];
  const damaged = (from: number, to: number, reason: string): void => {
    damage.push({ slot, segment, from, to, reason });
  };
  if (unreadable !== null) damaged(0, 0, unreadable);
  if (scan.batches.length > 0 && !isSegmentHeader(bytes, segment)) {
    damaged(0, SEGMENT_HEADER_BYTES, 'segment header is damaged');
  }
  const unfinished = scan.tail === 'none' ? behind : Math.max(0, bytes.length - scan.end);
  if (unfinished > 0 && (!newest || scan.sealed)) {
    damaged(scan.end, bytes.length, 'the last batch is not whole');
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

interface WholeSegment {
  /** Of the newest one as far as it is written, of any other the whole file. */
  readonly bytes: Buffer;
  /** What stands behind them, without room ahead. */
  readonly behind: number;
  /** Why there are no bytes though there is a segment; null as a rule. */
  readonly unreadable: string | null;
}

async function wholeSegment(
  fs: FileSystem,
  dirs: JournalDirs,
  { slot, segment, newest }: { slot: string; segment: number; newest: boolean },
): Promise<WholeSegment | null> {
  try {
    const source = await openSegment(fs, dirs, slot, segment);
    if (source === null) return null;
    try {
      const size = await source.size();
      const end = newest ? await new LiveEnds().of(source, slot, segment) : size;
      const bytes = await source.read(0, end);
      const behind = withoutRoom(await source.read(end, size - end)).length;
      return { bytes, behind, unreadable: source.damage };
    } finally {
      await source.close();
    }
  } catch (error) {
    const unreadable = error instanceof Error ? error.message : String(error);
    return { bytes: Buffer.alloc(0), behind: 0, unreadable };
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
