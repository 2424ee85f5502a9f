// How hits get into DuckDB: whole columns at a time through its appender, which takes about half a million
// hits a second from JavaScript where an INSERT takes a few thousand.

import { crc32 } from 'node:zlib';
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  DuckDBTimestampValue,
  type DuckDBValue,
  BOOLEAN,
  TIMESTAMP,
  UINTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { JudgedHit } from '../hit/event.ts';
import { formatWithheld } from '../hit/fields.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import { JUDGEMENT_NAMES, JUDGEMENT_TYPES, JUDGEMENT_VALUES } from './duckdb-judgement.ts';

/** DuckDB's vector size: a chunk cannot have more rows. */
const CHUNK_ROWS = 2048;

interface Column {
  readonly type: DuckDBType;
  value(hit: JudgedHit, writers: ReadonlyMap<string, number>): DuckDBValue;
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
  ...JUDGEMENT_NAMES.map((name) => ({
    type: JUDGEMENT_TYPES[name],
    value: ({ judgement }: JudgedHit) => JUDGEMENT_VALUES[name](judgement),
  })),
  {
    type: VARCHAR,
    value: ({ event }) => (event.withheld === undefined ? null : formatWithheld(event.withheld)),
  },
  { type: BOOLEAN, value: ({ event }) => event.ownBrowser ?? null },
];
const TYPES = COLUMNS.map((column) => column.type);

/** See duckdb-schema.ts: what is compared before the code itself. */
export function codeKey(code: string | null): number {
  return code === null ? 0 : crc32(code);
}

/** Appends to `hits_recent` within the connection's transaction. `writers` numbers every hit's writer. */
export async function appendHits(
  connection: DuckDBConnection,
  hits: readonly JudgedHit[],
  writers: ReadonlyMap<string, number>,
): Promise<void> {
  const appender = await connection.createAppender('hits_recent');
  try {
    for (let start = 0; start < hits.length; start += CHUNK_ROWS) {
      const rows = hits.slice(start, start + CHUNK_ROWS);
      appender.appendDataChunk(chunkOf(rows, writers));
    }
  } finally {
    appender.closeSync();
  }
}

function chunkOf(
  hits: readonly JudgedHit[],
  writers: ReadonlyMap<string, number>,
): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(TYPES, hits.length);
  for (const [index, column] of COLUMNS.entries()) {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < hits.length; row++) {
      vector.setItem(row, column.value(hits[row] as JudgedHit, writers));
    }
    vector.flush();
  }
  return chunk;
}
