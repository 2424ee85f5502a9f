// The part of the store's contract that keeps a bus from being counted twice: what a store says it knows.

import assert from 'node:assert/strict';
import { formatEventId, type Recorded } from '../../src/hit/event.ts';
import type { Store } from '../../src/store/store.ts';
import { BEGINNING, CODE, loadOf, someHit, somePixel } from './store-events.ts';

/** Each is given a new store. */
export const KNOWN: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'it knows the hits that it has, by their id': async (store) => {
    assert.deepEqual(await store.known([]), new Set());
    assert.deepEqual(await store.known([someHit(1)]), new Set());
    const visit = someHit(2, { kind: 'visit', code: null });
    const known = [someHit(1), visit, someHit(3, { code: 'other' })];
    await store.load(loadOf({ hits: known }));
    const one = someHit(1);
    const { id } = one;
    const strangers = [
      someHit(4),
      { ...one, id: { ...id, writer: 'ffffffffffffff00' } },
      { ...one, id: { ...id, segment: id.segment + 1 } },
      { ...one, id: { ...id, position: id.position + 1 } },
    ];
    assert.deepEqual(await store.known([...strangers, ...known]), idsOf(known));
    assert.deepEqual(await store.known(strangers), new Set());
    await store.load(loadOf({ hits: strangers }));
    assert.deepEqual(await store.known(strangers), idsOf(strangers));
  },

  'it knows the pixels that it has, unless they were minted earlier': async (store) => {
    const early = somePixel(1, { at: BEGINNING, code: CODE });
    const late = somePixel(2, { at: BEGINNING + 5, code: CODE });
    const other = somePixel(3);
    await store.load(loadOf({ notes: [late] }));
    assert.deepEqual(await store.known([early, late, other]), idsOf([late]));
    await store.load(loadOf({ notes: [early] }));
    assert.deepEqual(await store.known([early, late, other]), idsOf([early, late]));
  },

  'it knows thousands of hits at once, among many more': async (store) => {
    const hits = Array.from({ length: 12_000 }, (_, i) => someHit(i, { code: `code-${i % 90}` }));
    for (let from = 0; from < hits.length; from += 3_000) {
      await store.load(loadOf({ hits: hits.slice(from, from + 3_000) }));
    }
    const asked = Array.from({ length: 6_000 }, (_, i) => someHit(i * 3));
    assert.deepEqual(await store.known(asked), idsOf(asked.slice(0, 4_000)));
  },
};

const idsOf = (events: readonly Recorded[]): Set<string> =>
  new Set(events.map(({ id }) => formatEventId(id)));
