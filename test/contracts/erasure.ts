// What every store must do when a pixel is erased, as parts of the contract suite in store.ts.

import assert from 'node:assert/strict';
import type { Store } from '../../src/store/store.ts';
import { BEGINNING, CODE, loadOf, newest, someHit, somePixel } from './store-events.ts';

export const ERASURE: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'an erased pixel is in no answer any more, and its neighbours still are': async (store) => {
    const hits = Array.from({ length: 40 }, (_, i) => someHit(i, { code: i % 2 ? CODE : 'other' }));
    const visit = someHit(99, { kind: 'visit', code: null });
    const notes = [somePixel(1, { code: CODE }), somePixel(2, { code: 'other' })];
    await store.load(loadOf({ hits: [...hits, visit], notes }));
    const { next } = await newest(store, CODE, 5);
    await store.erasePixel(CODE);
    assert.equal(await store.pixel(CODE), null);
    assert.equal(await store.countOpens(CODE), 0);
    assert.deepEqual(await newest(store, CODE, 10), { hits: [], next: null });
    const page = await store.pixelHits({ code: CODE, limit: 5, before: next });
    assert.deepEqual(page, { hits: [], next: null });
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 20, visits: 1 });
    const others = hits.filter(({ event }) => event.code === 'other');
    assert.deepEqual((await newest(store, 'other', 100)).hits, others);
    assert.equal((await store.pixel('other'))?.createdAt, BEGINNING + 2);
    await store.erasePixel(CODE);
    await store.erasePixel('nobody minted this');
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 20, visits: 1 });
  },

  'what is loaded for an erased pixel is not kept, be it old or new': async (store) => {
    const again = { hits: [someHit(1)], notes: [somePixel(1, { code: CODE })] };
    await store.load(loadOf(again));
    await store.erasePixel(CODE);
    await store.load(loadOf(again));
    await store.load(loadOf({ hits: [someHit(2), someHit(3, { code: 'other' })] }));
    assert.equal(await store.pixel(CODE), null);
    assert.deepEqual(await newest(store, CODE, 10), { hits: [], next: null });
    assert.deepEqual(await store.totals(), { pixels: 0, opens: 1, visits: 0 });
  },

  'erasing beside loads leaves nothing of the pixel': async (store) => {
    const load = async (n: number): Promise<void> => {
      const hits = Array.from({ length: 30 }, (_, k) => someHit(n * 30 + k));
      await store.load(loadOf({ hits, progress: String(n) }));
    };
    await load(0);
    const loads = (async () => {
      for (let n = 1; n < 10; n++) await load(n);
    })();
    await store.erasePixel(CODE);
    await loads;
    assert.equal(await store.countOpens(CODE), 0);
    assert.deepEqual(await store.totals(), { pixels: 0, opens: 0, visits: 0 });
    assert.equal(await store.progress(), '9');
  },
};

interface Place {
  readonly open: (dir: string) => Promise<Store>;
  readonly newDir: () => Promise<string>;
}

export const ERASED_THEN_REOPENED: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  'an erased pixel stays erased after a restart, and when its events are loaded again': async ({
    open,
    newDir,
  }) => {
    const dir = await newDir();
    const events = { hits: [someHit(1)], notes: [somePixel(1, { code: CODE })] };
    const first = await open(dir);
    await first.load(loadOf(events));
    await first.erasePixel(CODE);
    await first.close();
    const second = await open(dir);
    assert.equal(await second.pixel(CODE), null);
    assert.deepEqual(await newest(second, CODE, 10), { hits: [], next: null });
    await second.load(loadOf(events));
    assert.equal(await second.countOpens(CODE), 0);
    assert.deepEqual(await second.totals(), { pixels: 0, opens: 0, visits: 0 });
    await second.close();
  },
};
