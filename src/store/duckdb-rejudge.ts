// Judging the hits of the embedded store anew: all of them read in the order of time, page by page, and only
// those written whose judgement became another, so that the file does not grow by every run.

import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  UINTEGER,
} from '@duckdb/node-api';
import type { JudgedHit } from '../hit/event.ts';
import { JUDGEMENT_NAMES, JUDGEMENT_TYPES, JUDGEMENT_VALUES } from './duckdb-judgement.ts';
import { OWN_NUMBER } from './duckdb-numbers.ts';
import { HIT } from './duckdb-rows.ts';

const OLDEST_FIRST = 'h.occurred_at, w.writer, h.segment, h.position';

/**
 * The oldest of each table, in one statement: hits that are moved from one table to the other meanwhile are
 * in one of them, once.
 */
const oldest = (condition: string): string =>
  ['hits_sorted', 'hits_recent']
    .map(
      (table) => `(SELECT ${HIT} FROM ${table} h JOIN writers w ON w.number = h.writer
  ${condition} ORDER BY ${OLDEST_FIRST} LIMIT $limit)`,
    )
    .join(' UNION ALL ');

const BEHIND = `WHERE h.occurred_at >= make_timestamp($at) AND (h.occurred_at > make_timestamp($at)
    OR w.writer > $writer
    OR (w.writer = $writer AND (h.segment > $segment OR (h.segment = $segment AND h.position > $position))))`;

/** Up to $limit hits of each table, in any order. */
export const OLDEST_HITS = oldest('');
export const HITS_BEHIND = oldest(BEHIND);

export const UNJUDGED = `SELECT 1 FROM hits_sorted WHERE reason IS NULL
  UNION ALL SELECT 1 FROM hits_recent WHERE reason IS NULL LIMIT 1`;

/** What somebody claimed stays. */
const NEW_OWN = `CASE WHEN h.own IN (${OWN_NUMBER.claimed}, ${OWN_NUMBER.disclaimed}) THEN h.own
  ELSE news.own END`;
const newValue = (name: string): string => (name === 'own' ? NEW_OWN : `news.${name}`);
const updateIn = (table: string): string => `UPDATE ${table} h
  SET ${JUDGEMENT_NAMES.map((name) => `${name} = ${newValue(name)}`).join(', ')}
  FROM (SELECT unnest($times) AS hit_time, unnest($writers) AS writer, unnest($segments) AS segment,
    unnest($positions) AS position, ${JUDGEMENT_NAMES.map((name) => `unnest($${name}) AS ${name}`).join(', ')}) news
  WHERE h.occurred_at = make_timestamp(news.hit_time) AND h.position = news.position
    AND h.segment = news.segment AND h.writer = news.writer
    AND h.occurred_at BETWEEN make_timestamp($oldest) AND make_timestamp($newest)
    AND (${JUDGEMENT_NAMES.map((name) => `h.${name} IS DISTINCT FROM ${newValue(name)}`).join(' OR ')})`;

/** Within the connection's transaction; `writers` numbers the writers of all hits in the store. */
export async function rejudgeHits(
  connection: DuckDBConnection,
  hits: readonly JudgedHit[],
  writers: ReadonlyMap<string, number>,
): Promise<void> {
  const known = hits.filter(({ id }) => writers.has(id.writer));
  if (known.length === 0) return;
  const times = known.map(({ event }) => event.at);
  const judgements = known.map(({ judgement }) => judgement);
  const parameters: Record<string, DuckDBValue> = {
    times: listValue(times.map(BigInt)),
    writers: listValue(known.map(({ id }) => writers.get(id.writer) ?? 0)),
    segments: listValue(known.map(({ id }) => id.segment)),
    positions: listValue(known.map(({ id }) => id.position)),
    oldest: BigInt(times.reduce((a, b) => Math.min(a, b))),
    newest: BigInt(times.reduce((a, b) => Math.max(a, b))),
  };
  const types: Record<string, DuckDBType> = {
    times: LIST(BIGINT),
    writers: LIST(UINTEGER),
    segments: LIST(UINTEGER),
    positions: LIST(UINTEGER),
    oldest: BIGINT,
    newest: BIGINT,
  };
  for (const name of JUDGEMENT_NAMES) {
    parameters[name] = listValue(judgements.map(JUDGEMENT_VALUES[name]));
    types[name] = LIST(JUDGEMENT_TYPES[name]);
  }
  for (const table of ['hits_sorted', 'hits_recent']) {
    await connection.run(updateIn(table), parameters, types);
  }
}
