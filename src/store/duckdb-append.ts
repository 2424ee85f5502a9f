// How rows get into DuckDB: whole columns at a time through its appender, which takes some hundred thousand
// hits a second from JavaScript where an INSERT takes a few thousand.

import { crc32 } from 'node:zlib';
import {
  BOOLEAN,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  DuckDBTimestampValue,
  type DuckDBValue,
  TIMESTAMP,
  UINTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { JudgedHit } from '../hit/event.ts';
import { formatWithheld } from '../hit/fields.ts';
import { JUDGEMENT_NAMES, JUDGEMENT_TYPES, JUDGEMENT_VALUES } from './duckdb-judgement.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';

/** DuckDB's vector size: a chunk cannot have more rows. */
const CHUNK_ROWS = 2048;

/** The number of each writer of the hits that are appended. */
export type Writers = ReadonlyMap<string, number>;

interface Column {
  readonly type: DuckDBType;
  value(hit: JudgedHit, writers: Writers): DuckDBValue;
}

const AT: Column = {
  type: TIMESTAMP,
  value: ({ event }) => new DuckDBTimestampValue(BigInt(event.at)),
};
const ID: readonly Column[] = [
  { type: UINTEGER, value: ({ id }, writers) => writers.get(id.writer) as number },
  { type: UINTEGER, value: ({ id }) => id.segment },
  { type: UINTEGER, value: ({ id }) => id.position },
];
const JUDGEMENT: readonly Column[] = JUDGEMENT_NAMES.map((name) => ({
  type: JUDGEMENT_TYPES[name],
  value: ({ judgement }) => JUDGEMENT_VALUES[name](judgement),
}));

/** In the order of the columns of hits_recent. */
export const HIT_COLUMNS: readonly Column[] = [
  AT,
  { type: UTINYINT, value: ({ event }) => KIND_NUMBER[event.kind] },
  { type: UINTEGER, value: ({ event }) => codeKey(event.code) },
  { type: VARCHAR, value: ({ event }) => event.code },
  { type: VARCHAR, value: ({ event }) => event.address },
  { type: VARCHAR, value: ({ event }) => event.referrer },
  { type: VARCHAR, value: ({ event }) => event.agent },
  { type: VARCHAR, value: ({ event }) => event.purpose },
  ...ID,
  ...JUDGEMENT,
  {
    type: VARCHAR,
    value: ({ event }) => (event.withheld === undefined ? null : formatWithheld(event.withheld)),
  },
  { type: BOOLEAN, value: ({ event }) => event.ownBrowser ?? null },
];

/** Which hit it is, and what it is judged to be. */
export const JUDGED_COLUMNS: readonly Column[] = [AT, ...ID, ...JUDGEMENT];

/** See duckdb-schema.ts: what is compared before the code itself. */
export function codeKey(code: string | null): number {
  return code === null ? 0 : crc32(code);
}

/** Appends within the connection's transaction. `writers` numbers every hit's writer. */
export async function appendHits(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column[],
  hits: readonly JudgedHit[],
  writers: Writers,
): Promise<void> {
  const appender = await connection.createAppender(table);
  const types = columns.map(({ type }) => type);
  try {
    for (let start = 0; start < hits.length; start += CHUNK_ROWS) {
      const rows = hits.slice(start, start + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(types, rows.length);
      for (const [index, column] of columns.entries()) {
        const vector = chunk.getColumnVector(index);
        for (let row = 0; row < rows.length; row++) {
          vector.setItem(row, column.value(rows[row] as JudgedHit, writers));
        }
        vector.flush();
      }
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}
