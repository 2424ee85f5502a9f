// A QuestDB that comes back with less than it had, that lost its tables, or that gets rows of a pixel which
// somebody else has just erased: nothing of it goes unnoticed, or stays.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dropTables, type ServerPlace } from '../../test/contracts/adapters/questdb.ts';
import { BEGINNING, CODE, loadOf, someHit, somePixel } from '../../test/contracts/store-events.ts';
import { startNotQuestdb } from '../../test/not-questdb.ts';
import { noQuestdb, QuestdbServer } from '../../test/questdb-server.ts';
import { createLog } from '../telemetry/log.ts';
import { codeDigest } from './erased.ts';
import { Connections } from './questdb-connection.ts';
import { Ilp } from './questdb-ilp.ts';
import { hitLines } from './questdb-lines.ts';
import { openQuestdb } from './questdb.ts';
import { TABLE_NAMES } from './questdb-tables.ts';
import type { ErasureKeeper, Store } from './store.ts';

const log = createLog('silent', 'test');
const DAY = 86_400_000_000;
const ONE = '1'.repeat(16);
const TWO = '2'.repeat(16);
const LEFT = `SELECT count() FROM truepixel_hits WHERE kind != 'erased'`;

if (noQuestdb === false) {
  const settings = {
    'pg.readonly.user.enabled': 'true',
    'pg.readonly.user': 'reader',
    'pg.readonly.password': 'quest',
  };
  const server = await QuestdbServer.start({ settings });
  const admin = new Connections(server.connString, 1, log);
  after(async () => {
    await admin.close();
    await server.end();
  });
  ownTests(server, admin);
} else {
  test('losses of QuestDB', { skip: noQuestdb }, () => undefined);
}

function ownTests({ connString, ilpUrl }: ServerPlace, admin: Connections): void {
  const place = { connString, ilpUrl };
  const open = (installation: string): Promise<Store & ErasureKeeper> =>
    openQuestdb({ ...place, installation }, log);
  const single = async (sql: string): Promise<number> => Number((await admin.query(sql))[0]?.[0]);
  const becomes = async (sql: string, wanted: number): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while ((await single(sql)) !== wanted && Date.now() < deadline) await sleep(20);
    assert.equal(await single(sql), wanted);
  };

  suite('losses of QuestDB', () => {
    test('any time that an event can have is loaded, and the load after it too', async () => {
      await dropTables(place);
      const store = await open(ONE);
      const times = [0, -7, 8e15, 9.1e15, Number.MAX_SAFE_INTEGER, 1e300];
      const hits = times.map((at, i) => someHit(i, { at }));
      await store.load(loadOf({ hits, notes: [somePixel(1, { at: 1e300 })], progress: 'odd' }));
      await store.load(loadOf({ hits: [someHit(99)], progress: 'after' }));
      assert.equal(await store.countOpens(CODE), times.length + 1);
      assert.equal((await store.known(hits)).size, times.length);
      await store.erasePixel(CODE);
      assert.equal(await single(LEFT), 0);
      await store.close();
    });

    test('no progress is written over a loss, until it was asked what there is', async () => {
      await dropTables(place);
      const one = await open(ONE);
      await one.load(loadOf({ hits: [someHit(1)], progress: 'first' }));
      await one.load(loadOf({ hits: [someHit(2)], progress: 'second' }));
      // Another installation makes the tables of a server that was emptied again.
      await dropTables(place);
      const two = await open(TWO);
      const load = loadOf({ hits: [someHit(3)], progress: 'third' });
      const refused = { name: 'StoreError', retryable: true, message: /has not what it had/ };
      await assert.rejects(one.load(load), refused);
      await assert.rejects(one.load(load), refused);
      assert.equal(await one.progress(), null);
      await one.load(load);
      assert.equal(await one.progress(), 'third');
      await one.close();
      await two.close();
    });

    test('a table that somebody made again is noticed, and takes what is loaded then', async () => {
      await dropTables(place);
      const one = await open(ONE);
      const load = loadOf({ hits: [someHit(1)], progress: 'first' });
      await one.load(load);
      await admin.query('DROP TABLE truepixel_hits');
      const two = await open(TWO);
      await assert.rejects(one.load(load), /has not what it had/);
      assert.equal(await one.progress(), 'first');
      await one.load(load);
      assert.equal(await one.countOpens(CODE), 1);
      await one.close();
      await two.close();
    });

    test('an older backup of the progress is noticed, and holds from then on', async () => {
      await dropTables(place);
      const store = await open(ONE);
      await store.load(loadOf({ hits: [someHit(1)], progress: 'old' }));
      await store.load(loadOf({ hits: [someHit(2)], progress: 'new' }));
      await admin.query(`UPDATE truepixel_progress SET turn = 0 WHERE text = 'new'`);
      await becomes('SELECT max(turn) FROM truepixel_progress', 1);
      await assert.rejects(store.load(loadOf({ hits: [someHit(3)] })), /has not what it had/);
      assert.equal(await store.progress(), 'old');
      await store.load(loadOf({ hits: [someHit(2)], progress: 'newer' }));
      assert.equal(await store.progress(), 'newer');
      await store.close();
    });

    test('rows that reach the server after their pixel was erased are redacted', async () => {
      await dropTables(place);
      const one = await open(ONE);
      const two = await open(TWO);
      await one.erasePixel(CODE);
      // As of a load that read what is erased before, or of a request that was given up.
      const late = new Ilp(connString, ilpUrl, log);
      await late.send(hitLines([someHit(1), someHit(2), someHit(3, { code: 'other' })]));
      late.close();
      await two.load(loadOf({ hits: [someHit(4, { code: 'third' })] }));
      await becomes(LEFT, 2);
      assert.equal(await single(`SELECT count() FROM truepixel_hits WHERE code = '${CODE}'`), 0);
      await one.close();
      await two.close();
    });

    test('adopted erasures take rows that are there already out, and so does a start', async () => {
      await dropTables(place);
      const store = await open(ONE);
      const notes = [somePixel(1, { code: CODE, properties: { recipient: 'a@example.org' } })];
      await store.load(loadOf({ hits: [someHit(1), someHit(2, { code: 'other' })], notes }));
      await store.adoptErasures([codeDigest(CODE)]);
      assert.equal(await single(LEFT), 1);
      assert.equal(await single('SELECT count() FROM truepixel_notes WHERE said IS NOT NULL'), 0);
      await store.close();
      // A process that was killed between the digest and the rows.
      await admin.query('INSERT INTO truepixel_erased VALUES (now(), $1)', [codeDigest('other')]);
      await becomes('SELECT count() FROM truepixel_erased', 2);
      const again = await open(ONE);
      await becomes(LEFT, 0);
      await again.close();
    });

    test('a pixel of many days is erased while loads go on', async () => {
      await dropTables(place);
      const store = await open(ONE);
      const hits = Array.from({ length: 50 }, (_, i) => someHit(i, { at: BEGINNING + i * DAY }));
      await store.load(loadOf({ hits }));
      const erased = new AbortController();
      const erasing = store.erasePixel(CODE).finally(() => erased.abort());
      let during = 0;
      for (let i = 0; !erased.signal.aborted; i++) {
        await store.load(loadOf({ hits: [someHit(1_000 + i, { code: 'other' })], progress: '' }));
        if (!erased.signal.aborted) during++;
      }
      await erasing;
      assert.ok(during >= 3, `${during} loads while it was erased`);
      assert.equal(await single(`SELECT count() FROM truepixel_hits WHERE code = '${CODE}'`), 0);
      await store.close();
    });

    test('a door that leads to another server is refused, and neither is altered', async () => {
      await dropTables(place);
      const other = await QuestdbServer.start({ heapMiB: 512 });
      after(() => other.end());
      const wrong = { ...place, ilpUrl: other.ilpUrl, installation: ONE };
      await assert.rejects(openQuestdb(wrong, log), {
        retryable: false,
        message: /CONN_STRING and QUESTDB_ILP do not lead to one QuestDB/,
      });
      const tables = `SELECT count() FROM tables() WHERE table_name LIKE 'true%'`;
      assert.equal(await single(tables), 0);
      const strange = new Connections(other.connString, 1, log);
      assert.equal((await strange.query(tables))[0]?.[0], '0');
      await strange.close();
    });

    test('a door for writes that is none is refused', async () => {
      const { port, close } = await startNotQuestdb();
      const wrong = { ...place, ilpUrl: `http://127.0.0.1:${port}`, installation: ONE };
      await assert.rejects(openQuestdb(wrong, log), { name: 'StoreError' });
      close();
    });

    test('a user who may only read is refused also where the tables are there', async () => {
      await dropTables(place);
      await (await open(ONE)).close();
      const reader = connString.replace(/\/\/.*@/, '//reader:quest@');
      const options = { connString: reader, ilpUrl, installation: ONE };
      const message = /it does not let this user write/;
      await assert.rejects(openQuestdb(options, log), { retryable: false, message });
    });

    test('tables with other upsert keys are refused', async () => {
      await dropTables(place);
      await (await open(ONE)).close();
      await admin.query('ALTER TABLE truepixel_hits DEDUP ENABLE UPSERT KEYS(occurred_at)');
      const keys = `SELECT count() FROM table_columns('truepixel_hits') WHERE "upsertKey"`;
      await becomes(keys, 1);
      await assert.rejects(open(ONE), { message: /its upsert keys are not occurred_at, writer/ });
    });

    test('starts of one day take one row, and older tables learn that', async () => {
      await dropTables(place);
      await admin.query(
        `CREATE TABLE truepixel_starts (started_at TIMESTAMP, installation SYMBOL, schema LONG,
          nonce VARCHAR) TIMESTAMP(started_at) PARTITION BY YEAR WAL`,
      );
      for (let i = 0; i < 3; i++) await (await open(ONE)).close();
      assert.equal(await single('SELECT count() FROM truepixel_starts'), 1);
      assert.equal(
        await single(`SELECT count() FROM tables() WHERE table_name LIKE 'truepixel_%'`),
        TABLE_NAMES.length,
      );
    });
  });
}
