// An event as a bus carries it: a JSON object that keeps the names of tracking-system's messages, so that its
// storage service could read our visits and we read its messages.
//
//   Referer, UserAgent   text or null               VisitedAt   2023-12-10T22:22:43.7936200+00:00
//   IpAddress            text, empty if not kept    Id          writer-segment-position, the event's for ever
//   Kind                 an event's                 Code, Purpose   text; left out when there is none
//   Withheld, Note       text of hit/fields.ts      OwnBrowser      true; both left out when there is none
//
// The text of a message is ASCII: everything else is written as JSON's own \uXXXX. So there is nothing
// in it that SQS refuses (most control characters, U+FFFE, U+FFFF) and nothing that an envelope, a
// signature or a proxy on the way could read in another charset; whatever string an event has comes out
// of JSON.parse as it was.
//
// Read are this form and tracking-system's (without Id and Kind: a visit), bare or in the envelope that
// SNS puts around a message without raw delivery. A message without Id gets one that depends on nothing
// but the bus's name of the message, so that it is recognised when it is delivered again.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalAddress } from '../hit/address.ts';
import {
  type Event,
  type EventId,
  formatEventId,
  type Hit,
  isHit,
  type Note,
  parseEventId,
  type Recorded,
  type Withheld,
} from '../hit/event.ts';
import { formatWithheld, noteOf, noteText, parseWithheld } from '../hit/fields.ts';
import { CODE_BYTES_MAX, MESSAGE_TEXT_CHARS_MAX, NOTE_BYTES_MAX } from '../limits.ts';
import type { OutgoingMessage, ReceivedMessage } from './bus.ts';

/** The SNS attribute `Type`, by which subscriptions filter: `Visit` is tracking-system's word. */
const TYPE_OF: Readonly<Record<Event['kind'], string>> = {
  visit: 'Visit',
  open: 'open',
  'pixel-minted': 'pixel-minted',
  'pixel-changed': 'pixel-changed',
  'pixel-erased': 'pixel-erased',
  'hit-claimed': 'hit-claimed',
};

export const MESSAGE_TYPES: readonly string[] = Object.values(TYPE_OF);

/** The writer of all events that came without an id: one, since the store keeps a row for each writer. */
const FOREIGN_WRITER = createHash('sha256').update('tracking-system').digest('hex').slice(0, 16);

/** Past this the microseconds are no exact numbers any more. */
const AT_MAX = 9_007_199_254_740_991;
const CODE = new RegExp(`^[A-Za-z0-9_-]{1,${CODE_BYTES_MAX}}$`);
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;

export function writeMessage({ id, event }: Recorded): OutgoingMessage {
  const common = { VisitedAt: formatTime(event.at), Id: formatEventId(id), Kind: event.kind };
  const fields = isHit(event) ? { ...hitFields(event), ...common } : { ...common, ...said(event) };
  return { type: TYPE_OF[event.kind], body: toAscii(JSON.stringify(fields)) };
}

const hitFields = (hit: Hit) => ({
  Referer: hit.referrer,
  UserAgent: hit.agent,
  IpAddress: hit.address,
  ...(hit.code === null ? {} : { Code: hit.code }),
  ...(hit.purpose === null ? {} : { Purpose: hit.purpose }),
  ...(hit.withheld === undefined ? {} : { Withheld: formatWithheld(hit.withheld) }),
  ...(hit.ownBrowser ? { OwnBrowser: true } : {}),
});

function said(note: Note): Readonly<Record<string, string>> {
  const text = noteText(note);
  return {
    ...(note.code === null ? {} : { Code: note.code }),
    ...(text === '' ? {} : { Note: text }),
  };
}

// oxlint-disable-next-line no-control-regex -- JSON has escaped all of them below U+007F
const NOT_ASCII = /[^\x00-\x7e]/g;

const toAscii = (json: string): string =>
  json.replace(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const text = z
  .string()
  .max(MESSAGE_TEXT_CHARS_MAX)
  .nullish()
  .transform((value) => value ?? null);
/** What can stand in an image's URL: no other text names a pixel, whoever sent it. */
const code = z.string().regex(CODE);
const time = z.string().transform((value, context): number => {
  const at = parseTime(value);
  if (at !== null) return at;
  context.addIssue('not a time');
  return z.NEVER;
});
const id = z.string().transform((value, context): EventId => {
  const parsed = parseEventId(value);
  if (parsed !== null && parsed.segment < 2 ** 32 && parsed.position < 2 ** 32) return parsed;
  context.addIssue('not an event’s id');
  return z.NEVER;
});

/** Not strict: a later version may add keys, and an older program must still take the message. */
const HitText = z
  .object({
    Referer: text,
    UserAgent: text,
    IpAddress: text,
    VisitedAt: time,
    Id: id.optional(),
    Kind: z.enum(['open', 'visit']).default('visit'),
    Code: code.nullish().transform((value) => value ?? null),
    Purpose: text,
    Withheld: text,
    OwnBrowser: z.boolean().nullish(),
  })
  .refine(({ Kind, Code }) => Kind === 'visit' || Code !== null, { path: ['Code'] });
const NoteText = z.object({
  VisitedAt: time,
  Id: id,
  Kind: z.enum(['pixel-minted', 'pixel-changed', 'pixel-erased', 'hit-claimed']),
  Code: code.nullish().transform((value) => value ?? null),
  Note: z
    .string()
    .refine((value) => Buffer.byteLength(value) <= NOTE_BYTES_MAX)
    .default(''),
});
const EnvelopeText = z.object({
  Type: z.literal('Notification'),
  MessageId: z.string(),
  Message: z.string(),
});

/** A message that cannot be read as an event: its `message` says why, without what a client sent. */
export class UnreadableMessage extends Error {}

/** Throws {@link UnreadableMessage}. */
export function readMessage(message: Pick<ReceivedMessage, 'id' | 'body'>): Recorded {
  const outer = parseJson(message.body);
  const envelope = EnvelopeText.safeParse(outer).data;
  const value = envelope === undefined ? outer : parseJson(envelope.Message);
  if (isNote(value)) return readNote(valid(NoteText, value));
  const hit = valid(HitText, value);
  return {
    // A publication keeps its name when SNS hands it to SQS twice.
    id: hit.Id ?? foreignId(envelope?.MessageId ?? message.id),
    event: {
      kind: hit.Kind,
      at: hit.VisitedAt,
      code: hit.Code,
      address: canonicalAddress(hit.IpAddress ?? '') ?? '',
      referrer: hit.Referer,
      agent: hit.UserAgent,
      purpose: hit.Purpose,
      ...(hit.Withheld === null ? {} : { withheld: parseWithheld(hit.Withheld) as Withheld }),
      ...(hit.OwnBrowser === true ? { ownBrowser: true } : {}),
    },
  };
}

function readNote({ Id, Kind, VisitedAt, Code, Note }: z.output<typeof NoteText>): Recorded {
  const event = noteOf(Kind, VisitedAt, Code, Note);
  if (event === null) throw new UnreadableMessage('its Note is not what it should be');
  return { id: Id, event };
}

const isNote = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'Kind' in value &&
  NoteText.shape.Kind.safeParse(value.Kind).success;

function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const key = result.error.issues[0]?.path.join('.') ?? '';
  throw new UnreadableMessage(
    key === '' ? 'it is no event' : `its ${key} is not what it should be`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new UnreadableMessage('it is not JSON');
  }
}

/** 64 bits of the name's hash: two of a thousand million messages share an id with a chance of 1 in 37. */
function foreignId(name: string): EventId {
  const digest = createHash('sha256').update(name).digest();
  return {
    writer: FOREIGN_WRITER,
    segment: digest.readUInt32LE(0),
    position: digest.readUInt32LE(4),
  };
}

/** Seven digits of a second, as .NET writes them; the last is 0, as we know microseconds. */
function formatTime(at: number): string {
  const whole = Math.floor(at / 1_000_000);
  const seconds = new Date(whole * 1_000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return `${seconds}.${String(at - whole * 1_000_000).padStart(6, '0')}0+00:00`;
}

/** Microseconds since 1970. A time without an offset is UTC. */
function parseTime(value: string): number | null {
  const [matched, seconds, fraction = '', offset = 'Z'] = TIME.exec(value) ?? [];
  if (matched === undefined) return null;
  const milliseconds = Date.parse(`${seconds}${offset}`);
  const at = milliseconds * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  return at >= 0 && at <= AT_MAX ? at : null;
}
