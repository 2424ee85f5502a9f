// A store of an older version: its hits come back as nobody judged them, its pixels without properties, and
// both take what is said and judged from now on. And what the file says to people who write SQL.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import {
  BEGINNING,
  CODE,
  JUDGEMENT,
  loadOf,
  oldest,
  someChange,
  someClaim,
  someHit,
  somePixel,
} from '../../test/contracts/store-events.ts';
import { CLASS_OF_REASON, impersonal, NOT_JUDGED, type Reason } from '../hit/verdict.ts';
import { createLog } from '../telemetry/log.ts';
import { codeKey } from './duckdb-append.ts';
import { openDuckdb } from './duckdb.ts';
import {
  CLASS_NUMBER,
  DEVICE_NUMBER,
  KIND_NUMBER,
  MODE_NUMBER,
  OWN_NUMBER,
  REASON_NUMBER,
} from './duckdb-numbers.ts';
import type { Store } from './store.ts';

const dir = await mkdtemp(join(tmpdir(), 'truepixel-duckdb-'));
after(() => rm(dir, { recursive: true, force: true }));

const openStore = (path: string): Promise<Store> =>
  openDuckdb({ path, memoryBytes: 256 * 1024 * 1024, lockWaitMs: 0 }, createLog('silent', 'test'));

async function withFile(
  path: string,
  work: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await work(connection);
  connection.closeSync();
  instance.closeSync();
}

/** As the program made it that wrote version 2, with a hit in each table and a pixel. */
const VERSION_2 = `
  CREATE TABLE store_version (version INTEGER NOT NULL);
  INSERT INTO store_version VALUES (2);
  CREATE TABLE hits_recent (occurred_at TIMESTAMP NOT NULL, kind UTINYINT NOT NULL,
    code_key UINTEGER NOT NULL, code VARCHAR, address VARCHAR NOT NULL, referrer VARCHAR,
    agent VARCHAR, purpose VARCHAR, writer UINTEGER NOT NULL, segment UINTEGER NOT NULL,
    position UINTEGER NOT NULL);
  CREATE TABLE hits_sorted AS FROM hits_recent;
  CREATE TABLE hit_kinds (kind UTINYINT PRIMARY KEY, name VARCHAR NOT NULL);
  INSERT INTO hit_kinds VALUES (1, 'open'), (2, 'visit');
  CREATE TABLE writers (number UINTEGER NOT NULL, writer VARCHAR NOT NULL);
  INSERT INTO writers VALUES (1, '00000000000000aa');
  CREATE TABLE pixels (code VARCHAR PRIMARY KEY, created_at TIMESTAMP NOT NULL);
  INSERT INTO pixels VALUES ('${CODE}', make_timestamp(${BEGINNING}));
  CREATE TABLE progress (text VARCHAR NOT NULL);
  INSERT INTO progress VALUES ('far');
  CREATE VIEW hits AS SELECT * FROM hits_sorted UNION ALL SELECT * FROM hits_recent;
  CREATE TABLE erased (digest VARCHAR PRIMARY KEY, erased_at TIMESTAMPTZ NOT NULL);
  ${[1, 2]
    .map(
      (n) => `INSERT INTO ${n === 1 ? 'hits_sorted' : 'hits_recent'} VALUES
        (make_timestamp(${BEGINNING + n}), 1, ${codeKey(CODE)}, '${CODE}', '192.0.2.1', NULL,
          'Mozilla/5.0', NULL, 1, 1, ${16 + n * 100});`,
    )
    .join('\n')}`;

test('a store of version 2 is brought to the present one, and its hits wait to be judged', async () => {
  const path = join(dir, 'older.duckdb');
  await withFile(path, async (connection) => void (await connection.run(VERSION_2)));
  const store = await openStore(path);
  const hits = [1, 2].map((n) => someHit(n, {}, NOT_JUDGED));
  assert.equal(await store.progress(), 'far');
  assert.deepEqual(await oldest(store, 10), hits);
  assert.equal(await store.hasUnjudged(), true);
  assert.deepEqual(await store.pixel(CODE), { code: CODE, createdAt: BEGINNING, properties: {} });
  const counts = await store.counts(CODE, 10);
  assert.deepEqual([counts.hits, counts.ignored], [2, 2]);

  const notes = [someClaim(5, someHit(1), true), someChange(6, { mode: 'off' })];
  await store.load(loadOf({ hits: [someHit(3)], notes }));
  const [claimed] = await oldest(store, 1);
  assert.deepEqual(claimed?.judgement, { ...NOT_JUDGED, own: 'claimed' });
  await store.rejudge(hits.map((hit) => ({ ...hit, judgement: JUDGEMENT })));
  assert.equal(await store.hasUnjudged(), false);
  assert.equal((await store.counts(CODE, 0)).opens, 2);
  assert.deepEqual((await store.pixel(CODE))?.properties, { mode: 'off' });
  await store.close();
});

test('the tables spell every number that the program writes', async () => {
  const path = join(dir, 'spelt.duckdb');
  const reasons = Object.keys(CLASS_OF_REASON) as Reason[];
  const store = await openStore(path);
  const hits = reasons.map((reason, i) => someHit(i, {}, { verdict: impersonal(reason, null) }));
  await store.load(loadOf({ hits, notes: [somePixel(1, { properties: { mode: 'off' } })] }));
  await store.close();
  await withFile(path, async (connection) => {
    const rows = async (sql: string): Promise<DuckDBValue[][]> =>
      (await connection.runAndReadAll(sql)).getRows();
    const tables = {
      hit_kinds: KIND_NUMBER,
      verdict_classes: CLASS_NUMBER,
      verdict_reasons: REASON_NUMBER,
      devices: DEVICE_NUMBER,
      own_signs: OWN_NUMBER,
      pixel_modes: MODE_NUMBER,
    };
    for (const [table, numbers] of Object.entries(tables)) {
      const spelt = await rows(
        `SELECT COLUMNS(c -> c IN ('kind', 'number', 'name')) FROM ${table} ORDER BY ALL`,
      );
      const expected = Object.entries(numbers).map(([name, number]) => [number, name]);
      assert.deepEqual(spelt, expected, table);
    }
    const judged = await rows('SELECT kind, class, reason FROM judged_hits ORDER BY occurred_at');
    assert.deepEqual(
      judged,
      reasons.map((reason) => ['open', CLASS_OF_REASON[reason], reason]),
    );
  });
});
