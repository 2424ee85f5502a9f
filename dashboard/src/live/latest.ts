// The latest live hits, newest first: so many and no more, with the places where some are missing.

import type { LiveHit } from '../pixels/answers.ts';
import type { LiveNews } from './news.ts';

/** What a page shows at once; older ones are to be found where they belong. */
export const LATEST_MAX = 300;

/** Here hits are missing: so many that came too fast, or nobody knows how many after a break. */
export interface Missing {
  readonly key: string;
  readonly missing: number | null;
}

export interface Latest {
  readonly rows: readonly (LiveHit | Missing)[];
  /** All that came while this was open. */
  readonly count: number;
}

export const NOTHING_YET: Latest = { rows: [], count: 0 };

export const isMissing = (row: LiveHit | Missing): row is Missing => 'missing' in row;

export function withNews(before: Latest, { hits, skipped, hasGap }: LiveNews): Latest {
  const known = new Set(before.rows.map((row) => (isMissing(row) ? '' : row.id)));
  const fresh = hits.filter(({ id }) => !known.has(id));
  const count = before.count + fresh.length + skipped;
  const missing: Missing[] = [
    ...(skipped > 0 ? [{ key: `skipped ${count}`, missing: skipped }] : []),
    ...(hasGap ? [{ key: `gap ${count}`, missing: null }] : []),
  ];
  const rows = [...fresh.toReversed(), ...missing, ...before.rows];
  return { rows: rows.slice(0, LATEST_MAX), count };
}
