// QuestDB against the contract of every store, on a real server, and what is its own: refusing servers
// and tables that are not right without altering them, several installations in one server, and a log
// that is not applied.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  dropTables,
  SERVER_VARIABLE,
  type ServerPlace,
} from '../../test/contracts/adapters/questdb.ts';
import { storeContract } from '../../test/contracts/store.ts';
import { someHit, somePixel } from '../../test/contracts/store-events.ts';
import { startNotQuestdb } from '../../test/not-questdb.ts';
import { noQuestdb, QuestdbServer } from '../../test/questdb-server.ts';
import { freePort } from '../../test/server.ts';
import { formatEventId, type Recorded } from '../hit/event.ts';
import { createLog } from '../telemetry/log.ts';
import { Connections } from './questdb-connection.ts';
import { openQuestdb, type QuestdbOptions } from './questdb.ts';
import { TABLE_NAMES } from './questdb-tables.ts';

const log = createLog('silent', 'test');
const INSTALLATION = '00000000000000a1';
const CODE = 'AAAAAAAAAAAAAAAA';

if (noQuestdb === false) {
  const server = await QuestdbServer.start({
    settings: {
      // Lets a test suspend a table.
      'dev.mode.enabled': 'true',
      // With several, a reader that was open while a new table got its first rows has columns as null more
      // often (docs/stores.md): a fault of the server, not of what is tested.
      'shared.worker.count': '1',
    },
  });
  after(() => server.end());
  const place: ServerPlace = { connString: server.connString, ilpUrl: server.ilpUrl };
  process.env[SERVER_VARIABLE] = JSON.stringify(place);
  const adapter = new URL('../../test/contracts/adapters/questdb.ts', import.meta.url).href;
  storeContract('QuestDB', adapter);
  ownTests(server, place);
} else {
  test('the store contract: QuestDB', { skip: noQuestdb }, () => undefined);
}

function ownTests(server: QuestdbServer, place: ServerPlace): void {
  const options: QuestdbOptions = { ...place, installation: INSTALLATION };
  const admin = new Connections(place.connString, 1, log);
  after(() => admin.close());

  /** All tables, and the last transaction of each that has a log: known at once, applied or not. */
  const tables = async (): Promise<unknown> => [
    await admin.query('SELECT table_name FROM tables() ORDER BY 1'),
    await admin.query('SELECT name, "sequencerTxn" FROM wal_tables() ORDER BY 1'),
  ];

  /** Refused with a message like this, and the server has the same tables as before. */
  const isRefused = async (wrong: Partial<QuestdbOptions>, message: RegExp): Promise<void> => {
    const before = await tables();
    await assert.rejects(openQuestdb({ ...options, ...wrong }, log), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n|swordfish/);
      assert.ok(!error.message.includes(server.password));
      return true;
    });
    assert.deepEqual(await tables(), before);
  };

  suite('QuestDB as a store', () => {
    test('refuses a wrong password, of either door', async () => {
      await dropTables(place);
      const connString = place.connString.replace(server.password, 'swordfish');
      await isRefused({ connString }, /refuses the user or the password/);
      const ilpUrl = place.ilpUrl.replace(server.password, 'swordfish');
      await isRefused({ ilpUrl }, /QUESTDB_ILP\) does not take writes: it refuses the user/);
    });

    test('refuses a port where nobody listens, after a while', async () => {
      const port = await freePort();
      const connString = `postgresql://admin:quest@127.0.0.1:${port}/qdb`;
      await isRefused({ connString }, /ECONNREFUSED/);
      await isRefused(
        { ilpUrl: `http://127.0.0.1:${port}` },
        /QUESTDB_ILP\) cannot be reached: .*ECONNREFUSED/,
      );
    });

    test('refuses a PostgreSQL that is no QuestDB, and asks it nothing more', async () => {
      const other = await startNotQuestdb();
      const connString = `postgresql://admin:quest@127.0.0.1:${other.port}/qdb`;
      await isRefused({ connString }, /the server that CONN_STRING names is no QuestDB/);
      assert.deepEqual(other.statements, ['SELECT 1', 'SELECT build()']);
      other.close();
    });

    test('refuses a server that only lets itself be read', async () => {
      const readOnly = await QuestdbServer.start({
        settings: { 'http.security.readonly': 'true', 'pg.security.readonly': 'true' },
      });
      after(() => readOnly.end());
      const { connString, ilpUrl } = readOnly;
      const other = new Connections(connString, 1, log);
      const before = await other.query('SELECT table_name FROM tables() ORDER BY 1');
      await assert.rejects(openQuestdb({ ...options, connString, ilpUrl }, log), {
        name: 'StoreError',
        retryable: false,
        message: /^this QuestDB is read-only \(.*pg\.security\.readonly/,
      });
      assert.deepEqual(await other.query('SELECT table_name FROM tables() ORDER BY 1'), before);
      // Two doors that lead to two servers, one of which takes no writes.
      await isRefused({ ilpUrl }, /does not take writes: it is read-only/);
      await other.close();
    });

    test('refuses tables of its names that are not its own', async () => {
      await dropTables(place);
      await admin.query('CREATE TABLE truepixel_pixels (t TIMESTAMP, code INT) TIMESTAMP(t)');
      await isRefused(
        {},
        /the table truepixel_pixels is not as Truepixel makes it \(column created_at/,
      );
      await dropTables(place);
      const store = await openQuestdb(options, log);
      await store.close();
      await admin.query('ALTER TABLE truepixel_hits DEDUP DISABLE');
      await until(admin, `SELECT dedup FROM tables() WHERE table_name = 'truepixel_hits'`, 'f');
      await isRefused({}, /the table truepixel_hits is not .* \(it does not deduplicate\)/);
      await dropTables(place);
    });

    test('refuses tables of a newer program', async () => {
      await dropTables(place);
      const store = await openQuestdb(options, log);
      await store.close();
      await admin.query(`INSERT INTO truepixel_starts VALUES (now(), 'x', 1000, '')`);
      await until(admin, 'SELECT max(schema) FROM truepixel_starts', '1000');
      await isRefused(
        {},
        /have schema 1000, but this program knows schemas up to 3: start a newer/,
      );
      await dropTables(place);
    });

    test('takes many that start at the same moment, each with its own progress', async () => {
      await dropTables(place);
      const names = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(16));
      const stores = await Promise.all(
        names.map((installation) => openQuestdb({ ...options, installation }, log)),
      );
      await Promise.all(
        stores.map((store, i) =>
          store.load({ hits: [someHit(i)], notes: [somePixel(1)], progress: `of ${i}` }),
        ),
      );
      for (const [i, store] of stores.entries()) {
        assert.equal(await store.progress(), `of ${i}`);
        assert.deepEqual(await store.totals(), { pixels: 1, opens: 5, visits: 0 });
        await store.close();
      }
      const rows = await admin.query(
        `SELECT table_name FROM tables() WHERE table_name LIKE 'true%'`,
      );
      assert.deepEqual(new Set(rows.flat()), new Set(TABLE_NAMES));
    });

    test('knows the events that it has, thousands at a time', async () => {
      await dropTables(place);
      const store = await openQuestdb(options, log);
      const ids = (events: readonly Recorded[]): Set<string> =>
        new Set(events.map(({ id }) => formatEventId(id)));
      const hits = Array.from({ length: 3_000 }, (_, i) => someHit(i, { code: `c${i % 90}` }));
      const pixels = Array.from({ length: 1_200 }, (_, i) => somePixel(i));
      assert.deepEqual(await store.known([...hits, ...pixels]), new Set());
      await store.load({ hits, notes: pixels, progress: '' });
      const [first = someHit(0)] = hits;
      const strangers = [
        someHit(3_000),
        { ...first, id: { ...first.id, position: first.id.position + 1 } },
        { ...first, id: { ...first.id, writer: 'ffffffffffffff00' } },
        somePixel(5_000),
        somePixel(7, { at: 0 }),
      ];
      const all = [...strangers, ...hits, ...pixels];
      assert.deepEqual(await store.known(all), ids([...hits, ...pixels]));
      await store.close();
    });

    test('what one installation erased, no other brings back', async () => {
      await dropTables(place);
      const one = await openQuestdb(options, log);
      const two = await openQuestdb({ ...options, installation: '2'.repeat(16) }, log);
      await one.load({ hits: [someHit(1)], notes: [], progress: '' });
      await one.erasePixel(CODE);
      await two.load({ hits: [someHit(1), someHit(2)], notes: [], progress: '' });
      assert.deepEqual(await two.totals(), { pixels: 0, opens: 0, visits: 0 });
      assert.equal(await two.countOpens(CODE), 0);
      await one.close();
      await two.close();
    });

    test('the newest progress wins after hundreds of loads, in a table that stays small', async () => {
      await dropTables(place);
      const store = await openQuestdb(options, log);
      for (let i = 0; i < 200; i++) await store.load({ hits: [], notes: [], progress: `${i}` });
      assert.equal(await store.progress(), '199');
      await store.close();
      const again = await openQuestdb(options, log);
      assert.equal(await again.progress(), '199');
      await again.close();
      const rows = await admin.query('SELECT count() FROM truepixel_progress');
      assert.ok(Number(rows[0]?.[0]) <= 64);
    });

    test('a log that is not applied is said so, and the same load works once it is', async () => {
      await dropTables(place);
      const store = await openQuestdb(options, log);
      await admin.query('ALTER TABLE truepixel_hits SUSPEND WAL');
      const load = { hits: [someHit(1)], notes: [], progress: 'done' };
      await assert.rejects(store.load(load), {
        name: 'StoreError',
        message: /has suspended the table truepixel_hits .*RESUME WAL/,
      });
      assert.equal(await store.progress(), null);
      await admin.query('ALTER TABLE truepixel_hits RESUME WAL');
      await store.load(load);
      assert.equal(await store.countOpens(CODE), 1);
      assert.equal(await store.progress(), 'done');
      await store.close();
    });

    test('a start neither writes into tables that have rows nor waits for their log', async () => {
      await dropTables(place);
      await (await openQuestdb(options, log)).close();
      const ofHits = `SELECT "sequencerTxn" FROM wal_tables() WHERE name = 'truepixel_hits'`;
      const before = await admin.query(ofHits);
      assert.deepEqual(before, [['1']]);
      await admin.query('ALTER TABLE truepixel_hits SUSPEND WAL');
      await (await openQuestdb(options, log)).close();
      assert.deepEqual(await admin.query(ofHits), before);
      await admin.query('ALTER TABLE truepixel_hits RESUME WAL');
    });

    test('tables that vanish are not made anew by a write', async () => {
      await dropTables(place);
      const store = await openQuestdb(options, log);
      await dropTables(place);
      const load = { hits: [someHit(1)], notes: [], progress: '' };
      await assert.rejects(store.load(load), { message: /table truepixel_hits is gone/ });
      const rows = await admin.query(`SELECT count() FROM tables() WHERE table_name LIKE 'true%'`);
      assert.equal(rows[0]?.[0], '0');
      await store.close();
    });

    test('while the server is away every call fails in a way that may be tried again', async () => {
      await dropTables(place);
      const store = await openQuestdb(options, log);
      const load = { hits: [someHit(1)], notes: [], progress: 'first' };
      await store.load(load);
      await server.kill();
      const away = { name: 'StoreError', retryable: true };
      await assert.rejects(store.load({ ...load, progress: 'lost' }), away);
      await assert.rejects(store.progress(), away);
      await assert.rejects(store.countOpens(CODE), away);
      await assert.rejects(store.erasePixel(CODE), away);
      await server.startAgain();
      assert.equal(await store.progress(), 'first');
      await store.load({ ...load, progress: 'second' });
      assert.equal(await store.countOpens(CODE), 1);
      await store.close();
    });
  });
}

/** What is altered shows a moment later. */
async function until(admin: Connections, sql: string, value: string): Promise<void> {
  while ((await admin.query(sql))[0]?.[0] !== value) await sleep(10);
}
