// Walks the batches in a stretch of a segment's bytes, past damage where something valid follows it.
// Reading, recovery, archiving and `truepixel journal verify` all see a segment through this one
// function.

import {
  BATCH_HEADER_BYTES,
  batchAt,
  isRoom,
  nextBatchMagic,
  SEGMENT_HEADER_BYTES,
} from './format.ts';
import type { Damage, RecordBatch } from './journal.ts';

export interface Scan {
  readonly batches: readonly RecordBatch[];
  readonly damage: readonly Damage[];
  /** Offset in the segment behind the last valid batch or seal. */
  readonly end: number;
  readonly sealed: boolean;
  /**
   * What stands from `end` on: nothing, room ahead, the beginning of a batch (perhaps being written, perhaps
   * torn, perhaps not read far enough), or bytes that are no batch.
   */
  readonly tail: 'none' | 'room' | 'cut' | 'garbage';
}

/**
 * Scans `bytes`, which begin at byte `base` of a segment. Damage is told from a torn tail by what follows
 * it: a writer never goes on behind a torn batch, so a valid batch behind bad bytes proves that they were
 * good once.
 */
export function scanBatches(bytes: Buffer, base: number, slot: string, segment: number): Scan {
  const batches: RecordBatch[] = [];
  const damage: Damage[] = [];
  let sealed = false;
  let at = 0;
  while (at < bytes.length && !sealed) {
    const look = batchAt(bytes, at, segment, base + at);
    if (look.found === 'cut' || look.found === 'nothing') {
      const next = nextValid(bytes, at + 1, base, segment);
      if (next < 0) {
        const torn = look.found === 'cut' ? 'cut' : 'garbage';
        const tail = isRoom(bytes, at) ? 'room' : torn;
        return { batches, damage, end: base + at, sealed, tail };
      }
      damage.push({
        slot,
        segment,
        from: base + at,
        to: base + next,
        reason: 'checksum does not match',
      });
      at = next;
      continue;
    }
    const payload = at + BATCH_HEADER_BYTES;
    at = payload + look.payloadBytes;
    if (look.found === 'seal') sealed = true;
    else batches.push(recordBatch(bytes, payload, at, base, slot, segment, look));
  }
  // Room behind a seal is nothing: its writer died before it cut that off.
  return { batches, damage, end: base + at, sealed, tail: isRoom(bytes, at) ? 'none' : 'garbage' };
}

/** Scans a whole segment, its header included, whatever stands in that. */
export function scanSegment(bytes: Buffer, slot: string, segment: number): Scan {
  const behindHeader = bytes.subarray(Math.min(SEGMENT_HEADER_BYTES, bytes.length));
  return scanBatches(behindHeader, SEGMENT_HEADER_BYTES, slot, segment);
}

function recordBatch(
  bytes: Buffer,
  payload: number,
  end: number,
  base: number,
  slot: string,
  segment: number,
  { writer, count }: { writer: string; count: number },
): RecordBatch {
  return {
    slot,
    writer,
    segment,
    offset: base + payload,
    count,
    records: bytes.subarray(payload, end),
  };
}

/** Where the next whole and valid batch begins at or behind `from`; -1 when there is none. */
function nextValid(bytes: Buffer, from: number, base: number, segment: number): number {
  for (let at = nextBatchMagic(bytes, from); at >= 0; at = nextBatchMagic(bytes, at + 1)) {
    const { found } = batchAt(bytes, at, segment, base + at);
    if (found === 'batch' || found === 'seal') return at;
  }
  return -1;
}
