// The latest live hits, newest first: so many and no more, with the places where some are missing.

import type { LiveHit } from '../pixels/answers.ts';
import type { LiveNews } from './use-live.ts';

/** What a page shows at once; older ones are to be found where they belong. */
export const LATEST_MAX = 300;

export interface Latest {
  readonly rows: readonly (LiveHit | Gap)[];
  /** All that came while this was open. */
  readonly count: number;
}

/** Here something was missed. */
export interface Gap {
  readonly gap: number;
}

export const NOTHING_YET: Latest = { rows: [], count: 0 };

export const isGap = (row: LiveHit | Gap): row is Gap => 'gap' in row;

export function withNews(before: Latest, { hits, hasGap }: LiveNews): Latest {
  const known = new Set(before.rows.map((row) => (isGap(row) ? '' : row.id)));
  const fresh = hits.filter(({ id }) => !known.has(id));
  const gap = hasGap ? [{ gap: before.count }] : [];
  const rows = [...fresh.toReversed(), ...gap, ...before.rows];
  return { rows: rows.slice(0, LATEST_MAX), count: before.count + fresh.length };
}
