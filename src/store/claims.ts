// Whose look a hit was, as somebody said. A claim outweighs every other sign and outlives a new judgement,
// whether it comes before its hit or after it.

import { type EventId, formatEventId, type Note, type Recorded } from '../hit/event.ts';
import type { OwnSign } from '../hit/verdict.ts';
import { compareSpoken, type Spoken } from './last-word.ts';

/** The last word on one hit. */
export interface Claim extends Spoken {
  readonly hit: EventId;
  /** Microseconds since 1970 (UTC): where in a store to look for the hit. */
  readonly hitAt: number;
  readonly code: string | null;
  readonly own: boolean;
}

/** The last claim on each hit, by the hit's id (formatEventId's text). */
export function claimsIn(notes: readonly Recorded<Note>[]): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const { id, event } of notes) {
    if (event.kind !== 'hit-claimed') continue;
    const { at, hit, hitAt, code, own } = event;
    const key = formatEventId(hit);
    const claim = { id, at, hit, hitAt, code, own };
    const before = claims.get(key);
    if (before === undefined || compareSpoken(before, claim) < 0) claims.set(key, claim);
  }
  return claims;
}

export function claimedSign(own: boolean): OwnSign {
  return own ? 'claimed' : 'disclaimed';
}

/** Whether it is somebody's word, which a new judgement does not change. */
export function isClaimed(own: OwnSign | null): boolean {
  return own === 'claimed' || own === 'disclaimed';
}
