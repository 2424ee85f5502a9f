// What each request of a torture looks like: every field of the hit is a function of one number, the marker,
// so that a hit that is found later can be told to be whole, and to be the one that was sent.

import type { Hit } from '../../src/hit/event.ts';

export interface MarkedRequest {
  readonly path: string;
  readonly referrer: string;
  readonly agent: string;
  /** Sent as X-Forwarded-For; the server must trust 127.0.0.1. */
  readonly address: string;
}

/** The fields of a found hit; of a visit log's line too, which knows no code. */
export type FoundHit = Pick<Hit, 'kind' | 'code' | 'referrer' | 'agent' | 'address'>;

const VISIT_PATHS = ['/track', '/track.gif', '/track?campaign=1'] as const;
const IMAGE_ENDINGS = ['.png', '.gif', ''] as const;
const AGENT = /^torture\/(\d{1,9})(?: ([A-Za-z0-9]+))?$/;

/** Even markers are visits, odd ones are opens. */
export const isVisit = (marker: number): boolean => marker % 2 === 0;

/** Whether the reply's image is the PNG; the GIF otherwise. */
export const isPng = (marker: number): boolean => !isVisit(marker) && marker % 3 === 0;

/** The request of a marker; `code` is the minted pixel that an open looks at. */
export function markedRequest(marker: number, code: string): MarkedRequest {
  const shared = { referrer: referrerOf(marker), address: addressOf(marker) };
  if (isVisit(marker)) {
    return { ...shared, path: VISIT_PATHS[marker % 3] ?? '/track', agent: `torture/${marker}` };
  }
  const path = `/image/${code}${IMAGE_ENDINGS[marker % 3]}`;
  return { ...shared, path, agent: `torture/${marker} ${code}` };
}

/** The marker of a hit that is in every field what its request said; null for anything else. */
export function markerOf(found: FoundHit): number | null {
  const match = AGENT.exec(found.agent ?? '');
  if (match === null) return null;
  const marker = Number(match[1]);
  const sameKind = found.kind === (isVisit(marker) ? 'visit' : 'open');
  const sameCode = found.code === (match[2] ?? null);
  const sameOrigin = found.referrer === referrerOf(marker) && found.address === addressOf(marker);
  return sameKind && sameCode && sameOrigin ? marker : null;
}

const referrerOf = (marker: number): string => `https://torture.test/${marker}`;

/** A public-looking address of its own for each of 2^23 markers in a row (starting at 20.0.0.0). */
const addressOf = (marker: number): string =>
  `${20 + ((marker >> 16) & 127)}.${(marker >> 8) & 255}.${marker & 255}.7`;
