// How the hits of several pixels are counted at once, as one query to QuestDB; of one pixel in
// questdb-query.ts.

import { places, SORT } from './questdb-query.ts';
import { HITS } from './questdb-tables.ts';

/** Whether a row of hits is a look at a pixel. */
export const IS_LOOK = `kind = 'open' AND code IS NOT NULL AND ${SORT} = 'look'`;

/**
 * Of so many codes, whose keys are given first. Rows of a code, the time of its last hit that counts as this,
 * and what it is; then as of one pixel, with `$1` microseconds between repeats.
 */
export const COUNTS_BY_CODE = (count: number): string =>
  `SELECT code, max(at), sort, count(), sum(CASE WHEN before IS NULL THEN 1 ELSE 0 END),
    sum(CASE WHEN at - before <= $1 THEN 1 ELSE 0 END)
  FROM (SELECT code, sort, at, lag(at) OVER (PARTITION BY code, sort, viewer ORDER BY occurred_at) AS before
    FROM (SELECT code, occurred_at, cast(occurred_at AS long) AS at, viewer, ${SORT} AS sort FROM ${HITS}
      WHERE kind = 'open' AND code_key IN (${places(2, count)}) AND code IN (${places(2 + count, count)})))
  GROUP BY code, sort`;
