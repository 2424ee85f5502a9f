// What happened, as everybody downstream of the journal sees it. A hit is the raw facts of one request
// and is never altered afterwards; what it is believed to be (its verdict) is computed later and kept
// beside it.

import type { PixelMode } from '../config/config.ts';
import type { Judgement, Verdict } from './verdict.ts';

export type HitKind = 'open' | 'visit';

/** One HTTP request for a tracking image. */
export interface Hit {
  readonly kind: HitKind;
  /** Microseconds since 1970 (UTC): a whole number, exact until the year 2255. */
  readonly at: number;
  /** The pixel's code for an open, null for a visit. */
  readonly code: string | null;
  /** The client's address after the address policy; empty when it is not kept. */
  readonly address: string;
  readonly referrer: string | null;
  /** Null when there was none, and when it is not kept. */
  readonly agent: string | null;
  /** `Sec-Purpose`, `Purpose` or `X-Moz`, whichever came: evidence of a prefetch. */
  readonly purpose: string | null;
  /** Left out where address and agent are kept as they came. */
  readonly withheld?: Withheld;
  /** Whether the browser had followed the ignore link; left out when not. */
  readonly ownBrowser?: true;
}

/** What the collector worked out of facts that were not to be kept, before it dropped them. */
export interface Withheld {
  readonly verdict: Verdict;
  /**
   * 16 hexadecimal digits that are the same for the same client on one day; null where nobody is to be
   * told apart, not even for a day.
   */
  readonly visitor: string | null;
  /** Whether the address was one of IGNORED_ADDRESSES. */
  readonly ownAddress: boolean;
  /** Whether the address belongs to a mail-security network: a sign that overlay.ts weighs. */
  readonly mailSecurity: boolean;
}

/**
 * What is said about a pixel when it is minted or later; what is left out is not said. Null takes it
 * back.
 */
export interface PixelProperties {
  /** Null: the default of the installation, whatever that is at the time of a hit. */
  readonly mode?: PixelMode | null;
  /** When the mail was sent: microseconds since 1970 (UTC). */
  readonly sentAt?: number | null;
  /** For whom the pixel is: an address, a name, a number of the caller's own. */
  readonly recipient?: string | null;
  readonly label?: string | null;
  readonly campaign?: string | null;
  /** JSON text of an object; whatever the caller wants to have with it. */
  readonly metadata?: string | null;
  /**
   * Of a pixel that was minted under an idempotency key: a keyed digest of all that was asked for then
   * (api/idempotency.ts). Never changed later.
   */
  readonly request?: string | null;
}

/** A tracking image was minted. */
export interface PixelMinted {
  readonly kind: 'pixel-minted';
  readonly at: number;
  readonly code: string;
  readonly properties?: PixelProperties;
}

/** Something else is said about a pixel from now on. */
export interface PixelChanged {
  readonly kind: 'pixel-changed';
  readonly at: number;
  readonly code: string;
  readonly properties: PixelProperties;
}

/** A pixel is forgotten for good. Its code is not named any more, only recognised by its digest. */
export interface PixelErased {
  readonly kind: 'pixel-erased';
  readonly at: number;
  readonly code: null;
  /** Of store/erased.ts. */
  readonly digest: string;
}

/** Somebody said of a hit that it was their own look, or that it was not. */
export interface HitClaimed {
  readonly kind: 'hit-claimed';
  readonly at: number;
  /** The hit's. */
  readonly code: string | null;
  readonly hit: EventId;
  readonly hitAt: number;
  readonly own: boolean;
}

/** What is said about pixels and hits: a few, and none of them on the hot path. */
export type Note = PixelMinted | PixelChanged | PixelErased | HitClaimed;

export type Event = Hit | Note;

export function isHit(event: Event): event is Hit {
  return event.kind === 'open' || event.kind === 'visit';
}

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

/** A hit with what it is believed to be, as a store keeps it. */
export interface JudgedHit extends Recorded<Hit> {
  readonly judgement: Judgement;
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
