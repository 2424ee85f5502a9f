// Reads a slot from a position on: whole batches only, from one segment into the next, past damage, from
// the archive where a segment is no longer in the journal. It changes nothing and needs no lock.

import { join } from 'node:path';
import { BATCH_BYTES_MAX } from '../limits.ts';
import { type FileSystem, realFileSystem } from './filesystem.ts';
import {
  BATCH_HEADER_BYTES,
  isSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
} from './format.ts';
import {
  type Damage,
  JOURNAL_START,
  type Position,
  type Reading,
  type RecordBatch,
} from './journal.ts';
import { LiveEnds } from './live-end.ts';
import {
  type JournalDirs,
  listAllSegments,
  listSegments,
  listSlots,
  openSegment,
  type SegmentBytes,
  storedBytes,
} from './places.ts';
import { type Scan, scanBatches } from './scan.ts';

/** Less could not hold one whole batch, and a reader would never get past it. */
const READ_BYTES_MIN = BATCH_BYTES_MAX + BATCH_HEADER_BYTES;

export class JournalReader {
  readonly #dirs: JournalDirs;
  readonly #fs: FileSystem;
  readonly #ends = new LiveEnds();
  /** The segment that was read last: an archived one is decompressed once, not at every read. */
  #open: { slot: string; segment: number; bytes: SegmentBytes } | null = null;

  constructor(dirs: JournalDirs, fs: FileSystem = realFileSystem) {
    this.#dirs = dirs;
    this.#fs = fs;
  }

  /** Every slot that has events, in the journal or the archive. */
  async slots(): Promise<string[]> {
    return await listSlots(this.#fs, this.#dirs);
  }

  /**
   * The end of a slot as it is now: everything acknowledged before stands before it. Null: nothing there.
   */
  async end(slot: string): Promise<Position | null> {
    const segments = await listAllSegments(this.#fs, this.#dirs, slot);
    const segment = segments.at(-1);
    if (segment === undefined) return null;
    const live = await this.#liveEnd(slot, segment);
    if (live !== null) return { segment, offset: live };
    const bytes = await openSegment(this.#fs, this.#dirs, slot, segment);
    // Retention took it meanwhile: there is nothing in it to be read.
    if (bytes === null) return { segment, offset: 0 };
    try {
      return { segment, offset: await bytes.size() };
    } finally {
      await bytes.close();
    }
  }

  /** The offset behind the last batch of a segment in the journal; null when it is not there. */
  async #liveEnd(slot: string, segment: number): Promise<number | null> {
    const path = join(this.#dirs.journalDir, slot, segmentFileName(segment));
    const live = await this.#fs.stat(path);
    const bytes = live === null ? null : await openSegment(this.#fs, this.#dirs, slot, segment);
    if (bytes === null) return null;
    try {
      return await this.#ends.of(bytes, slot, segment);
    } finally {
      await bytes.close();
    }
  }

  /**
   * The batches behind `from` (null: from the first segment that is left), about `bytesMax` bytes of them.
   * Goes on into later segments until it has a batch or is caught up. Rejects with an errno error when the
   * disk cannot be read; nothing is skipped by that.
   *
   * `next` never stands in a segment from which nothing was read yet. Such a segment may still vanish
   * (its creation failed, or the power went before its folder was synced), and its successor in time may
   * then have a smaller number: a reader that stood in it already would miss everything.
   */
  async read(slot: string, from: Position | null, bytesMax: number): Promise<Reading> {
    // Listed BEFORE bytes are read: a segment that has a successor by now has ended.
    const segments = await this.#segmentsFrom(slot, from);
    const damage: Damage[] = [];
    let next = from ?? JOURNAL_START;
    let position = startOf(segments, from);
    while (position !== null) {
      const { segment } = position;
      const successor = segments.find((later) => later > segment);
      const step = await this.#readSegment(slot, position, bytesMax, successor !== undefined);
      const { batches, ended } = step;
      damage.push(...step.damage);
      if (batches.length > 0 || step.damage.length > 0 || segment === from?.segment)
        next = step.next;
      else await this.close();
      const caughtUp = ended && successor === undefined;
      if (batches.length > 0 || !ended || caughtUp) return { batches, next, damage, caughtUp };
      position = successor === undefined ? null : { segment: successor, offset: 0 };
    }
    return { batches: [], next, damage, caughtUp: true };
  }

  /**
   * What lies behind `from` (null: everything that is left) in files: their bytes, those of an archived
   * segment as it is compressed, and how many segments begin behind it.
   */
  async behind(slot: string, from: Position | null): Promise<{ bytes: number; segments: number }> {
    let bytes = 0;
    let segments = 0;
    const all = await this.#segmentsFrom(slot, from);
    for (const segment of all) {
      const isFirst = segment === from?.segment;
      if (from !== null && segment < from.segment) continue;
      // Only the last one can have room.
      const live = segment === all.at(-1) ? await this.#liveEnd(slot, segment) : null;
      const size = live ?? (await storedBytes(this.#fs, this.#dirs, slot, segment));
      bytes += Math.max(0, size - (isFirst ? from.offset : 0));
      if (!isFirst) segments++;
    }
    return { bytes, segments };
  }

  /** Lets the file go that is kept open between reads. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.bytes.close();
  }

  /**
   * The archive may hold thousands of segments: it is listed only when the journal does not have `from`.
   */
  async #segmentsFrom(slot: string, from: Position | null): Promise<number[]> {
    const live = await listSegments(this.#fs, this.#dirs, this.#dirs.journalDir, slot);
    if (from !== null && live.includes(from.segment)) return live;
    return await listAllSegments(this.#fs, this.#dirs, slot);
  }

  async #readSegment(
    slot: string,
    from: Position,
    bytesMax: number,
    complete: boolean,
  ): Promise<{
    batches: readonly RecordBatch[];
    damage: Damage[];
    next: Position;
    ended: boolean;
  }> {
    const { segment } = from;
    const bytes = await this.#segment(slot, segment);
    // Gone between listing and opening: retention took it, so there is nothing left to read in it.
    if (bytes === null) return { batches: [], damage: [], next: from, ended: true };
    const size = complete ? await bytes.size() : await this.#ends.of(bytes, slot, segment);
    const damage = from.offset === 0 ? await headerDamage(bytes, slot, segment, size) : [];
    const offset = Math.max(from.offset, SEGMENT_HEADER_BYTES);
    const length = Math.min(Math.max(bytesMax, READ_BYTES_MIN), Math.max(0, size - offset));
    const scan = scanBatches(await bytes.read(offset, length), offset, slot, segment);
    if (offset + length < size) {
      if (scan.tail === 'none' || scan.tail === 'cut') return step(scan, damage, segment, false);
      // Bad bytes, or zeros, up to the end of what was read: what follows them lies further on.
      const rest = scanBatches(
        await bytes.read(scan.end, size - scan.end),
        scan.end,
        slot,
        segment,
      );
      const batches = [...scan.batches, ...rest.batches];
      const all = { ...rest, batches, damage: [...scan.damage, ...rest.damage] };
      return step(withTail(all, size, complete, slot, segment), damage, segment, true);
    }
    return step(withTail(scan, size, complete, slot, segment), damage, segment, true);
  }

  async #segment(slot: string, segment: number): Promise<SegmentBytes | null> {
    if (this.#open?.slot === slot && this.#open.segment === segment) return this.#open.bytes;
    await this.close();
    const bytes = await openSegment(this.#fs, this.#dirs, slot, segment);
    if (bytes !== null) this.#open = { slot, segment, bytes };
    return bytes;
  }
}

function startOf(segments: readonly number[], from: Position | null): Position | null {
  if (from !== null && segments.includes(from.segment)) return from;
  const next = segments.find((segment) => from === null || segment > from.segment);
  return next === undefined ? null : { segment: next, offset: 0 };
}

function step(scan: Scan, damage: Damage[], segment: number, ended: boolean) {
  const next = { segment, offset: scan.end };
  return { batches: scan.batches, damage: [...damage, ...scan.damage], next, ended };
}

/** Bytes behind the last batch of a segment that nobody writes any more were a batch once. */
function withTail(
  scan: Scan,
  size: number,
  complete: boolean,
  slot: string,
  segment: number,
): Scan {
  if (!complete || scan.tail === 'none') return scan;
  const reason = scan.sealed ? 'bytes behind the seal' : 'the last batch is not whole';
  const damage = [...scan.damage, { slot, segment, from: scan.end, to: size, reason }];
  return { ...scan, damage, end: size };
}

async function headerDamage(
  bytes: SegmentBytes,
  slot: string,
  segment: number,
  size: number,
): Promise<Damage[]> {
  if (bytes.damage !== null) return [{ slot, segment, from: 0, to: 0, reason: bytes.damage }];
  // A segment without any batch may be one that is being created, or whose creator died just then.
  if (size <= SEGMENT_HEADER_BYTES) return [];
  if (isSegmentHeader(await bytes.read(0, SEGMENT_HEADER_BYTES), segment)) return [];
  return [
    { slot, segment, from: 0, to: SEGMENT_HEADER_BYTES, reason: 'segment header is damaged' },
  ];
}
