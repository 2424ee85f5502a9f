// The embedded store's tables and their versions. A store is a projection of the journal, so a step that
// cannot be taken in place may say so and leave the rest to `truepixel rebuild`.
//
// hits is in two tables of the same shape. `hits_recent` takes every load in the order of arrival; when it
// has RECENT_HITS_MAX rows they are moved to `hits_sorted`, ordered by (code_key, occurred_at). So
// hits_sorted is a chain of sorted runs, and DuckDB's zone maps (smallest and largest value of each row
// group) let a query for one pixel skip all but one or two row groups of each run. The same rows stay
// ordered by time from run to run, which lets a statistics query over a range of time skip whole runs.
//
// code_key is the CRC-32 of the code, 0 without one: four bytes to compare before sixteen, and only those
// are decompressed for the rows that cannot match. An event's id is (writer, segment, position), where
// `writer` is the number of a row in `writers`.

import type { DuckDBConnection } from '@duckdb/node-api';
import { StoreError } from './store.ts';

const HIT_COLUMNS = `(
  occurred_at TIMESTAMP NOT NULL,
  kind UTINYINT NOT NULL,
  code_key UINTEGER NOT NULL,
  code VARCHAR,
  address VARCHAR NOT NULL,
  referrer VARCHAR,
  agent VARCHAR,
  purpose VARCHAR,
  writer UINTEGER NOT NULL,
  segment UINTEGER NOT NULL,
  position UINTEGER NOT NULL
)`;

/** What `kind` holds. Numbers are never used again; hit_kinds spells them for people who write SQL. */
export const KIND_NUMBER = { open: 1, visit: 2 } as const;

/** Step n brings a store from version n to n + 1. Steps are never changed once released. */
const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE hits_recent ${HIT_COLUMNS}`,
    `CREATE TABLE hits_sorted ${HIT_COLUMNS}`,
    `CREATE TABLE hit_kinds (kind UTINYINT PRIMARY KEY, name VARCHAR NOT NULL)`,
    `INSERT INTO hit_kinds VALUES (1, 'open'), (2, 'visit')`,
    `CREATE TABLE writers (number UINTEGER NOT NULL, writer VARCHAR NOT NULL)`,
    `CREATE TABLE pixels (code VARCHAR PRIMARY KEY, created_at TIMESTAMP NOT NULL)`,
    `CREATE TABLE progress (text VARCHAR NOT NULL)`,
    `CREATE VIEW hits AS SELECT * FROM hits_sorted UNION ALL SELECT * FROM hits_recent`,
  ],
];

/** Creates the tables of a new store or brings an older one to the present version, all or nothing. */
export async function migrate(connection: DuckDBConnection): Promise<void> {
  await connection.run('BEGIN');
  await connection.run('CREATE TABLE IF NOT EXISTS store_version (version INTEGER NOT NULL)');
  const found = await connection.runAndReadAll('SELECT version FROM store_version');
  const version = Number(found.getRows()[0]?.[0] ?? 0);
  if (version > STEPS.length) {
    await connection.run('ROLLBACK');
    throw new StoreError(
      `the store has version ${version}, but this program knows versions up to ${STEPS.length}: ` +
        'start a newer truepixel',
      false,
    );
  }
  if (version < STEPS.length) {
    for (const statement of STEPS.slice(version).flat()) await connection.run(statement);
    await connection.run('DELETE FROM store_version');
    await connection.run('INSERT INTO store_version VALUES ($1)', [STEPS.length]);
  }
  await connection.run('COMMIT');
}
