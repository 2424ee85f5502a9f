// The catalogue is what pixels and notes say, whoever wrote these and whatever became of it before.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { ServerPlace } from '../../test/contracts/adapters/questdb.ts';
import { BEGINNING, loadOf, someChange, somePixel } from '../../test/contracts/store-events.ts';
import { manyPixels, PIXELS } from '../../test/contracts/store-listed.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import { noQuestdb, QuestdbServer } from '../../test/questdb-server.ts';
import { createLog } from '../telemetry/log.ts';
import type { PixelsQuery } from './listing.ts';
import { shown } from './questdb-applied.ts';
import { Connections } from './questdb-connection.ts';
import { textKey } from './questdb-lines.ts';
import { NOTES, PIXELS as MINTED } from './questdb-tables.ts';
import { openQuestdb } from './questdb.ts';
import type { Store } from './store.ts';

const log = createLog('silent', 'test');
const ALL: PixelsQuery = {
  filter: {},
  sort: 'label',
  order: 'ascending',
  place: null,
  limit: 1_000,
  repeatSeconds: 10,
};
const CAMPAIGNS = {
  search: null,
  from: null,
  to: null,
  place: null,
  limit: 100,
  repeatSeconds: 10,
};

if (noQuestdb === false) {
  let server: QuestdbServer;
  let place: ServerPlace;
  let admin: Connections;
  const open = (installation: string): Promise<Store> =>
    openQuestdb({ ...place, installation: installation.repeat(16) }, log);
  const assertListed = async (store: Store, reference: Store): Promise<void> => {
    assert.deepEqual(await store.pixels(ALL), await reference.pixels(ALL));
    assert.deepEqual(await store.campaigns(CAMPAIGNS), await reference.campaigns(CAMPAIGNS));
  };

  suite('the catalogue of QuestDB', () => {
    // One each: nothing that a test does to tables is left to the next.
    beforeEach(async () => {
      server = await QuestdbServer.start();
      const { connString, ilpUrl } = server;
      place = { connString, ilpUrl };
      admin = new Connections(connString, 1, log);
    });
    afterEach(async () => {
      await admin.close();
      await server.end();
    });

    test('is made for tables of version 2, which had none, also by several that start at once', async () => {
      const reference = new MemoryStore();
      const old = await open('a');
      for (const store of [old, reference]) await store.load(manyPixels());
      await old.close();
      await admin.query('DROP TABLE truepixel_catalogue');
      const stores = await Promise.all(['a', 'b', 'c'].map(open));
      for (const store of stores) await assertListed(store, reference);
      for (const store of stores) await store.close();
    });

    test('has what a program of version 2 says that still runs beside', async () => {
      const reference = new MemoryStore();
      const store = await open('a');
      for (const each of [store, reference]) await each.load(manyPixels());
      await assertListed(store, reference);
      const notes = [
        somePixel(900, { code: 'foreign', properties: { label: 'of another program' } }),
        someChange(901, { campaign: 'said beside' }, { code: 'code01' }),
      ];
      await admin.query(
        `INSERT INTO truepixel_pixels VALUES ('${time(900)}', '${textKey('foreign')}', 'foreign')`,
      );
      for (const { id, event } of notes) {
        const { code, at, properties } = event;
        await admin.query(
          `INSERT INTO truepixel_notes (said_at, code_key, code, said, says_sent, writer, segment, position)
            VALUES ($1, $2, $3, $4, false, $5, $6, $7)`,
          [
            time(at - BEGINNING),
            textKey(code),
            code,
            JSON.stringify(properties),
            ...Object.values(id),
          ],
        );
      }
      await shown(admin, [MINTED, NOTES]);
      await reference.load(loadOf({ notes }));
      await assertListed(store, reference);
      await store.close();
    });

    test('is right in the end when two installations speak of the same pixels at once', async () => {
      const reference = new MemoryStore();
      const stores = await Promise.all(['a', 'b'].map(open));
      for (let round = 0; round < 6; round++) {
        const loads = stores.map((_, i) => {
          const number = round * 10 + i;
          const says = i === 0 ? { label: `label ${round}` } : { campaign: `campaign ${round}` };
          const at = BEGINNING + 1_000 - number;
          const notes = Array.from({ length: 20 }, (__, n) => {
            const code = `shared${n}`;
            const minted = somePixel(number * 100 + n, { at, code });
            return [minted, someChange(5_000 + number * 100 + n, says, { code })];
          });
          return loadOf({ notes: notes.flat() });
        });
        await Promise.all(stores.map((store, i) => store.load(loads[i] ?? loadOf({}))));
        for (const load of loads) await reference.load(load);
        for (const store of stores) await assertListed(store, reference);
      }
      for (const store of stores) await store.close();
    });

    test('has not a word of an erased pixel', async () => {
      const store = await open('a');
      await store.load(manyPixels());
      const { pixels } = await store.pixels({ ...ALL, limit: 5 });
      for (const { pixel } of pixels) await store.erasePixel(pixel.code);
      const rows = await admin.query(
        `SELECT code, said, label, campaign, recipient FROM truepixel_catalogue WHERE created_at > 0`,
      );
      const left = JSON.stringify(rows);
      for (const { pixel } of pixels) assert.ok(!left.includes(pixel.code), pixel.code);
      assert.equal(rows.filter((row) => row.every((value) => value === null)).length, 5);
      assert.equal((await store.pixels(ALL)).total, PIXELS - 5);
      await store.close();
    });
  });
} else {
  test('the catalogue of QuestDB', { skip: noQuestdb }, () => undefined);
}

const time = (number: number): string =>
  new Date((BEGINNING - 1) / 1_000)
    .toISOString()
    .replace('000Z', String(number + 1).padStart(6, '0') + 'Z');
