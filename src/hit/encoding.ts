// How an event is written in the journal. The collector copies header bytes from the socket's buffer straight
// into a record: nothing is decoded, checked or escaped on the hot path, so nothing is altered either.
//
// A record, little-endian:
//   u16 length of the whole record     u8 kind     u8 zero     u64 at (microseconds since 1970)
//   then fields until the length is used up:  u8 tag   u16 length   bytes
// A reader skips a kind or tag that it does not know: older programs can read newer journals.
// Kind 0 is a record that was erased: of its length, so that the others keep their places, and zero but for
// one field of tag 0 that fills it.
//
// Text is UTF-8 or, where it is not valid as that, Latin-1. Tag 6 (origin) is no text: an event that
// came from another machine's journal keeps its id, as 8 bytes of writer, u32 segment and u32 position.
// Tag 7 (withheld) is Withheld as fields.ts writes it, tag 8 (own browser) is empty, and tag 9 (note) is
// the JSON of what else a note says.

import { isUtf8 } from 'node:buffer';
import {
  ADDRESS_BYTES_MAX,
  AGENT_BYTES_MAX,
  CODE_BYTES_MAX,
  EVENT_BYTES_MAX,
  NOTE_BYTES_MAX,
  PURPOSE_BYTES_MAX,
  REFERRER_BYTES_MAX,
  WITHHELD_BYTES_MAX,
} from '../limits.ts';
import {
  type Event,
  type EventId,
  type Hit,
  isHit,
  type Note,
  type Recorded,
  type Withheld,
} from './event.ts';
import { formatWithheld, noteOf, noteText, parseWithheld } from './fields.ts';

const KIND_BLANK = 0;
const KIND_OPEN = 1;
const KIND_VISIT = 2;
const KIND_PIXEL_MINTED = 16;
const KIND_PIXEL_CHANGED = 17;
const KIND_PIXEL_ERASED = 18;
const KIND_HIT_CLAIMED = 19;

const HEAD_BYTES = 12;
const FIELD_HEAD_BYTES = 3;
const WRITER_BYTES = 8;
const ORIGIN_BYTES = WRITER_BYTES + 8;
const TWO_TO_32 = 2 ** 32;

export const FieldTag = {
  CODE: 1,
  ADDRESS: 2,
  REFERRER: 3,
  AGENT: 4,
  PURPOSE: 5,
  ORIGIN: 6,
  WITHHELD: 7,
  OWN_BROWSER: 8,
  NOTE: 9,
} as const;
export type FieldTag = (typeof FieldTag)[keyof typeof FieldTag];

/** By tag: longer values are cut here. */
const FIELD_BYTES_MAX = [
  0,
  CODE_BYTES_MAX,
  ADDRESS_BYTES_MAX,
  REFERRER_BYTES_MAX,
  AGENT_BYTES_MAX,
  PURPOSE_BYTES_MAX,
  ORIGIN_BYTES,
  WITHHELD_BYTES_MAX,
  0,
  NOTE_BYTES_MAX,
] as const;

const KIND_BYTE: Readonly<Record<Event['kind'], number>> = {
  open: KIND_OPEN,
  visit: KIND_VISIT,
  'pixel-minted': KIND_PIXEL_MINTED,
  'pixel-changed': KIND_PIXEL_CHANGED,
  'pixel-erased': KIND_PIXEL_ERASED,
  'hit-claimed': KIND_HIT_CLAIMED,
};

const NOTE_KIND: ReadonlyMap<number, Note['kind']> = new Map([
  [KIND_PIXEL_MINTED, 'pixel-minted'],
  [KIND_PIXEL_CHANGED, 'pixel-changed'],
  [KIND_PIXEL_ERASED, 'pixel-erased'],
  [KIND_HIT_CLAIMED, 'hit-claimed'],
]);

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

  /** A string that reads back as it is, cut at the field's limit. */
  text(tag: FieldTag, text: string): void {
    let bytes: Buffer = Buffer.from(text, 'utf8');
    // Such a text may have been Latin-1 bytes within the limit, and its UTF-8 would be cut.
    if (bytes.length > FIELD_BYTES_MAX[tag]) bytes = asLatin1(text) ?? bytes;
    this.field(tag, bytes, 0, bytes.length);
  }

  /** What stands for facts that are not kept. */
  withheld(withheld: Withheld): void {
    this.text(FieldTag.WITHHELD, formatWithheld(withheld));
  }

  /** The browser had followed the ignore link. */
  ownBrowser(): void {
    this.#fieldHead(FieldTag.OWN_BROWSER, 0);
  }

  /** The id that the event has had since another machine's journal. Segment and position are u32. */
  origin({ writer, segment, position }: EventId): void {
    const bytes = Buffer.alloc(ORIGIN_BYTES);
    bytes.write(writer, 'hex');
    bytes.writeUInt32LE(segment, WRITER_BYTES);
    bytes.writeUInt32LE(position, WRITER_BYTES + 4);
    this.field(FieldTag.ORIGIN, bytes, 0, ORIGIN_BYTES);
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

/** The text as Latin-1 bytes when a reader would take them for exactly this text. */
function asLatin1(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'latin1');
  return bytes.toString('latin1') === text && !isUtf8(bytes) ? bytes : null;
}

/**
 * Encodes a whole event, for callers off the hot path; `origin` when it has an id already. Returns the
 * record's length in `encoder.bytes`. Throws RangeError when a note says more than fits: it must not be cut.
 */
export function encodeEvent(encoder: RecordEncoder, event: Event, origin?: EventId): number {
  encoder.begin(event.kind, event.at);
  if (origin !== undefined) encoder.origin(origin);
  if (event.code !== null) encoder.text(FieldTag.CODE, event.code);
  if (isHit(event)) encodeHit(encoder, event);
  else {
    const text = noteText(event);
    if (Buffer.byteLength(text) > NOTE_BYTES_MAX) {
      throw new RangeError(`a note of more than ${NOTE_BYTES_MAX} bytes`);
    }
    if (text !== '') encoder.text(FieldTag.NOTE, text);
  }
  return encoder.end();
}

function encodeHit(encoder: RecordEncoder, hit: Hit): void {
  if (hit.address !== '') encoder.text(FieldTag.ADDRESS, hit.address);
  if (hit.referrer !== null) encoder.text(FieldTag.REFERRER, hit.referrer);
  if (hit.agent !== null) encoder.text(FieldTag.AGENT, hit.agent);
  if (hit.purpose !== null) encoder.text(FieldTag.PURPOSE, hit.purpose);
  if (hit.withheld !== undefined) encoder.withheld(hit.withheld);
  if (hit.ownBrowser) encoder.ownBrowser();
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
  let unknown = 0;
  forEachRecord(batch, (recorded) => {
    if (recorded === null) unknown++;
    else onEvent(recorded);
  });
  return unknown;
}

/** What becomes of a record: it stays, is erased, or is a note that says something shorter from now on. */
export type Edit = 'keep' | 'erase' | Note;

/**
 * Edits the records of one batch where they stand. None moves or changes its length, as its place is its
 * id. Returns how many were edited; the batch's checksum is then to be made anew. Throws as
 * {@link decodeRecords} does, and RangeError for a note that would be longer.
 */
export function editRecords(batch: EncodedBatch, edit: (recorded: Recorded) => Edit): number {
  let edited = 0;
  forEachRecord(batch, (recorded, start, end) => {
    const change = recorded === null ? 'keep' : edit(recorded);
    if (change === 'keep') return;
    if (change === 'erase') blank(batch.records, start, end);
    else shortenNote(batch.records, start, end, noteText(change));
    edited++;
  });
  return edited;
}

/** Null for a record that this program cannot read; those that were erased are left out. */
function forEachRecord(
  { records, writer, segment, offset }: EncodedBatch,
  onRecord: (recorded: Recorded | null, start: number, end: number) => void,
): void {
  for (let at = 0; at < records.length;) {
    const length = at + HEAD_BYTES <= records.length ? records.readUInt16LE(at) : 0;
    if (length < HEAD_BYTES || at + length > records.length) {
      throw new RangeError(`no record at byte ${offset + at} of segment ${segment}`);
    }
    if (records[at + 2] !== KIND_BLANK) {
      const decoded = decodeRecord(records, at, at + length);
      const id = decoded?.origin ?? { writer, segment, position: offset + at };
      onRecord(decoded && { id, event: decoded.event }, at, at + length);
    }
    at += length;
  }
}

function blank(records: Buffer, start: number, end: number): void {
  records.fill(0, start + 2, end);
  const fields = start + HEAD_BYTES;
  if (end > fields) records.writeUInt16LE(end - fields - FIELD_HEAD_BYTES, fields + 1);
}

/** JSON may end in spaces. */
function shortenNote(records: Buffer, start: number, end: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let i = start + HEAD_BYTES; i < end;) {
    const from = i + FIELD_HEAD_BYTES;
    const to = from + records.readUInt16LE(i + 1);
    if (records[i] === FieldTag.NOTE) {
      if (from + bytes.length > to) throw new RangeError('an edited note is longer than before');
      records.fill(0x20, from, to);
      bytes.copy(records, from);
    }
    i = to;
  }
}

interface Decoded {
  readonly event: Event;
  readonly origin: EventId | null;
}

function decodeRecord(records: Buffer, start: number, end: number): Decoded | null {
  const kind = records[start + 2] as number;
  const at = records.readUInt32LE(start + 4) + records.readUInt32LE(start + 8) * TWO_TO_32;
  const fields: (string | undefined)[] = [];
  let origin: EventId | null = null;
  for (let i = start + HEAD_BYTES; i < end;) {
    const from = i + FIELD_HEAD_BYTES;
    const to = from + records.readUInt16LE(i + 1);
    if (to > end) throw new RangeError(`a field passes its record's end at byte ${i}`);
    const tag = records[i] as number;
    if (tag === FieldTag.ORIGIN) origin = decodeOrigin(records, from, to);
    else fields[tag] = decodeText(records, from, to);
    i = to;
  }
  const event = eventOf(kind, at, fields);
  return event === null ? null : { event, origin };
}

/** Fields by tag. Null for a kind that this program does not know, or a note that it cannot read. */
function eventOf(kind: number, at: number, fields: readonly (string | undefined)[]): Event | null {
  const code = fields[FieldTag.CODE] ?? null;
  if (kind === KIND_OPEN || kind === KIND_VISIT) {
    const withheld = parseWithheld(fields[FieldTag.WITHHELD]);
    return {
      kind: kind === KIND_OPEN ? 'open' : 'visit',
      at,
      code,
      address: fields[FieldTag.ADDRESS] ?? '',
      referrer: fields[FieldTag.REFERRER] ?? null,
      agent: fields[FieldTag.AGENT] ?? null,
      purpose: fields[FieldTag.PURPOSE] ?? null,
      ...(withheld === null ? {} : { withheld }),
      ...(fields[FieldTag.OWN_BROWSER] === undefined ? {} : { ownBrowser: true }),
    };
  }
  const noteKind = NOTE_KIND.get(kind);
  return noteKind === undefined ? null : noteOf(noteKind, at, code, fields[FieldTag.NOTE] ?? '');
}

function decodeOrigin(records: Buffer, from: number, to: number): EventId {
  if (to - from !== ORIGIN_BYTES) throw new RangeError(`an origin of ${to - from} bytes`);
  return {
    writer: records.toString('hex', from, from + WRITER_BYTES),
    segment: records.readUInt32LE(from + WRITER_BYTES),
    position: records.readUInt32LE(from + WRITER_BYTES + 4),
  };
}

// oxlint-disable-next-line no-control-regex -- "is it ASCII" is just this range
const ASCII = /^[\x00-\x7f]*$/;

/** Header bytes have no declared charset: UTF-8 when they are valid UTF-8, else Latin-1 as HTTP once said. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  const latin1 = bytes.toString('latin1', start, end);
  if (ASCII.test(latin1)) return latin1;
  return isUtf8(bytes.subarray(start, end)) ? bytes.toString('utf8', start, end) : latin1;
}
