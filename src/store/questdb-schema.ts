// QuestDB's tables, and whether those that are there are ours. They have names of their own, so that a
// database may be shared with others (TrackPixel's tables lie in the same one); a table that is not as it
// should be is never touched.
//
// truepixel_hits is cut into one partition a day. Its upsert keys are the time and the id, so that an
// event that is written again changes nothing. Codes are too many to be symbols (one for each mail), and
// a text column has no index, so `code_key`, a few bits of the code's CRC-32, is the indexed symbol: a
// query for one pixel looks only at every 4096th hit, at every scale. A redacted hit (Store.erasePixel)
// has the kind `erased` and no text.
//
// truepixel_progress has a ring of rows for each installation that writes here, truepixel_starts one row
// for each start, truepixel_erased the digests of erased codes.

import { setTimeout as sleep } from 'node:timers/promises';
import { QUESTDB_START_MS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { isAnswer } from './questdb-error.ts';
import { StoreError } from './store.ts';

export const HITS = 'truepixel_hits';
export const PIXELS = 'truepixel_pixels';
export const PROGRESS = 'truepixel_progress';
export const STARTS = 'truepixel_starts';
export const ERASED = 'truepixel_erased';

/** What STEPS make; a start writes it down, so that an older program leaves newer tables alone. */
export const SCHEMA = 1;

interface Table {
  /** The designated timestamp first. */
  readonly columns: Readonly<Record<string, string>>;
  readonly tail: string;
  /** Whether rows that are written again must take their own place. */
  readonly dedup: boolean;
}

const TABLES: Readonly<Record<string, Table>> = {
  [HITS]: {
    columns: {
      occurred_at: 'TIMESTAMP',
      kind: 'SYMBOL',
      code_key: 'SYMBOL CAPACITY 4096 INDEX CAPACITY 64',
      code: 'VARCHAR',
      address: 'VARCHAR',
      referrer: 'VARCHAR',
      agent: 'VARCHAR',
      purpose: 'VARCHAR',
      writer: 'SYMBOL',
      segment: 'LONG',
      position: 'LONG',
    },
    tail: 'PARTITION BY DAY WAL DEDUP UPSERT KEYS(occurred_at, writer, segment, position)',
    dedup: true,
  },
  [PIXELS]: {
    columns: {
      created_at: 'TIMESTAMP',
      code_key: 'SYMBOL CAPACITY 4096 INDEX CAPACITY 64',
      code: 'VARCHAR',
    },
    tail: 'PARTITION BY MONTH WAL DEDUP UPSERT KEYS(created_at, code)',
    dedup: true,
  },
  [PROGRESS]: {
    columns: { place: 'TIMESTAMP', installation: 'SYMBOL', turn: 'LONG', text: 'VARCHAR' },
    tail: 'PARTITION BY YEAR WAL DEDUP UPSERT KEYS(place, installation)',
    dedup: true,
  },
  [STARTS]: {
    columns: {
      started_at: 'TIMESTAMP',
      installation: 'SYMBOL',
      schema: 'LONG',
      nonce: 'VARCHAR',
    },
    tail: 'PARTITION BY YEAR WAL',
    dedup: false,
  },
  [ERASED]: {
    columns: { erased_at: 'TIMESTAMP', digest: 'VARCHAR' },
    tail: 'PARTITION BY YEAR WAL',
    dedup: false,
  },
};

export const TABLE_NAMES: readonly string[] = Object.keys(TABLES);

/**
 * Whether this is a QuestDB that lets us write and whose tables, where there are any, are ours. Changes
 * nothing, and waits a while for a server that does not answer yet. Throws {@link StoreError}.
 */
export async function checkServer(connections: Connections): Promise<void> {
  await waitForServer(connections);
  await refuseOtherServers(connections);
  await refuseReadOnly(connections);
  const found = await existingTables(connections);
  for (const [name, properties] of found) await refuseStrangeTable(connections, name, properties);
  if (found.has(STARTS)) await refuseNewerSchema(connections);
}

/**
 * Makes the tables that are not there, also while another process does the same. Throws {@link
 * StoreError}.
 */
export async function createTables(connections: Connections): Promise<void> {
  for (const [name, { columns, tail }] of Object.entries(TABLES)) {
    const list = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
    const [time] = Object.keys(columns);
    await connections.query(
      `CREATE TABLE IF NOT EXISTS ${name} (${list.join(', ')}) TIMESTAMP(${time}) ${tail}`,
    );
  }
}

/** A server that answers, if only with a refusal, is there. */
async function waitForServer(connections: Connections): Promise<void> {
  const deadline = performance.now() + QUESTDB_START_MS_MAX;
  for (;;) {
    try {
      await connections.query('SELECT 1');
      return;
    } catch (error) {
      if (isAnswer(error) || performance.now() >= deadline) throw error;
      await sleep(WAIT_PROBE_MS);
    }
  }
}

async function refuseOtherServers(connections: Connections): Promise<void> {
  const build = await connections.query('SELECT build()').catch((error: unknown) => {
    if (isAnswer(error)) return [];
    throw error;
  });
  if (/QuestDB/.test(build[0]?.[0] ?? '')) return;
  throw new StoreError('the server that CONN_STRING names is no QuestDB', false);
}

async function refuseReadOnly(connections: Connections): Promise<void> {
  const rows = await connections.query(
    `SELECT property_path FROM (SHOW PARAMETERS) WHERE value = 'true' AND property_path IN
      ('readonly', 'pg.security.readonly', 'http.security.readonly')`,
  );
  if (rows.length === 0) return;
  const names = rows.map(([name]) => name).join(', ');
  throw new StoreError(`this QuestDB is read-only (${names}), so nothing can be stored`, false);
}

/** The rows of tables() for those of our names that are there. */
async function existingTables(connections: Connections): Promise<Map<string, Row>> {
  const rows = await connections.query(
    `SELECT table_name, "walEnabled", dedup, "designatedTimestamp" FROM tables()
      WHERE table_name LIKE 'truepixel_%'`,
  );
  return new Map(rows.map((row) => [row[0] ?? '', row]));
}

async function refuseStrangeTable(
  connections: Connections,
  name: string,
  [, wal, dedup, time]: Row,
): Promise<void> {
  const table = TABLES[name];
  if (table === undefined) return;
  const rows = await connections.query(`SELECT "column", type FROM table_columns('${name}')`);
  const types = new Map(rows.map(([column, type]) => [column ?? '', type]));
  const strange: string[] = [];
  for (const [column, type] of Object.entries(table.columns)) {
    const wanted = type.split(' ')[0];
    if (types.get(column) !== wanted) strange.push(`column ${column} is no ${wanted}`);
  }
  if (wal !== 't') strange.push('it is no WAL table');
  if (table.dedup && dedup !== 't') strange.push('it does not deduplicate');
  if (time !== Object.keys(table.columns)[0]) strange.push('its time is another column');
  if (strange.length === 0) return;
  throw new StoreError(
    `the table ${name} is not as Truepixel makes it (${strange[0]}); rename it or use another database`,
    false,
  );
}

async function refuseNewerSchema(connections: Connections): Promise<void> {
  const rows = await connections.query(`SELECT max(schema) FROM ${STARTS}`);
  const found = Number(rows[0]?.[0] ?? 0);
  if (found <= SCHEMA) return;
  throw new StoreError(
    `the tables have schema ${found}, but this program knows schemas up to ${SCHEMA}: ` +
      'start a newer truepixel',
    false,
  );
}
