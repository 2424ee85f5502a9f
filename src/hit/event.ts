// What happened, as everybody downstream of the journal sees it. A hit is the raw facts of one request and
// is never altered afterwards; what it is believed to be (its verdict) is computed later and kept elsewhere.

export type HitKind = 'open' | 'visit';

/** One HTTP request for a tracking image. */
export interface Hit {
  readonly kind: HitKind;
  /** Microseconds since 1970 (UTC): a whole number, exact until the year 2255. */
  readonly at: number;
  /** The pixel's code for an open, null for a visit. */
  readonly code: string | null;
  /** The client's address after the address policy; empty when the policy is `none`. */
  readonly address: string;
  readonly referrer: string | null;
  readonly agent: string | null;
  /** `Sec-Purpose`, `Purpose` or `X-Moz`, whichever came: evidence of a prefetch. */
  readonly purpose: string | null;
}

/** A tracking image was minted. */
export interface PixelMinted {
  readonly kind: 'pixel-minted';
  readonly at: number;
  readonly code: string;
}

export type Event = Hit | PixelMinted;

/**
 * Names one event for ever. `writer` is drawn at random each time a journal writer opens, so that ids never
 * collide between machines, nor after a journal was restored from a backup.
 */
export interface EventId {
  /** 16 hexadecimal digits. */
  readonly writer: string;
  /** The segment's number within its slot. */
  readonly segment: number;
  /** Byte offset of the record within its segment. */
  readonly position: number;
}

/** An event with its id, as the journal or a bus delivers it. */
export interface Recorded<E extends Event = Event> {
  readonly id: EventId;
  readonly event: E;
}

/** `9f3c2a7b1d4e8f60-12-4096`: how an id is written wherever people or other programs see it. */
export function formatEventId(id: EventId): string {
  return `${id.writer}-${id.segment}-${id.position}`;
}

const EVENT_ID = /^([0-9a-f]{16})-(\d{1,10})-(\d{1,10})$/;

/** The reverse of {@link formatEventId}; null for anything else. */
export function parseEventId(text: string): EventId | null {
  const match = EVENT_ID.exec(text);
  if (match === null) return null;
  const [, writer = '', segment, position] = match;
  return { writer, segment: Number(segment), position: Number(position) };
}
