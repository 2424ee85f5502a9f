// Tables of version 1 become those of version 2 with everything that they hold, also when several programs
// start at that moment.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { dropTables, type ServerPlace } from '../../test/contracts/adapters/questdb.ts';
import {
  CODE,
  loadOf,
  oldest,
  newest,
  someHit,
  somePixel,
} from '../../test/contracts/store-events.ts';
import { noQuestdb, QuestdbServer } from '../../test/questdb-server.ts';
import { NOT_JUDGED } from '../hit/verdict.ts';
import { createLog } from '../telemetry/log.ts';
import { Connections } from './questdb-connection.ts';
import { openQuestdb } from './questdb.ts';
import { SCHEMA } from './questdb-tables.ts';

const log = createLog('silent', 'test');

/** The bucket that CODE is in. */
const KEY = '70b';
const HITS = 1_000;

/** As the program of version 1 made them. */
const VERSION_1 = [
  `CREATE TABLE truepixel_hits (occurred_at TIMESTAMP, kind SYMBOL,
    code_key SYMBOL CAPACITY 4096 INDEX CAPACITY 64, code VARCHAR, address VARCHAR, referrer VARCHAR,
    agent VARCHAR, purpose VARCHAR, writer SYMBOL, segment LONG, position LONG)
    TIMESTAMP(occurred_at) PARTITION BY DAY WAL
    DEDUP UPSERT KEYS(occurred_at, writer, segment, position)`,
  `CREATE TABLE truepixel_pixels (created_at TIMESTAMP,
    code_key SYMBOL CAPACITY 4096 INDEX CAPACITY 64, code VARCHAR)
    TIMESTAMP(created_at) PARTITION BY MONTH WAL DEDUP UPSERT KEYS(created_at, code)`,
  `CREATE TABLE truepixel_progress (place TIMESTAMP, installation SYMBOL, turn LONG, text VARCHAR)
    TIMESTAMP(place) PARTITION BY YEAR WAL DEDUP UPSERT KEYS(place, installation)`,
  `CREATE TABLE truepixel_starts (started_at TIMESTAMP, installation SYMBOL, schema LONG,
    nonce VARCHAR) TIMESTAMP(started_at) PARTITION BY YEAR WAL`,
  `CREATE TABLE truepixel_erased (erased_at TIMESTAMP, digest VARCHAR)
    TIMESTAMP(erased_at) PARTITION BY YEAR WAL`,
  `INSERT INTO truepixel_starts VALUES ('2026-06-01', 'old', 1, 'nonce')`,
  `INSERT INTO truepixel_hits SELECT timestamp_sequence('2026-06-01T00:00:00.000001Z', 1),
    'open', '${KEY}', '${CODE}', '192.0.2.1', null, 'Mozilla/5.0', null, '00000000000000aa', 1,
    16 + (x - 1) * 100 FROM long_sequence(${HITS})`,
  `INSERT INTO truepixel_pixels VALUES ('2026-06-01T00:00:00.000001Z', '${KEY}', '${CODE}')`,
];

const hits = Array.from({ length: HITS }, (_, i) => someHit(i, {}, NOT_JUDGED));

if (noQuestdb === false) {
  const server = await QuestdbServer.start();
  const { connString, ilpUrl } = server;
  const place: ServerPlace = { connString, ilpUrl };
  const admin = new Connections(connString, 1, log);
  after(async () => {
    await admin.close();
    await server.end();
  });

  const makeOld = async (): Promise<void> => {
    await dropTables(place);
    for (const statement of VERSION_1) await admin.query(statement);
  };
  const open = (installation: string): ReturnType<typeof openQuestdb> =>
    openQuestdb({ ...place, installation }, log);

  suite('tables of version 1', () => {
    test('become those of this version: their hits are there and not judged', async () => {
      await makeOld();
      const store = await open('00000000000000a1');
      assert.deepEqual((await newest(store, CODE, HITS)).hits, hits);
      assert.deepEqual(await store.totals(), { pixels: 1, opens: HITS, visits: 0 });
      assert.equal((await store.pixel(CODE))?.code, CODE);
      const { ignored, hits: all } = await store.counts(CODE, 10);
      assert.deepEqual([all, ignored], [HITS, HITS]);
      assert.equal(await store.hasUnjudged(), true);
      const judged = hits.map((_, i) => someHit(i));
      await store.rejudge(judged.slice(1));
      assert.equal(await store.hasUnjudged(), true);
      await store.rejudge(judged.slice(0, 1));
      assert.equal(await store.hasUnjudged(), false);
      assert.deepEqual(await oldest(store, 2 * HITS), judged);
      await store.close();
      const rows = await admin.query('SELECT max(schema) FROM truepixel_starts');
      assert.equal(rows[0]?.[0], String(SCHEMA));
    });

    test('take many that start at the same moment, and loads at once', async () => {
      await makeOld();
      const stores = await Promise.all(
        ['1', '2', '3', '4', '5'].map((digit) => open(digit.repeat(16))),
      );
      await Promise.all(
        stores.map((store, i) => store.load(loadOf({ hits: [someHit(HITS + i)], notes: [] }))),
      );
      for (const store of stores) {
        const page = await newest(store, CODE, HITS + 5);
        assert.deepEqual(page.hits.slice(0, HITS), hits);
        assert.deepEqual(
          page.hits.slice(HITS),
          stores.map((_, i) => someHit(HITS + i)),
        );
        await store.close();
      }
    });

    test('still take the lines of a version 1 that is running', async () => {
      await makeOld();
      const store = await open('00000000000000a1');
      await admin.query(
        `INSERT INTO truepixel_hits (occurred_at, kind, code_key, code, address, writer, segment, position)
          VALUES ('2026-06-02', 'open', '${KEY}', '${CODE}', '192.0.2.9', '00000000000000ff', 1, 16)`,
      );
      await store.load(loadOf({ notes: [somePixel(1)] }));
      const {
        hits: [hit],
      } = await newest(store, CODE, 1);
      assert.equal(hit?.event.address, '192.0.2.9');
      assert.deepEqual(hit?.judgement, NOT_JUDGED);
      await store.close();
    });
  });
} else {
  test('tables of version 1', { skip: noQuestdb }, () => undefined);
}
