// What is asked of the embedded store, as SQL with parameters only.

import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import type { EventId } from '../hit/event.ts';
import { codeKey } from './duckdb-append.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import { HIT, idOf } from './duckdb-rows.ts';
import type { HitPlace } from './store.ts';

/** The same condition on both tables, spelt in each so that DuckDB skips by zone map in each. */
export const ofPixel = (columns: string, condition: string): string =>
  ['hits_sorted', 'hits_recent']
    .map((table) => `SELECT ${columns} FROM ${table} WHERE ${condition}`)
    .join(' UNION ALL ');

/** Of a row of hits. */
export const IS_CODE = 'code_key = $key AND code = $code';

export const COUNT_OPENS = `SELECT count(*) FROM (${ofPixel(
  '1',
  `${IS_CODE} AND kind = ${KIND_NUMBER.open}`,
)})`;

const NEWEST_FIRST = 'h.occurred_at DESC, w.writer DESC, h.segment DESC, h.position DESC';

export const NEWEST_HITS = `SELECT ${HIT} FROM (${ofPixel('*', IS_CODE)}) h
  JOIN writers w ON w.number = h.writer ORDER BY ${NEWEST_FIRST} LIMIT $limit`;

export const HITS_BEFORE = `SELECT ${HIT} FROM (${ofPixel(
  '*',
  `${IS_CODE} AND occurred_at <= make_timestamp($at)`,
)}) h
  JOIN writers w ON w.number = h.writer
  WHERE h.occurred_at < make_timestamp($at)
    OR w.writer < $writer
    OR (w.writer = $writer AND (h.segment < $segment OR (h.segment = $segment AND h.position < $position)))
  ORDER BY ${NEWEST_FIRST} LIMIT $limit`;

export const ONE_HIT = `SELECT ${HIT} FROM (${ofPixel(
  '*',
  `${IS_CODE} AND segment = $segment AND position = $position`,
)}) h
  JOIN writers w ON w.number = h.writer WHERE w.writer = $writer`;

export const TOTALS = `SELECT (SELECT count(created_at) FROM pixels),
  count(*) FILTER (kind = ${KIND_NUMBER.open}), count(*) FILTER (kind = ${KIND_NUMBER.visit}) FROM hits`;

/**
 * Which of the asked hits are there: (writer, segment, position) of each. The bounds let DuckDB pass
 * over runs of other times by their zone maps; the join then compares eight bytes a row.
 */
export const KNOWN_HITS = ['hits_sorted', 'hits_recent']
  .map(
    (table) => `SELECT h.writer, h.segment, h.position FROM ${table} h
  JOIN (SELECT unnest($times) AS at, unnest($writers) AS writer, unnest($segments) AS segment,
    unnest($positions) AS position) asked
  ON h.occurred_at = make_timestamp(asked.at) AND h.position = asked.position
    AND h.segment = asked.segment AND h.writer = asked.writer
  WHERE h.occurred_at BETWEEN make_timestamp($oldest) AND make_timestamp($newest)`,
  )
  .join(' UNION ALL ');

export const KNOWN_PIXELS = `SELECT code, epoch_us(created_at) FROM pixels
  WHERE created_at IS NOT NULL AND code IN (SELECT unnest($codes))`;

export const SOURCES = `SELECT w.writer, h.segment, count(*), epoch_us(min(h.occurred_at)),
    epoch_us(max(h.occurred_at))
  FROM hits h JOIN writers w ON w.number = h.writer GROUP BY ALL ORDER BY ALL`;

export const SORT_RECENT =
  'INSERT INTO hits_sorted SELECT * FROM hits_recent ORDER BY code_key, occurred_at';

function parameter(statement: DuckDBPreparedStatement, name: string): number {
  return statement.parameterIndex(name);
}

/** Types are given: a parameter of another type than its column's would keep zone maps from being used. */
export function bindCode(statement: DuckDBPreparedStatement, code: string): void {
  statement.bindUInteger(parameter(statement, 'key'), codeKey(code));
  statement.bindVarchar(parameter(statement, 'code'), code);
}

export function bindLimit(statement: DuckDBPreparedStatement, limit: number): void {
  statement.bindBigInt(parameter(statement, 'limit'), BigInt(limit));
}

/** Binds the three parts of an event's id. */
export function bindId(statement: DuckDBPreparedStatement, id: EventId): void {
  statement.bindVarchar(parameter(statement, 'writer'), id.writer);
  statement.bindBigInt(parameter(statement, 'segment'), BigInt(id.segment));
  statement.bindBigInt(parameter(statement, 'position'), BigInt(id.position));
}

/** Throws RangeError when the place's id is none. */
export function bindPlace(statement: DuckDBPreparedStatement, place: HitPlace): void {
  statement.bindBigInt(parameter(statement, 'at'), BigInt(place.at));
  bindId(statement, idOf(place));
}
