// What judged hits, claims and notes ask of QuestDB in particular: columns of its own types, rows that are
// written again, partitions that are dropped, rows that can only be redacted.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { dropTables, type ServerPlace } from '../../test/contracts/adapters/questdb.ts';
import {
  BEGINNING,
  CODE,
  JUDGEMENT,
  loadOf,
  oldest,
  newest,
  someChange,
  someClaim,
  someHit,
  somePixel,
} from '../../test/contracts/store-events.ts';
import { noQuestdb, QuestdbServer } from '../../test/questdb-server.ts';
import type { Note, Recorded } from '../hit/event.ts';
import type { Verdict } from '../hit/verdict.ts';
import { createLog } from '../telemetry/log.ts';
import { codeDigest } from './erased.ts';
import { Connections } from './questdb-connection.ts';
import { openQuestdb } from './questdb.ts';
import type { Store } from './store.ts';

const log = createLog('silent', 'test');
const DAY = 86_400_000_000;

if (noQuestdb === false) {
  const server = await QuestdbServer.start();
  const { connString, ilpUrl } = server;
  const place: ServerPlace = { connString, ilpUrl };
  const admin = new Connections(connString, 1, log);
  after(async () => {
    await admin.close();
    await server.end();
  });
  ownTests(place, admin);
} else {
  test('judged hits in QuestDB', { skip: noQuestdb }, () => undefined);
}

function ownTests(place: ServerPlace, admin: Connections): void {
  const open = (): Promise<Store> =>
    openQuestdb({ ...place, installation: '00000000000000a1' }, log);
  const storeTest = (title: string, body: (store: Store) => Promise<void>): void => {
    test(title, async () => {
      await dropTables(place);
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };
  const single = async (sql: string): Promise<string | null | undefined> =>
    (await admin.query(sql))[0]?.[0];

  suite('judged hits in QuestDB', () => {
    storeTest('a verdict with any name and a viewer with any digits come back', async (store) => {
      const names = [
        'a b',
        'a,b=c\\d',
        '"x"',
        "'; --",
        'line\r\nbreak',
        'é \u{1f4e7}',
        '\\',
        'null',
      ];
      const viewers = ['0000000000000001', '8000000000000000', '7fffffffffffffff', 'f'.repeat(16)];
      const verdict = (name: string): Verdict => ({ ...JUDGEMENT.verdict, client: name, os: name });
      const hits = [
        ...names.map((name, i) => someHit(i, {}, { verdict: verdict(name) })),
        ...viewers.map((viewer, i) => someHit(100 + i, {}, { viewer })),
      ];
      await store.load(loadOf({ hits }));
      assert.deepEqual((await newest(store, CODE, 100)).hits, hits);
      const { uniqueOpens } = await store.counts(CODE, 0);
      assert.equal(uniqueOpens, 1 + viewers.length);
    });

    storeTest('a load that ends after its claims is completed by the same load', async (store) => {
      const hits = [someHit(1), someHit(2)];
      await store.load(loadOf({ hits }));
      const claim = someClaim(9, someHit(1), true);
      const load = loadOf({ notes: [claim] });
      await store.load(load);
      // As a crash would leave it: the claim is there, and the hit does not have it.
      await admin.query(`UPDATE truepixel_hits SET own = null`);
      await store.load(load);
      const own = (await newest(store, CODE, 2)).hits.map(({ judgement }) => judgement.own);
      assert.deepEqual(own, ['claimed', null]);
    });

    storeTest(
      'what a note erases is redacted, also when a crash came before that',
      async (store) => {
        const other = someHit(3, { code: 'other' });
        const notes = [somePixel(1, { code: CODE }), someChange(2, { recipient: 'a@example.org' })];
        await store.load(loadOf({ hits: [someHit(1), someHit(2), other], notes }));
        const erased: Recorded<Note> = {
          id: { writer: '00000000000000ee', segment: 1, position: 16 },
          event: { kind: 'pixel-erased', at: BEGINNING + 5, code: null, digest: codeDigest(CODE) },
        };
        await admin.query('INSERT INTO truepixel_erased VALUES (now(), $1)', [codeDigest(CODE)]);
        await store.load(loadOf({ notes: [erased] }));
        for (const table of ['hits', 'pixels', 'notes']) {
          const sql = `SELECT count() FROM truepixel_${table} WHERE code = '${CODE}'`;
          assert.equal(await single(sql), '0', table);
        }
        assert.equal(
          await single('SELECT count() FROM truepixel_notes WHERE said IS NOT NULL'),
          '0',
        );
        assert.deepEqual(await store.pixelsOf('a@example.org'), []);
        assert.deepEqual(await store.totals(), { pixels: 0, opens: 1, visits: 0 });
        assert.deepEqual((await newest(store, 'other', 5)).hits, [other]);
        assert.deepEqual((await store.modes()).erased, [codeDigest(CODE)]);
      },
    );

    storeTest(
      'days that are over are dropped, of the last day the rest is redacted',
      async (store) => {
        const days = [0, 0, 1, 1, 3, 4];
        const hits = days.map((day, i) => someHit(i, { at: BEGINNING + day * DAY + i }));
        const claim = someClaim(1, someHit(0, { at: BEGINNING - 40 * DAY }), true);
        await store.load(loadOf({ hits, notes: [claim] }));
        const before = BEGINNING + 3 * DAY + 5;
        assert.equal(await store.expireHits(before), 5);
        assert.deepEqual(await oldest(store, 10), hits.slice(5));
        assert.equal(await single('SELECT count() FROM truepixel_hits'), '2');
        assert.equal(await single('SELECT count() FROM truepixel_claims'), '0');
        assert.equal(await store.expireHits(before), 0);
        await store.load(loadOf({ hits: [someHit(0)] }));
        assert.equal(await store.countOpens(CODE), 2);
        assert.equal(await store.expireHits(BEGINNING + 400 * DAY), 2);
        assert.deepEqual(await store.totals(), { pixels: 0, opens: 0, visits: 0 });
      },
    );

    storeTest('what was redacted does not come back with a new judgement', async (store) => {
      const hits = [
        someHit(1, { address: '192.0.2.7' }),
        someHit(2, { code: 'other' }),
        someHit(3, { at: BEGINNING - DAY }),
        someHit(4),
      ];
      await store.load(loadOf({ hits }));
      const read = await oldest(store, 10);
      assert.equal(read.length, 4);
      assert.equal(await store.eraseAddress('192.0.2.7'), 1);
      await store.erasePixel('other');
      await store.expireHits(BEGINNING - 1);
      await store.rejudge(read);
      assert.deepEqual(await oldest(store, 10), [someHit(4)]);
      assert.equal(
        await single(`SELECT count() FROM truepixel_hits WHERE address IS NOT NULL`),
        '1',
      );
    });

    storeTest('what thousands of pixels say of themselves is found at once', async (store) => {
      const count = 12_000;
      const notes = Array.from({ length: count }, (_, i) =>
        somePixel(i, {
          properties: { sentAt: BEGINNING + i, ...(i % 3 === 0 ? { mode: 'off' as const } : {}) },
        }),
      );
      await store.load(loadOf({ notes }));
      const codes = notes.map(({ event }) => event.code);
      const times = await store.sentTimes([...codes, 'unknown']);
      assert.deepEqual(times, new Map(codes.map((code, i) => [code, BEGINNING + i])));
      assert.deepEqual(await store.sentTimes(['pixel7']), new Map([['pixel7', BEGINNING + 7]]));
      const { pixels } = await store.modes();
      assert.equal(pixels.size, count / 3);
    });
  });
}
