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
// `writer` is the number of a row in `writers`. What a hit is judged to be stands in its row, as numbers
// (duckdb-numbers.ts) where the set is closed; the view `judged_hits` spells them.

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

/** Of the judgement, all NULL for a hit that nobody judged yet. */
const JUDGEMENT_COLUMNS = [
  'class UTINYINT',
  'reason UTINYINT',
  'client VARCHAR',
  'os VARCHAR',
  'device UTINYINT',
  'country VARCHAR',
  'own UTINYINT',
  'viewer UBIGINT',
];
/** Further facts, NULL for nearly all hits: `Withheld` as hit/fields.ts writes it, and `ownBrowser`. */
const FACT_COLUMNS = ['withheld VARCHAR', 'own_browser BOOLEAN'];

const PROPERTY_COLUMNS = [
  'mode UTINYINT',
  'sent_at TIMESTAMP',
  'recipient VARCHAR',
  'label VARCHAR',
  'campaign VARCHAR',
  'metadata VARCHAR',
  'said VARCHAR',
];

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
  ['CREATE TABLE erased (digest VARCHAR PRIMARY KEY, erased_at TIMESTAMPTZ NOT NULL)'],
  [
    'DROP VIEW hits',
    ...['hits_recent', 'hits_sorted'].flatMap((table) =>
      [...JUDGEMENT_COLUMNS, ...FACT_COLUMNS].map(
        (column) => `ALTER TABLE ${table} ADD COLUMN ${column}`,
      ),
    ),
    `CREATE VIEW hits AS SELECT * FROM hits_sorted UNION ALL SELECT * FROM hits_recent`,
    ...names(
      'verdict_classes',
      'human-mail human-browser gmail-proxy yahoo-proxy other-proxy apple-mpp ' +
        'prefetch security-scanner link-preview crawler http-library unknown',
    ),
    ...names(
      'verdict_reasons',
      'mail-client-token webkit-without-browser browser-agent app-agent ' +
        'gmail-proxy-token yahoo-proxy-token mail-proxy-token ' +
        'apple-mpp-listed apple-mpp-bare-agent prefetch-header gmail-prefetch-agent ' +
        'scanner-network scanner-token scanner-behaviour link-preview-token ' +
        'crawler-token crawler-words http-library-token no-agent unrecognised-agent not-judged',
    ),
    ...names('devices', 'desktop mobile tablet tv console watch'),
    ...names('own_signs', 'address browser claimed disclaimed'),
    ...names('pixel_modes', 'individual aggregate off'),
    `CREATE VIEW judged_hits AS
      SELECT h.* REPLACE (k.name AS kind, c.name AS class, r.name AS reason, d.name AS device,
        o.name AS own) FROM hits h
      JOIN hit_kinds k ON k.kind = h.kind
      LEFT JOIN verdict_classes c ON c.number = h.class
      LEFT JOIN verdict_reasons r ON r.number = h.reason
      LEFT JOIN devices d ON d.number = h.device
      LEFT JOIN own_signs o ON o.number = h.own`,
    // Somebody may speak of a pixel before its minting is loaded. `said` is in duckdb-pixels.ts.
    'ALTER TABLE pixels ALTER COLUMN created_at DROP NOT NULL',
    ...PROPERTY_COLUMNS.map((column) => `ALTER TABLE pixels ADD COLUMN ${column}`),
    `CREATE TABLE claims (hit VARCHAR PRIMARY KEY, hit_at TIMESTAMP NOT NULL, code VARCHAR,
      own BOOLEAN NOT NULL, said_at TIMESTAMP NOT NULL, said_by VARCHAR NOT NULL)`,
  ],
  ['ALTER TABLE pixels ADD COLUMN request VARCHAR'],
  // What was counted already: see duckdb-tally.ts.
  [
    `CREATE TABLE tally (kind UTINYINT NOT NULL, sort UTINYINT NOT NULL, slot BIGINT NOT NULL,
      before BIGINT, hits BIGINT NOT NULL, repeats BIGINT NOT NULL)`,
    'CREATE TABLE tallied (until BIGINT NOT NULL, repeat_window BIGINT NOT NULL)',
  ],
];

/** A table that spells the numbers from 1 on. */
function names(table: string, spelt: string): readonly string[] {
  const rows = spelt.split(' ').map((name, index) => `(${index + 1}, '${name}')`);
  return [
    `CREATE TABLE ${table} (number UTINYINT PRIMARY KEY, name VARCHAR NOT NULL)`,
    `INSERT INTO ${table} VALUES ${rows.join(', ')}`,
  ];
}

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
