// Writing new judgements into the embedded store: only of those hits whose judgement became another, so that
// the file does not grow each time that all are judged anew.

import { BIGINT, type DuckDBConnection } from '@duckdb/node-api';
import type { JudgedHit } from '../hit/event.ts';
import { appendHits, JUDGED_COLUMNS, type Writers } from './duckdb-append.ts';
import { JUDGEMENT_NAMES, JUDGEMENT_TYPES } from './duckdb-judgement.ts';
import { OWN_NUMBER } from './duckdb-numbers.ts';
import { forgetTally } from './duckdb-tally.ts';

const TABLES = ['hits_sorted', 'hits_recent'];
export const UNJUDGED = `SELECT 1 FROM hits_sorted WHERE reason IS NULL
  UNION ALL SELECT 1 FROM hits_recent WHERE reason IS NULL LIMIT 1`;

/** What somebody claimed stays. */
const NEW_OWN = `CASE WHEN h.own IN (${OWN_NUMBER.claimed}, ${OWN_NUMBER.disclaimed}) THEN h.own
  ELSE news.own END`;
const newValue = (name: string): string => (name === 'own' ? NEW_OWN : `news.${name}`);
const CREATE_NEWS = `CREATE TEMP TABLE IF NOT EXISTS news (occurred_at TIMESTAMP, writer UINTEGER,
  segment UINTEGER, position UINTEGER,
  ${JUDGEMENT_NAMES.map((name) => `${name} ${JUDGEMENT_TYPES[name].toString()}`).join(', ')})`;
const updateIn = (table: string): string => `UPDATE ${table} h
  SET ${JUDGEMENT_NAMES.map((name) => `${name} = ${newValue(name)}`).join(', ')} FROM news
  WHERE h.occurred_at = news.occurred_at AND h.position = news.position
    AND h.segment = news.segment AND h.writer = news.writer
    AND h.occurred_at BETWEEN make_timestamp($oldest) AND make_timestamp($newest)
    AND (${JUDGEMENT_NAMES.map((name) => `h.${name} IS DISTINCT FROM ${newValue(name)}`).join(' OR ')})`;

/** Within the connection's transaction; `writers` numbers the writers of all hits in the store. */
export async function rejudgeHits(
  connection: DuckDBConnection,
  hits: readonly JudgedHit[],
  writers: Writers,
): Promise<void> {
  const known = hits.filter(({ id }) => writers.has(id.writer));
  if (known.length === 0) return;
  let oldest = Infinity;
  let newest = -Infinity;
  for (const { event } of known) {
    oldest = Math.min(oldest, event.at);
    newest = Math.max(newest, event.at);
  }
  await forgetTally(connection);
  await connection.run(CREATE_NEWS);
  await connection.run('DELETE FROM news');
  await appendHits(connection, 'news', JUDGED_COLUMNS, known, writers);
  const bounds = { oldest: BigInt(oldest), newest: BigInt(newest) };
  for (const table of TABLES) {
    await connection.run(updateIn(table), bounds, { oldest: BIGINT, newest: BIGINT });
  }
  await connection.run('DELETE FROM news');
}
