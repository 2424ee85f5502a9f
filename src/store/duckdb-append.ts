// How hits get into DuckDB: whole columns at a time through its appender, which takes about half a million
// hits a second from JavaScript where an INSERT takes a few thousand.

import { crc32 } from 'node:zlib';
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  DuckDBTimestampValue,
  type DuckDBValue,
  UINTEGER,
  UTINYINT,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Hit, Recorded } from '../hit/event.ts';
import { KIND_NUMBER } from './duckdb-schema.ts';

/** DuckDB's vector size: a chunk cannot have more rows. */
const CHUNK_ROWS = 2048;

interface Column {
  readonly type: DuckDBType;
  value(hit: Recorded<Hit>, writers: ReadonlyMap<string, number>): DuckDBValue;
}

/** In the order of the table's columns. */
const COLUMNS: readonly Column[] = [
  { type: TIMESTAMP, value: ({ event }) => new DuckDBTimestampValue(BigInt(event.at)) },
  { type: UTINYINT, value: ({ event }) => KIND_NUMBER[event.kind] },
  { type: UINTEGER, value: ({ event }) => codeKey(event.code) },
  { type: VARCHAR, value: ({ event }) => event.code },
  { type: VARCHAR, value: ({ event }) => event.address },
  { type: VARCHAR, value: ({ event }) => event.referrer },
  { type: VARCHAR, value: ({ event }) => event.agent },
  { type: VARCHAR, value: ({ event }) => event.purpose },
  { type: UINTEGER, value: ({ id }, writers) => writers.get(id.writer) as number },
  { type: UINTEGER, value: ({ id }) => id.segment },
  { type: UINTEGER, value: ({ id }) => id.position },
];

/** See duckdb-schema.ts: what is compared before the code itself. */
export function codeKey(code: string | null): number {
  return code === null ? 0 : crc32(code);
}

/** Appends to `hits_recent` within the connection's transaction. `writers` numbers every hit's writer. */
export async function appendHits(
  connection: DuckDBConnection,
  hits: readonly Recorded<Hit>[],
  writers: ReadonlyMap<string, number>,
): Promise<void> {
  const appender = await connection.createAppender('hits_recent');
  try {
    const types = COLUMNS.map((column) => column.type);
    for (let start = 0; start < hits.length; start += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, hits.length - start);
      const chunk = DuckDBDataChunk.create(types, rows);
      for (const [index, column] of COLUMNS.entries()) {
        const vector = chunk.getColumnVector(index);
        for (let row = 0; row < rows; row++) {
          vector.setItem(row, column.value(hits[start + row] as Recorded<Hit>, writers));
        }
        vector.flush();
      }
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}
