// Whether a server is a QuestDB that we can use, and making its tables or bringing older ones to the present
// version. A table that is not as it should be is never touched.

import { setTimeout as sleep } from 'node:timers/promises';
import { QUESTDB_PARAMETERS_ATTEMPTS, QUESTDB_START_MS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { shown, tableStates } from './questdb-applied.ts';
import { isAnswer } from './questdb-error.ts';
import type { Ilp } from './questdb-ilp.ts';
import { CATALOGUE, HITS, SCHEMA, STARTS, TABLES } from './questdb-tables.ts';
import { StoreError } from './store.ts';

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
 * Whether both doors lead to one server: they tell the same moment at which it started. Changes nothing.
 * Throws {@link StoreError}.
 */
export async function checkDoors(connections: Connections, ilp: Ilp): Promise<void> {
  await ilp.probe();
  const [row] = await connections.query(STARTED);
  const [own, other] = [row?.[0], await ilp.ask(STARTED)];
  if (own && own === other) return;
  throw new StoreError(
    'CONN_STRING and QUESTDB_ILP do not lead to one QuestDB (or it started again just now)',
    false,
  );
}

/** As text: the two doors write times differently. */
const STARTED = 'SELECT cast(cast(pg_postmaster_start_time() AS long) AS string)';

/**
 * Makes the tables that are not there and adds the columns that older ones have not, also while another
 * process does the same. Throws {@link StoreError}.
 */
export async function createTables(connections: Connections): Promise<void> {
  for (const [name, { columns, added, partition, keys }] of Object.entries(TABLES)) {
    const list = Object.entries({ ...columns, ...added }).map((column) => column.join(' '));
    const [time] = Object.keys(columns);
    const dedup = keys.length > 0 ? `DEDUP UPSERT KEYS(${keys.join(', ')})` : '';
    await connections.query(
      `CREATE TABLE IF NOT EXISTS ${name} (${list.join(', ')})
        TIMESTAMP(${time}) PARTITION BY ${partition} WAL ${dedup}`,
    );
  }
  for (const [name, { added, keys, keysAdded }] of Object.entries(TABLES)) {
    if (added !== undefined) await addColumns(connections, name, added);
    if (keysAdded) await addKeys(connections, name, keys);
  }
  await writeFirstRows(connections);
}

/**
 * A row of no pixel and one of no hit, as redaction leaves them, written before anybody looks: a reader that
 * QuestDB 9.3 opened on an empty table now and then has null in the columns that have nulls, whatever is
 * written later (in 26 of 300 new tables of pixels; with this row in none of 220, but once in a whole test
 * run; hits without codes once in another). Upsert keys make each one row, however often it is written.
 */
const FIRST_ROWS: ReadonlyMap<string, string> = new Map([
  [CATALOGUE, `INSERT INTO ${CATALOGUE} (created_at, code, superseded) VALUES (0, null, true)`],
  [HITS, `INSERT INTO ${HITS} (occurred_at, kind) VALUES (0, 'erased')`],
]);

/** Only into tables that show nothing yet: a start is no reason to wait for the log of others. */
async function writeFirstRows(connections: Connections): Promise<void> {
  const states = await tableStates(connections);
  const fresh = [...FIRST_ROWS].filter(([name]) => states.get(name)?.shown === 0);
  for (const [, row] of fresh) await connections.query(row);
  await shown(
    connections,
    fresh.map(([name]) => name),
  );
}

/** Any number of processes may do the same: the keys are what they are then. */
async function addKeys(
  connections: Connections,
  name: string,
  keys: readonly string[],
): Promise<void> {
  if (sameKeys(await columnsOf(connections, name), keys)) return;
  await connections.query(`ALTER TABLE ${name} DEDUP ENABLE UPSERT KEYS(${keys.join(', ')})`);
  await shown(connections, [name]);
}

async function addColumns(
  connections: Connections,
  name: string,
  added: Readonly<Record<string, string>>,
): Promise<void> {
  const there = await columnsOf(connections, name);
  const missing = Object.entries(added).filter(([column]) => !there.has(column));
  if (missing.length === 0) return;
  for (const [column, type] of missing) {
    const add = connections.query(`ALTER TABLE ${name} ADD COLUMN ${column} ${type}`);
    await add.catch(async (error: unknown) => {
      // Another process, which starts at the same time, was faster. What it did shows a moment later.
      await shown(connections, [name]);
      if (!(await columnsOf(connections, name)).has(column)) throw error;
    });
  }
  await shown(connections, [name]);
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
  const rows = await readOnlySwitches(connections);
  if (rows.length === 0) return;
  const names = rows.map(([name]) => name).join(', ');
  throw new StoreError(`this QuestDB is read-only (${names}), so nothing can be stored`, false);
}

/** QuestDB 9.3 fails now and then, with errors of its own making, when two sessions ask for this at once. */
async function readOnlySwitches(connections: Connections): Promise<Row[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connections.query(
        `SELECT property_path FROM (SHOW PARAMETERS) WHERE value = 'true' AND property_path IN
          ('readonly', 'pg.security.readonly', 'http.security.readonly')`,
      );
    } catch (error) {
      const isPassing = isAnswer(error) && error instanceof StoreError && error.retryable;
      if (!isPassing || attempt === QUESTDB_PARAMETERS_ATTEMPTS) throw error;
      await sleep(WAIT_PROBE_MS);
    }
  }
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
  const { columns, added = {}, keys, keysAdded = false } = table;
  const there = await columnsOf(connections, name);
  const strange: string[] = [];
  for (const [column, type] of Object.entries({ ...columns, ...added })) {
    const wanted = type.split(' ')[0];
    const later = column in added && !there.has(column);
    if (!later && there.get(column)?.type !== wanted)
      strange.push(`column ${column} is no ${wanted}`);
  }
  if (wal !== 't') strange.push('it is no WAL table');
  if (!keysAdded && keys.length > 0) {
    if (dedup !== 't') strange.push('it does not deduplicate');
    else if (!sameKeys(there, keys)) strange.push(`its upsert keys are not ${keys.join(', ')}`);
  }
  if (time !== Object.keys(columns)[0]) strange.push('its time is another column');
  if (strange.length === 0) return;
  throw new StoreError(
    `the table ${name} is not as Truepixel makes it (${strange[0]}); rename it or use another database`,
    false,
  );
}

interface Column {
  readonly type: string;
  readonly isKey: boolean;
}

async function columnsOf(connections: Connections, name: string): Promise<Map<string, Column>> {
  const rows = await connections.query(
    `SELECT "column", type, "upsertKey" FROM table_columns('${name}')`,
  );
  return new Map(
    rows.map(([column, type, key]) => [column ?? '', { type: type ?? '', isKey: key === 't' }]),
  );
}

function sameKeys(columns: ReadonlyMap<string, Column>, keys: readonly string[]): boolean {
  return [...columns].every(([name, { isKey }]) => isKey === keys.includes(name));
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
