// How the hits of a pixel, or of several, are counted, as one statement. What is a look, a repeat and so on
// is decided in counting.ts and docs/counting.md; this only says it in SQL.

import type { DuckDBValue } from '@duckdb/node-api';
import { isOwn, type OwnSign, type VerdictClass } from '../hit/verdict.ts';
import { type Counted, classesCountedAs } from './counting.ts';
import { CLASS_NUMBER, KIND_NUMBER, OWN_NUMBER } from './duckdb-numbers.ts';
import { IS_CODE, ofPixel } from './duckdb-query.ts';
import type { Counts } from './store.ts';

const numbersOf = (counted: Counted): string =>
  classesCountedAs(counted)
    .map((one: VerdictClass) => CLASS_NUMBER[one])
    .join(', ');

const OWN_NUMBERS = Object.entries(OWN_NUMBER)
  .filter(([sign]) => isOwn(sign as OwnSign))
  .map(([, number]) => number);
/** Not the operator's own. */
const OTHERS = `(own IS NULL OR own NOT IN (${OWN_NUMBERS.join(', ')}))`;
const countedAs = (counted: Counted): string => `${OTHERS} AND class IN (${numbersOf(counted)})`;
/** Conditions of a row of hits of either kind; what fulfils none of them is ignored. */
export const COUNTED_AS = {
  look: countedAs('look'),
  unverified: countedAs('unverified'),
  machine: countedAs('machine'),
};

const COUNTED_BY_CLASS = new Map<number, Counted>(
  (['look', 'unverified', 'machine'] as const).flatMap((counted) =>
    classesCountedAs(counted).map((one): [number, Counted] => [CLASS_NUMBER[one], counted]),
  ),
);

/** What hits with these columns `class` and `own` count as. */
export function sortOf(verdictClass: number | null, own: number | null): Counted {
  if (verdictClass === null || (own !== null && OWN_NUMBERS.includes(own))) return 'ignored';
  return COUNTED_BY_CLASS.get(verdictClass) ?? 'ignored';
}

/**
 * A look's gap is the time since the look before of the same viewer, NULL for a viewer's first: so these are
 * the viewers. What is neither counted here nor there is ignored.
 */
export const COUNTS = `WITH pixel AS MATERIALIZED (${ofPixel(
  'occurred_at, class, own, viewer',
  `${IS_CODE} AND kind = ${KIND_NUMBER.open}`,
)}),
  looks AS (SELECT epoch_us(occurred_at) - lag(epoch_us(occurred_at))
      OVER (PARTITION BY viewer ORDER BY occurred_at) AS gap
    FROM pixel WHERE ${COUNTED_AS.look})
  SELECT (SELECT count(*) FROM pixel),
    (SELECT count(*) FROM pixel WHERE ${countedAs('unverified')}),
    (SELECT count(*) FROM pixel WHERE ${countedAs('machine')}),
    count(*), count(*) FILTER (gap <= $window), count(*) FILTER (gap IS NULL) FROM looks`;

/** Whether a row of hits is a look at a pixel. */
export const IS_LOOK = `kind = ${KIND_NUMBER.open} AND ${COUNTED_AS.look}`;

/**
 * The same of all codes that have one of `$keys`: the code, its last hit's time, and the same numbers.
 * The codes themselves are not compared, which would cost twice as much.
 */
export const COUNTS_BY_CODE = `WITH hit AS (${ofPixel(
  `code, occurred_at, viewer, ${countedAs('look')} AS is_look,
    ${countedAs('unverified')} AS is_unverified, ${countedAs('machine')} AS is_machine`,
  `kind = ${KIND_NUMBER.open} AND code_key IN (SELECT unnest($keys))`,
)}),
  seen AS (SELECT *, CASE WHEN is_look THEN epoch_us(occurred_at) - lag(epoch_us(occurred_at))
      OVER (PARTITION BY code, viewer, is_look ORDER BY occurred_at) END AS gap FROM hit)
  SELECT code, epoch_us(max(occurred_at)), count(*), count(*) FILTER (is_unverified),
    count(*) FILTER (is_machine), count(*) FILTER (is_look), count(*) FILTER (is_look AND gap <= $window),
    count(*) FILTER (is_look AND gap IS NULL)
  FROM seen GROUP BY code`;

/** A row of {@link COUNTS_BY_CODE}. */
export function toCountsByCode([, lastHitAt = null, ...counts]: readonly DuckDBValue[]): {
  readonly counts: Counts;
  readonly lastHitAt: number;
} {
  return { counts: toCounts(counts), lastHitAt: Number(lastHitAt) };
}

/** The row of {@link COUNTS}. */
export function toCounts(row: readonly DuckDBValue[]): Counts {
  const [hits = 0, unverified = 0, machine = 0, looks = 0, repeats = 0, uniqueOpens = 0] =
    row.map(Number);
  return {
    hits,
    opens: looks - repeats,
    repeats,
    unverified,
    machine,
    ignored: hits - unverified - machine - looks,
    uniqueOpens,
  };
}
