// How an event is written in the journal. The collector copies header bytes from the socket's buffer straight
// into a record: nothing is decoded, checked or escaped on the hot path, so nothing is altered either.
//
// A record, little-endian:
//   u16 length of the whole record     u8 kind     u8 zero     u64 at (microseconds since 1970)
//   then fields until the length is used up:  u8 tag   u16 length   bytes
// A reader skips a kind or tag that it does not know: older programs can read newer journals.

import { isUtf8 } from 'node:buffer';
import {
  ADDRESS_BYTES_MAX,
  AGENT_BYTES_MAX,
  CODE_BYTES_MAX,
  EVENT_BYTES_MAX,
  PURPOSE_BYTES_MAX,
  REFERRER_BYTES_MAX,
} from '../limits.ts';
import type { Event, HitKind, Recorded } from './event.ts';

const KIND_OPEN = 1;
const KIND_VISIT = 2;
const KIND_PIXEL_MINTED = 16;

const HEAD_BYTES = 12;
const FIELD_HEAD_BYTES = 3;
const TWO_TO_32 = 2 ** 32;

export const FieldTag = { CODE: 1, ADDRESS: 2, REFERRER: 3, AGENT: 4, PURPOSE: 5 } as const;
export type FieldTag = (typeof FieldTag)[keyof typeof FieldTag];

/** By tag: longer values are cut here. */
const FIELD_BYTES_MAX = [
  0,
  CODE_BYTES_MAX,
  ADDRESS_BYTES_MAX,
  REFERRER_BYTES_MAX,
  AGENT_BYTES_MAX,
  PURPOSE_BYTES_MAX,
] as const;

const KIND_BYTE: Readonly<Record<Event['kind'], number>> = {
  open: KIND_OPEN,
  visit: KIND_VISIT,
  'pixel-minted': KIND_PIXEL_MINTED,
};

/** Writes one record at a time into a buffer of its own, which is used again for the next. */
export class RecordEncoder {
  readonly bytes: Buffer = Buffer.alloc(EVENT_BYTES_MAX);
  #length = 0;

  begin(kind: Event['kind'], at: number): void {
    const { bytes } = this;
    bytes[2] = KIND_BYTE[kind];
    bytes[3] = 0;
    bytes.writeUInt32LE(at % TWO_TO_32, 4);
    bytes.writeUInt32LE(Math.floor(at / TWO_TO_32), 8);
    this.#length = HEAD_BYTES;
  }

  /** Bytes `start` to `end` of `source`, cut at the field's limit. */
  field(tag: FieldTag, source: Uint8Array, start: number, end: number): void {
    let length = Math.min(end - start, FIELD_BYTES_MAX[tag]);
    if (start + length < end) length = wholeCharacters(source, start, length);
    const target = this.#fieldHead(tag, length);
    for (let i = 0; i < length; i++) this.bytes[target + i] = source[start + i] as number;
  }

  /** A string as UTF-8, cut at the field's limit. */
  text(tag: FieldTag, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.field(tag, bytes, 0, bytes.length);
  }

  /** Completes the record; its length in `bytes`. */
  end(): number {
    this.bytes.writeUInt16LE(this.#length, 0);
    return this.#length;
  }

  #fieldHead(tag: FieldTag, length: number): number {
    const at = this.#length;
    this.bytes[at] = tag;
    this.bytes[at + 1] = length & 0xff;
    this.bytes[at + 2] = length >> 8;
    this.#length = at + FIELD_HEAD_BYTES + length;
    return at + FIELD_HEAD_BYTES;
  }
}

/** The length not past `length` at which no UTF-8 sequence is cut, else the rest would read as Latin-1. */
function wholeCharacters(source: Uint8Array, start: number, length: number): number {
  let whole = length;
  while (length - whole < 3 && ((source[start + whole] as number) & 0xc0) === 0x80) whole--;
  return whole;
}

/** Encodes a whole event, for callers off the hot path. Returns the record's length in `encoder.bytes`. */
export function encodeEvent(encoder: RecordEncoder, event: Event): number {
  encoder.begin(event.kind, event.at);
  if (event.code !== null) encoder.text(FieldTag.CODE, event.code);
  if (event.kind !== 'pixel-minted') {
    if (event.address !== '') encoder.text(FieldTag.ADDRESS, event.address);
    if (event.referrer !== null) encoder.text(FieldTag.REFERRER, event.referrer);
    if (event.agent !== null) encoder.text(FieldTag.AGENT, event.agent);
    if (event.purpose !== null) encoder.text(FieldTag.PURPOSE, event.purpose);
  }
  return encoder.end();
}

/** The part of a journal batch that decoding needs. */
interface EncodedBatch {
  readonly writer: string;
  readonly segment: number;
  readonly offset: number;
  readonly records: Buffer;
}

/**
 * Decodes the records of one batch in their order. A record of an unknown kind is passed over.
 * Returns the number of records passed over, so that the caller can count what it did not understand.
 * Throws RangeError when the bytes are no records: the batch's checksum was right, so that is our own bug.
 */
export function decodeRecords(batch: EncodedBatch, onEvent: (recorded: Recorded) => void): number {
  const { records, writer, segment, offset } = batch;
  let unknown = 0;
  for (let at = 0; at < records.length;) {
    const length = at + HEAD_BYTES <= records.length ? records.readUInt16LE(at) : 0;
    if (length < HEAD_BYTES || at + length > records.length) {
      throw new RangeError(`no record at byte ${offset + at} of segment ${segment}`);
    }
    const event = decodeRecord(records, at, at + length);
    if (event === null) unknown++;
    else onEvent({ id: { writer, segment, position: offset + at }, event });
    at += length;
  }
  return unknown;
}

function decodeRecord(records: Buffer, start: number, end: number): Event | null {
  const kind = records[start + 2];
  const at = records.readUInt32LE(start + 4) + records.readUInt32LE(start + 8) * TWO_TO_32;
  const fields: (string | undefined)[] = [];
  for (let i = start + HEAD_BYTES; i < end;) {
    const from = i + FIELD_HEAD_BYTES;
    const to = from + records.readUInt16LE(i + 1);
    if (to > end) throw new RangeError(`a field passes its record's end at byte ${i}`);
    fields[records[i] as number] = decodeText(records, from, to);
    i = to;
  }
  const code = fields[FieldTag.CODE] ?? null;
  if (kind === KIND_OPEN || kind === KIND_VISIT) {
    const hitKind: HitKind = kind === KIND_OPEN ? 'open' : 'visit';
    const address = fields[FieldTag.ADDRESS] ?? '';
    const referrer = fields[FieldTag.REFERRER] ?? null;
    const agent = fields[FieldTag.AGENT] ?? null;
    const purpose = fields[FieldTag.PURPOSE] ?? null;
    return { kind: hitKind, at, code, address, referrer, agent, purpose };
  }
  if (kind === KIND_PIXEL_MINTED && code !== null) return { kind: 'pixel-minted', at, code };
  return null;
}

// oxlint-disable-next-line no-control-regex -- "is it ASCII" is just this range
const ASCII = /^[\x00-\x7f]*$/;

/** Header bytes have no declared charset: UTF-8 when they are valid UTF-8, else Latin-1 as HTTP once said. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  const latin1 = bytes.toString('latin1', start, end);
  if (ASCII.test(latin1)) return latin1;
  return isUtf8(bytes.subarray(start, end)) ? bytes.toString('utf8', start, end) : latin1;
}
