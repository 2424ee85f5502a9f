// Judging the hits of the embedded store anew: all of them read in the order of time, page by page, and only
// those written whose judgement became another, so that the file does not grow by every run.

import { BIGINT, type DuckDBConnection } from '@duckdb/node-api';
import type { JudgedHit } from '../hit/event.ts';
import { appendHits, JUDGED_COLUMNS, type Writers } from './duckdb-append.ts';
import { JUDGEMENT_NAMES, JUDGEMENT_TYPES } from './duckdb-judgement.ts';
import { OWN_NUMBER } from './duckdb-numbers.ts';
import { bindLimit, bindPlace } from './duckdb-query.ts';
import type { Reader } from './duckdb-readers.ts';
import { HIT, toHit } from './duckdb-rows.ts';
import { inTransaction } from './duckdb-transaction.ts';
import type { HitPlace } from './store.ts';

const TABLES = ['hits_sorted', 'hits_recent'];
/** Before every hit. */
const BEGINNING: HitPlace = { at: -1, id: '0000000000000000-0-0' };

/**
 * The time until which there are enough hits behind a time. Only this column is read, and with the bound that
 * it gives, all others of one or two runs.
 */
const UNTIL = `SELECT coalesce(max(hit_time), $at) FROM (SELECT hit_time FROM (${TABLES.map(
  (table) => `(SELECT epoch_us(occurred_at) AS hit_time FROM ${table}
    WHERE occurred_at > make_timestamp($at) ORDER BY occurred_at LIMIT $limit)`,
).join(' UNION ALL ')}) ORDER BY hit_time LIMIT $limit)`;

const HITS_UNTIL = `SELECT ${HIT} FROM (${TABLES.map(
  (table) => `SELECT * FROM ${table}
    WHERE occurred_at >= make_timestamp($at) AND occurred_at <= make_timestamp($until)`,
).join(' UNION ALL ')}) h JOIN writers w ON w.number = h.writer
  WHERE h.occurred_at > make_timestamp($at) OR w.writer > $writer
    OR (w.writer = $writer AND (h.segment > $segment OR (h.segment = $segment AND h.position > $position)))
  ORDER BY h.occurred_at, w.writer, h.segment, h.position LIMIT $limit`;

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

/** See Store.hitsAfter. Both statements see the same hits, wherever they are moved meanwhile. */
export function hitsBehind(
  reader: Reader,
  place: HitPlace | null,
  limit: number,
): Promise<readonly JudgedHit[]> {
  const behind = place ?? BEGINNING;
  return inTransaction(reader.connection, async () => {
    const until = await reader.statement(UNTIL);
    until.bindBigInt(until.parameterIndex('at'), BigInt(behind.at));
    bindLimit(until, limit);
    const [bound] = (await until.runAndReadAll()).getRows();
    const hits = await reader.statement(HITS_UNTIL);
    bindPlace(hits, behind);
    bindLimit(hits, limit);
    hits.bindBigInt(hits.parameterIndex('until'), BigInt(Number(bound?.[0])));
    return (await hits.runAndReadAll()).getRows().map(toHit);
  });
}

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
  await connection.run(CREATE_NEWS);
  await connection.run('DELETE FROM news');
  await appendHits(connection, 'news', JUDGED_COLUMNS, known, writers);
  const bounds = { oldest: BigInt(oldest), newest: BigInt(newest) };
  for (const table of TABLES) {
    await connection.run(updateIn(table), bounds, { oldest: BIGINT, newest: BIGINT });
  }
  await connection.run('DELETE FROM news');
}
