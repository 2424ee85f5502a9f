// What was counted already, so that a question about all hits need not read them all. `tally` has sums of all
// hits that came in not later than the time in `tallied`:
//
//   kind, sort      which hits, and what they count as (SORTS)
//   slot            when, as the beginning of a quarter of an hour: every zone's hours begin with one
//   before          of looks, the slot in which the same viewer looked before; NULL: never
//   hits, repeats   how many, and how many of them are repeats by the window in `tallied`
//
// A look is the first of its viewer in a range exactly when the one before it lies before the range, so how
// many viewers there are in any range, and in any bucket of it, is a sum of these rows: no approximation.
// Times are microseconds. Rows add up; there may be several of the same slots.
//
// Whoever changes a hit that is in it, or adds one that came late, takes the row out of `tallied` in the
// same transaction, and the sums are worth nothing from then on (duckdb-tallying.ts makes them anew). So
// whoever finds that row finds sums of just the hits that it sees.

import type { DuckDBConnection } from '@duckdb/node-api';
import { bucketOf } from './buckets.ts';
import { hitsBeyond, SORTS } from './duckdb-beyond.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';
import { spanOf } from './statistics-looks.ts';
import { statisticsOf, Sums } from './statistics-sums.ts';

export const SLOT_MICROS = 15 * 60 * 1_000_000;

export interface Tallied {
  /** Hits not later than this (microseconds) are in it. */
  readonly until: number;
  readonly window: number;
}

/** Null: nothing is. */
export async function readTallied(connection: DuckDBConnection): Promise<Tallied | null> {
  const rows = await connection.runAndReadAll('SELECT until, repeat_window FROM tallied');
  const [row] = rows.getRows();
  return row === undefined ? null : { until: Number(row[0]), window: Number(row[1]) };
}

/** Within the connection's transaction: what is in it is worth nothing from now on. */
export async function forgetTally(connection: DuckDBConnection): Promise<void> {
  await connection.run('DELETE FROM tallied');
}

/** The answer, when it is a sum of the tally and of the hits since; else null. */
export async function tallied(
  connection: DuckDBConnection,
  request: StatisticsRequest,
): Promise<Statistics | null> {
  const { selection, split, edges } = request;
  if (split !== null || Object.keys(selection.where).length > 0) return null;
  const known = await readTallied(connection);
  const { from, to, window } = spanOf(request);
  if (known === null || known.window !== window || from > known.until) return null;
  if (!isOfSlots(known.until, [from, to, ...edges])) return null;
  const { kind } = selection;
  const since = `slot >= ${from} AND slot < ${to}`;
  const parts = [
    `SELECT slot AS micros, before, sort, hits, repeats FROM tally
      WHERE kind = ${KIND_NUMBER[kind]} AND ${since}`,
  ];
  if (to > known.until) {
    const beyond = { kind, after: known.until, until: to - 1, since: from, window };
    const hits = await hitsBeyond(connection, beyond);
    parts.push(`SELECT micros, before, sort, 1, is_repeat::BIGINT FROM (${hits})`);
  }
  const rows = await connection.runAndReadAll(sumsOf(parts.join(' UNION ALL '), from, edges));
  const sums = new Sums(edges);
  for (const row of rows.getRows()) {
    const [bucket = 0, sort = 0, hits = 0, repeats = 0, first = 0, inBucket = 0] = row.map(Number);
    sums.addHits(bucket, SORTS[sort] ?? 'ignored', hits);
    if (sort === 0) sums.addLooks(bucket, repeats, first, inBucket);
  }
  return statisticsOf(sums, 0, [], []);
}

/** Whether the times cut no slot whose hits are in the tally. */
function isOfSlots(until: number, times: readonly number[]): boolean {
  return times.every((time) => time > until || time % SLOT_MICROS === 0);
}

function sumsOf(rows: string, from: number, edges: readonly number[]): string {
  const isFirst = `before IS NULL OR before < ${from}`;
  const bucket = (time: string): string => bucketOf(edges, time, '//');
  return `SELECT bucket, sort, sum(hits), sum(repeats), sum(hits) FILTER (${isFirst}),
      sum(hits) FILTER (${isFirst} OR ${bucket('before')} < bucket)
    FROM (SELECT *, ${bucket('micros')} AS bucket FROM (${rows})) GROUP BY bucket, sort`;
}
