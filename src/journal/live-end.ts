// Where the last batch ends of a segment that may be being written. Its file is longer, as it has room ahead
// (segment.ts), and what stands behind that end may be written while it is read: a read that went further
// could see a batch behind the zeros that were there before the one in front of it. So nobody reads a live
// segment further than to the end that was found before.

import { ROOM_BYTES } from '../limits.ts';
import { BATCH_HEADER_BYTES, isRoom, lastBatchEnd, SEGMENT_HEADER_BYTES } from './format.ts';
import type { SegmentBytes } from './places.ts';

interface Known {
  readonly segment: number;
  readonly end: number;
}

export class LiveEnds {
  /** By slot. Where nothing was written since, 32 bytes say so. */
  readonly #known = new Map<string, Known>();

  /** Everything acknowledged before the call stands before this offset. Rejects with errno errors. */
  async of(bytes: SegmentBytes, slot: string, segment: number): Promise<number> {
    const size = await bytes.size();
    if (size <= SEGMENT_HEADER_BYTES) return size;
    const known = this.#known.get(slot);
    const isKnown = known?.segment === segment && known.end <= size;
    if (isKnown && isRoom(await bytes.read(known.end, BATCH_HEADER_BYTES), 0)) return known.end;
    const from = isKnown ? known.end : SEGMENT_HEADER_BYTES;
    const end = await lastEnd(bytes, segment, from, size);
    this.#known.set(slot, { segment, end });
    return end;
  }
}

/** Looks from the end of the file backwards, as far as the last batch; `from` where none is behind it. */
async function lastEnd(
  bytes: SegmentBytes,
  segment: number,
  from: number,
  size: number,
): Promise<number> {
  for (let length = 2 * ROOM_BYTES; ; length *= 4) {
    const base = Math.max(from, size - length);
    const end = lastBatchEnd(await bytes.read(base, size - base), base, segment);
    if (end !== null) return end;
    if (base === from) return from;
  }
}
