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
  UBIGINT,
  UINTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { JudgedHit } from '../hit/event.ts';
import { formatWithheld } from '../hit/fields.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import { type JudgementRow, judgementRow } from './duckdb-rows.ts';

/** DuckDB's vector size: a chunk cannot have more rows. */
const CHUNK_ROWS = 2048;

interface Row extends JudgementRow {
  readonly hit: JudgedHit;
  readonly writer: number;
}

interface Column {
  readonly type: DuckDBType;
  value(row: Row): DuckDBValue;
}

/** In the order of the table's columns. */
const COLUMNS: readonly Column[] = [
  { type: TIMESTAMP, value: ({ hit }) => new DuckDBTimestampValue(BigInt(hit.event.at)) },
  { type: UTINYINT, value: ({ hit }) => KIND_NUMBER[hit.event.kind] },
  { type: UINTEGER, value: ({ hit }) => codeKey(hit.event.code) },
  { type: VARCHAR, value: ({ hit }) => hit.event.code },
  { type: VARCHAR, value: ({ hit }) => hit.event.address },
  { type: VARCHAR, value: ({ hit }) => hit.event.referrer },
  { type: VARCHAR, value: ({ hit }) => hit.event.agent },
  { type: VARCHAR, value: ({ hit }) => hit.event.purpose },
  { type: UINTEGER, value: ({ writer }) => writer },
  { type: UINTEGER, value: ({ hit }) => hit.id.segment },
  { type: UINTEGER, value: ({ hit }) => hit.id.position },
  { type: UTINYINT, value: (row) => row.class },
  { type: UTINYINT, value: ({ reason }) => reason },
  { type: VARCHAR, value: ({ client }) => client },
  { type: VARCHAR, value: ({ os }) => os },
  { type: UTINYINT, value: ({ device }) => device },
  { type: VARCHAR, value: ({ country }) => country },
  { type: UTINYINT, value: ({ own }) => own },
  { type: UBIGINT, value: ({ viewer }) => viewer },
  {
    type: VARCHAR,
    value: ({ hit }) => (hit.event.withheld ? formatWithheld(hit.event.withheld) : null),
  },
  { type: BOOLEAN, value: ({ hit }) => hit.event.ownBrowser ?? null },
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
      const rows = hits.slice(start, start + CHUNK_ROWS).map((hit) => ({
        hit,
        writer: writers.get(hit.id.writer) as number,
        ...judgementRow(hit.judgement),
      }));
      appender.appendDataChunk(chunkOf(rows));
    }
  } finally {
    appender.closeSync();
  }
}

function chunkOf(rows: readonly Row[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(TYPES, rows.length);
  for (const [index, column] of COLUMNS.entries()) {
    const vector = chunk.getColumnVector(index);
    for (const [at, row] of rows.entries()) vector.setItem(at, column.value(row));
    vector.flush();
  }
  return chunk;
}
