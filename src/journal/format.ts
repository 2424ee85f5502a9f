// The journal's format on disk.
//
// Constraints
//   * A hit is answered only when the batch that holds it is written and fsync'd. One batch is in flight at
//     a time, so a crash tears at most the last batch of a segment, and nothing behind it was acknowledged.
//   * Batches describe themselves. A damaged byte costs one batch, never the rest of the segment; a damaged
//     segment header costs nothing but itself.
//   * While a segment is written its file has room ahead: zeros, which no batch begins with. A commit that
//     overwrites them changes nothing but these bytes, so the file system has no journal of its own to sync.
//   * Segment numbers of a slot only grow, a number is never used again, and a segment that was closed for
//     whatever reason is never appended to. So an event's id (writer, segment, position) is for ever.
//
// Layout (little-endian; offsets in bytes)
//   journal/<slot>/lock                kernel lock: whoever holds it is the slot's writer
//   journal/<slot>/0000000001.tpj      segments
//   archive/<slot>/0000000001.tpj.zst  segments that every reader has passed, byte for byte, compressed
//   corrupt/<slot>/0000000001.tpj      segments in which damage was found, as they were
//   corrupt/<slot>/0000000001.tpj.tail-OFFSET   what a recovery cut off behind the last whole batch
//
//   segment := header batch* seal? zeros   (the zeros are cut off when it is sealed, given up or recovered)
//   header  (32)  0 magic "TPXJOURN"   8 u16 version   10 u16 zero   12 u32 segment number
//                16 writer id (8)     24 u32 zero      28 u32 CRC-32 of bytes 0..27
//   batch   (32)  0 magic F5 'T' 'P' 'B'   4 u32 payload bytes   8 u32 records   12 u32 offset of this header
//                16 writer id (8)         24 u32 segment number  28 u32 CRC-32 of bytes 0..27 and the payload
//                 then the payload: records as hit/encoding.ts writes them
//   seal    a batch without payload and records: the segment is complete, nothing will follow
//
// Limits: a segment is smaller than 4 GiB (offsets are u32), a payload at most BATCH_BYTES_MAX.

import { crc32 } from 'node:zlib';
import { BATCH_BYTES_MAX, ROOM_BYTES } from '../limits.ts';

export const SEGMENT_HEADER_BYTES = 32;
export const BATCH_HEADER_BYTES = 32;

/** As much room ahead as a segment gets at a time. */
export const ROOM = Buffer.alloc(ROOM_BYTES);

const SEGMENT_MAGIC = Buffer.from('TPXJOURN', 'latin1');
const BATCH_MAGIC = Buffer.from([0xf5, 0x54, 0x50, 0x42]);
const VERSION = 1;
const CHECKED_BYTES = 28;

/** What follows a segment's name in the archive. */
export const ARCHIVE_ENDING = '.zst';
/** What a recovery cut off is kept under its segment's name, this, and where it had stood. */
export const TAIL_MARK = '.tail-';
const SEGMENT_NAME = /^(\d{10})\.tpj$/;

export function segmentFileName(segment: number): string {
  return `${String(segment).padStart(10, '0')}.tpj`;
}

/** The number in a segment's file name (in the archive: with its ending); null for another file. */
export function segmentOfFileName(name: string, ending: '' | typeof ARCHIVE_ENDING): number | null {
  if (!name.endsWith(ending)) return null;
  const match = SEGMENT_NAME.exec(name.slice(0, name.length - ending.length));
  return match === null ? null : Number(match[1]);
}

export function encodeSegmentHeader(writer: Buffer, segment: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  SEGMENT_MAGIC.copy(header, 0);
  header.writeUInt16LE(VERSION, 8);
  header.writeUInt32LE(segment, 12);
  writer.copy(header, 16);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return header;
}

export function isSegmentHeader(bytes: Buffer, segment: number): boolean {
  return (
    bytes.length >= SEGMENT_HEADER_BYTES &&
    bytes.subarray(0, 8).equals(SEGMENT_MAGIC) &&
    bytes.readUInt16LE(8) === VERSION &&
    bytes.readUInt32LE(12) === segment &&
    bytes.readUInt32LE(CHECKED_BYTES) === crc32(bytes.subarray(0, CHECKED_BYTES))
  );
}

/** Where a batch stands; written into its header so that a batch out of its place is no batch. */
export interface BatchPlace {
  readonly writer: Buffer;
  readonly segment: number;
  readonly offset: number;
}

/** Completes the header in front of a payload that already stands in `batch` from BATCH_HEADER_BYTES on. */
export function sealBatch(
  batch: Buffer,
  payloadBytes: number,
  records: number,
  place: BatchPlace,
): void {
  BATCH_MAGIC.copy(batch, 0);
  batch.writeUInt32LE(payloadBytes, 4);
  batch.writeUInt32LE(records, 8);
  batch.writeUInt32LE(place.offset, 12);
  place.writer.copy(batch, 16);
  batch.writeUInt32LE(place.segment, 24);
  batch.writeUInt32LE(batchChecksum(batch, 0, payloadBytes), CHECKED_BYTES);
}

/** After bytes of a batch's payload were edited in place: `at` is where its header stands in `bytes`. */
export function refreshChecksum(bytes: Buffer, at: number): void {
  const checksum = batchChecksum(bytes, at, bytes.readUInt32LE(at + 4));
  bytes.writeUInt32LE(checksum, at + CHECKED_BYTES);
}

/** A batch without records: nothing follows it in its segment. */
export function encodeSeal(place: BatchPlace): Buffer {
  const seal = Buffer.alloc(BATCH_HEADER_BYTES);
  sealBatch(seal, 0, 0, place);
  return seal;
}

function batchChecksum(bytes: Buffer, start: number, payloadBytes: number): number {
  const head = crc32(bytes.subarray(start, start + CHECKED_BYTES));
  if (payloadBytes === 0) return head;
  const payload = start + BATCH_HEADER_BYTES;
  return crc32(bytes.subarray(payload, payload + payloadBytes), head);
}

/** What stands at a place where a batch should begin. */
export type BatchAt =
  | {
      readonly found: 'batch' | 'seal';
      readonly payloadBytes: number;
      readonly count: number;
      readonly writer: string;
    }
  /** A plausible header whose payload does not end within the bytes at hand. */
  | { readonly found: 'cut'; readonly needed: number }
  | { readonly found: 'nothing' };

/**
 * Looks at `bytes[at]`, which is byte `offset` of segment `segment`. `cut` may be a batch that is being
 * written or that needs more bytes read; its checksum is not known yet.
 */
export function batchAt(bytes: Buffer, at: number, segment: number, offset: number): BatchAt {
  if (bytes.length - at < BATCH_HEADER_BYTES) return { found: 'cut', needed: BATCH_HEADER_BYTES };
  if (!looksLikeBatch(bytes, at, segment, offset)) return { found: 'nothing' };
  const payloadBytes = bytes.readUInt32LE(at + 4);
  const whole = BATCH_HEADER_BYTES + payloadBytes;
  if (bytes.length - at < whole) return { found: 'cut', needed: whole };
  if (bytes.readUInt32LE(at + CHECKED_BYTES) !== batchChecksum(bytes, at, payloadBytes)) {
    return { found: 'nothing' };
  }
  const count = bytes.readUInt32LE(at + 8);
  const writer = bytes.toString('hex', at + 16, at + 24);
  return { found: count === 0 ? 'seal' : 'batch', payloadBytes, count, writer };
}

/**
 * How long the batch is whose header stands at `bytes[at]`, if that looks like one, whole or not; 0 if not.
 * Of use where {@link batchAt} has found nothing.
 */
export function claimedBatchBytes(
  bytes: Buffer,
  at: number,
  segment: number,
  offset: number,
): number {
  if (bytes.length - at < BATCH_HEADER_BYTES || !looksLikeBatch(bytes, at, segment, offset))
    return 0;
  return BATCH_HEADER_BYTES + bytes.readUInt32LE(at + 4);
}

function looksLikeBatch(bytes: Buffer, at: number, segment: number, offset: number): boolean {
  return (
    bytes.compare(BATCH_MAGIC, 0, BATCH_MAGIC.length, at, at + BATCH_MAGIC.length) === 0 &&
    bytes.readUInt32LE(at + 4) <= BATCH_BYTES_MAX &&
    bytes.readUInt32LE(at + 12) === offset &&
    bytes.readUInt32LE(at + 24) === segment
  );
}

/** Whether there is nothing but room ahead from `from` on; also when there is nothing. */
export function isRoom(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at += ROOM.length) {
    const part = bytes.subarray(at, at + ROOM.length);
    if (part.compare(ROOM, 0, part.length) !== 0) return false;
  }
  return true;
}

/** Without the zeros at their end. */
export function withoutRoom(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/**
 * The offset behind the last whole batch or seal that begins in `bytes`, which are a segment's from byte
 * `base` to its end; null when none does.
 */
export function lastBatchEnd(bytes: Buffer, base: number, segment: number): number | null {
  for (let from = bytes.length; from >= 0;) {
    const at = bytes.lastIndexOf(BATCH_MAGIC, from);
    if (at < 0) return null;
    const look = batchAt(bytes, at, segment, base + at);
    if (look.found === 'batch' || look.found === 'seal') {
      return base + at + BATCH_HEADER_BYTES + look.payloadBytes;
    }
    from = at - 1;
  }
  return null;
}

/** The next place at or after `from` where a batch's first bytes stand; -1 when there is none. */
export function nextBatchMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf(BATCH_MAGIC, from);
}
