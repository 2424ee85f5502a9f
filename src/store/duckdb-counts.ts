// How the hits of a pixel are counted, as one statement. What is a look, a repeat and so on is decided in
// counting.ts and docs/counting.md; this only says it in SQL.

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
    FROM pixel WHERE ${countedAs('look')})
  SELECT (SELECT count(*) FROM pixel),
    (SELECT count(*) FROM pixel WHERE ${countedAs('unverified')}),
    (SELECT count(*) FROM pixel WHERE ${countedAs('machine')}),
    count(*), count(*) FILTER (gap <= $window), count(*) FILTER (gap IS NULL) FROM looks`;

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
