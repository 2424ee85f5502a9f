// What is asked of QuestDB, as SQL with parameters only. Times go in as ISO 8601 text.

import { classesCountedAs, type Counted } from './counting.ts';
import { HIT } from './questdb-row.ts';
import {
  CLAIMS,
  ERASED,
  HITS,
  NOTES,
  PIXELS,
  PROGRESS,
  STARTS,
  TABLE_NAMES,
} from './questdb-tables.ts';

const OF_PIXEL = 'code_key = $1 AND code = $2';
export const NOT_REDACTED = `kind != 'erased'`;

/** `$1` and so on. */
export const places = (first: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `$${first + i}`).join(', ');

/** A pixel may be there several times, minted again with another time. */
export const CREATED_AT = `SELECT cast(min(created_at) AS long) FROM ${PIXELS} WHERE ${OF_PIXEL}`;

export const COUNT_OPENS = `SELECT count() FROM ${HITS} WHERE ${OF_PIXEL} AND kind = 'open'`;

/** Which hits a page is made of, and their parameters: the condition's come first. */
export interface Scope {
  readonly condition: string;
  readonly parameters: readonly (string | number)[];
}

export const ofPixel = (key: string, code: string): Scope => ({
  condition: OF_PIXEL,
  parameters: [key, code],
});

/** In the order of their times only: hits of one instant are put in order by who asks. */
export function hitsInOrder({ condition, parameters }: Scope, order: 'ASC' | 'DESC'): string {
  return `SELECT ${HIT} FROM ${HITS} WHERE ${condition}
    ORDER BY occurred_at ${order} LIMIT $${parameters.length + 1}`;
}

/** The same, before or behind a time. */
export function hitsBeyond({ condition, parameters }: Scope, order: 'ASC' | 'DESC'): string {
  const next = parameters.length + 1;
  return `SELECT ${HIT} FROM ${HITS}
    WHERE ${condition} AND occurred_at ${order === 'ASC' ? '>' : '<'} $${next + 1}
    ORDER BY occurred_at ${order} LIMIT $${next}`;
}

export const hitsAtInstant = ({ condition, parameters }: Scope): string =>
  `SELECT ${HIT} FROM ${HITS} WHERE ${condition} AND occurred_at = $${parameters.length + 1}`;

export const ONE_HIT = `SELECT ${HIT} FROM ${HITS}
  WHERE ${OF_PIXEL} AND writer = $3 AND segment = $4 AND position = $5`;

/** The hits at so many times. */
export const hitsAtTimes = (count: number): string =>
  `SELECT ${HIT} FROM ${HITS} WHERE occurred_at IN (${places(1, count)}) AND ${NOT_REDACTED}`;

/** The own signs and ids of the hits from one time to another. */
export const OWN_BETWEEN = `SELECT own, writer, segment, position FROM ${HITS}
  WHERE occurred_at BETWEEN $1 AND $2 AND ${NOT_REDACTED}`;

export const ANY_UNJUDGED = `SELECT kind FROM ${HITS} WHERE reason IS NULL AND ${NOT_REDACTED} LIMIT 1`;

export const COUNT_BY_KIND = `SELECT kind, count() FROM ${HITS} GROUP BY kind`;
export const COUNT_PIXELS = `SELECT count_distinct(code) FROM ${PIXELS}`;

/** The ids of the hits at so many times, redacted ones too. */
export const knownHits = (count: number): string =>
  `SELECT writer, segment, position FROM ${HITS} WHERE occurred_at IN (${places(1, count)})`;

/** When pixels were minted: so many keys of codes, and then the codes. */
export const knownPixels = (count: number): string =>
  `SELECT code, cast(min(created_at) AS long) FROM ${PIXELS}
    WHERE code_key IN (${places(1, count)}) AND code IN (${places(1 + count, count)}) GROUP BY code`;

/** Notes as questdb-notes.ts reads them: when and by which event it was said, of which code, and what. */
export const notes = (said: string, condition: string): string =>
  `SELECT cast(said_at AS long), writer, segment, position, code, ${said} FROM ${NOTES}
    WHERE code IS NOT NULL AND ${condition}`;

/** On hits from one time to another. */
export const CLAIMS_BETWEEN = `SELECT cast(claimed_at AS long), writer, segment, position, hit,
  cast(hit_at AS long), own FROM ${CLAIMS} WHERE hit_at BETWEEN $1 AND $2`;

export const PROGRESS_ROW = `SELECT turn, text FROM ${PROGRESS} WHERE installation = $1
  ORDER BY turn DESC LIMIT 1`;
export const INSERT_START = `INSERT INTO ${STARTS} (started_at, installation, schema, nonce)
  VALUES ($1, $2, $3, $4)`;
/**
 * Three rows: the last turn of an installation, whether a start is there, and a number that is another one
 * once any table was made again.
 */
export const WHAT_WE_WROTE = `SELECT coalesce(max(turn), 0) FROM ${PROGRESS} WHERE installation = $1
  UNION ALL SELECT count() FROM ${STARTS} WHERE nonce = $2
  UNION ALL SELECT sum(id) FROM tables()
    WHERE table_name IN (${TABLE_NAMES.map((name) => `'${name}'`).join(', ')})`;
export const ERASED_DIGESTS = `SELECT digest FROM ${ERASED}`;
export const INSERT_ERASED = `INSERT INTO ${ERASED} VALUES (now(), $1)`;

/** An own look is none of the others. */
function caseOf(counted: Counted): string {
  const classes = classesCountedAs(counted).map((one) => `'${one}'`);
  return `WHEN class IN (${classes.join(', ')}) THEN '${counted}'`;
}

/** What a row of hits counts as, whatever its kind. */
export const SORT = `CASE
      WHEN own IN ('address', 'browser', 'claimed') THEN 'ignored'
      ${caseOf('look')} ${caseOf('unverified')} ${caseOf('machine')} ELSE 'ignored' END`;

/**
 * What a hit counts as, and what looks of the same viewer come before it. A pixel's hits are few enough to
 * be put in order each time.
 */
const COUNTED = `SELECT sort, at,
  lag(at) OVER (PARTITION BY sort, viewer ORDER BY occurred_at) AS before FROM (
    SELECT occurred_at, cast(occurred_at AS long) AS at, viewer, ${SORT} AS sort
    FROM ${HITS} WHERE ${OF_PIXEL})`;

/**
 * Rows of what hits count as: how many there are, how many come first of their viewer, and how many come
 * at most `$3` microseconds after the one before.
 */
export const COUNTS = `SELECT sort, count(), sum(CASE WHEN before IS NULL THEN 1 ELSE 0 END),
  sum(CASE WHEN at - before <= $3 THEN 1 ELSE 0 END) FROM (${COUNTED}) GROUP BY sort`;
