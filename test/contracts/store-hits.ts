// What every store must do about lists of hits, of a pixel or selected otherwise: the same pages as the
// reference gives, from either end, whatever is selected, and also while more hits arrive.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatEventId, type Hit, type JudgedHit } from '../../src/hit/event.ts';
import { CLASS_OF_REASON, DEVICES, NOT_JUDGED, type Reason } from '../../src/hit/verdict.ts';
import { EVERY_HIT, type Selection } from '../../src/store/selection.ts';
import type { HitPlace, HitsQuery, Store } from '../../src/store/store.ts';
import { MemoryStore } from '../memory-store.ts';
import { BEGINNING, CODE, loadOf, newest, someChange, someHit, somePixel } from './store-events.ts';

const SEED = 20_261_130;
const RUNS = 40;
const REASONS = Object.keys(CLASS_OF_REASON) as Reason[];
const CLASSES = [...new Set(Object.values(CLASS_OF_REASON))];
const CODES = ['code0', 'code1', 'CODE1', "co'de"];
const CAMPAIGNS = ['spring', 'Spring', 'a "b"'];
const CLIENTS = ['Chrome', 'chrome', "O'Mail; --"];
const COUNTRIES = ['DE', 'FR'];
const REFERRERS = [
  'https://Site.example/a/b?c=d#e',
  'https://site.example',
  'http://site.example?x',
  'https://other.example:8443/p#f?g',
  'android-app://com.google.android.gm/',
  'no scheme://odd/\nline',
  'about:blank',
  '://',
  'file:///x',
  '?only',
  'https://a.example/://b.example/',
  '',
];
const PAGES = ['https://Site.example/a/b', 'https://site.example', 'about:blank', 'file:///x'];
const SITES = ['site.example', 'other.example:8443', 'com.google.android.gm', 'odd', 'a.example'];

export const HITS: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'pages give every hit once, newest page first, each page oldest first': async (store) => {
    const hits = Array.from({ length: 25 }, (_, i) => someHit(i));
    await store.load(loadOf({ hits: hits.filter((_, i) => i % 2 === 0) }));
    await store.load(loadOf({ hits: hits.filter((_, i) => i % 2 === 1) }));
    const pages = await allPages(store, CODE, 10);
    assert.deepEqual(
      pages.map((page) => page.length),
      [10, 10, 5],
    );
    assert.deepEqual(pages.toReversed().flat(), hits);
    assert.equal(await store.countOpens(CODE), 25);
  },

  'a page that holds the last hit exactly has no page before it': async (store) => {
    await store.load(loadOf({ hits: [someHit(1), someHit(2)] }));
    assert.equal((await newest(store, CODE, 2)).next, null);
    const page = await newest(store, CODE, 1);
    assert.deepEqual(page.next, { at: BEGINNING + 2, id: formatEventId(someHit(2).id) });
  },

  'hits of one instant are ordered by id, and pages split them cleanly': async (store) => {
    const writers = ['00000000000000aa', '0000000000000a00', 'f000000000000000'];
    const hits = writers.flatMap((writer) =>
      [2, 9, 10].flatMap((segment) =>
        [40, 300, 2000].map((position) => ({
          ...someHit(0),
          id: { writer, segment, position },
        })),
      ),
    );
    await store.load(loadOf({ hits: hits.toReversed() }));
    for (const limit of [1, 2, 5]) {
      assert.deepEqual((await allPages(store, CODE, limit)).toReversed().flat(), hits);
    }
  },

  'a page stays the same while newer hits arrive': async (store) => {
    await store.load(loadOf({ hits: Array.from({ length: 20 }, (_, i) => someHit(i)) }));
    const { next } = await newest(store, CODE, 5);
    const before = await store.pixelHits({ code: CODE, limit: 5, before: next });
    await store.load(loadOf({ hits: Array.from({ length: 20 }, (_, i) => someHit(20 + i)) }));
    assert.deepEqual(await store.pixelHits({ code: CODE, limit: 5, before: next }), before);
  },

  [`pages of selected hits are those of the reference, while hits arrive (seed ${SEED})`]: async (
    store,
  ) => {
    const reference = new MemoryStore();
    const both = [store, reference];
    const named = CODES.map((code, i) =>
      somePixel(i, { code, properties: { campaign: CAMPAIGNS[i] ?? null, label: `mail ${i}` } }),
    );
    const change = someChange(9, { campaign: 'spring' }, { code: 'code1' });
    for (const one of both) await one.load(loadOf({ notes: [...named.slice(0, 3), change] }));
    let count = 0;
    const numbered = (facts: readonly SomeHit[]): JudgedHit[] =>
      facts.map(({ event, judgement, writer }) => {
        const hit = someHit(count++, event, judgement);
        return { ...hit, id: { ...hit.id, writer } };
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(someFacts(), { maxLength: 15 }), { minLength: 1, maxLength: 4 }),
        someQuery(),
        async (arrivals, query) => {
          let place: HitPlace | null = null;
          for (let page = 0; ; page++) {
            const hits = numbered(arrivals[page] ?? []);
            if (hits.length > 0) for (const one of both) await one.load(loadOf({ hits }));
            const expected = await reference.hits({ ...query, place });
            assert.deepEqual(await store.hits({ ...query, place }), expected);
            place = expected.next;
            if (place === null) break;
          }
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  },

  'every selected hit comes exactly once, from either end': async (store) => {
    const hits = Array.from({ length: 3_000 }, (_, i) =>
      someHit(i, { at: BEGINNING + Math.floor(i / 7), code: `code${i % 5}` }),
    );
    await store.load(loadOf({ hits: hits.filter((_, i) => i % 3 > 0) }));
    await store.load(loadOf({ hits: hits.filter((_, i) => i % 3 === 0) }));
    const selection: Selection = { ...EVERY_HIT, where: { pixel: ['code1', 'code3'] } };
    const ids = hits
      .filter(({ event }) => event.code === 'code1' || event.code === 'code3')
      .map(({ id }) => formatEventId(id));
    assert.deepEqual(await everyId(store, { selection, order: 'oldest', limit: 64 }), ids);
    assert.deepEqual(
      await everyId(store, { selection, order: 'newest', limit: 100 }),
      ids.toReversed(),
    );
  },

  'hits of a campaign of thousands of pixels are found as those of one are': async (store) => {
    const count = 6_000;
    const notes = Array.from({ length: count }, (_, i) =>
      somePixel(i, { code: `code${i}`, properties: { campaign: i === 7 ? 'one' : 'many' } }),
    );
    const hits = Array.from({ length: count }, (_, i) => someHit(i, { code: `code${i}` }));
    const visit = someHit(count, { kind: 'visit', code: null });
    await store.load(loadOf({ hits: [...hits, visit], notes }));
    for (const [campaign, expected] of [
      ['one', 1],
      ['many', count - 1],
      [null, 1],
    ] as const) {
      const selection: Selection = { ...EVERY_HIT, where: { campaign: [campaign] } };
      const ids = await everyId(store, { selection, order: 'newest', limit: 4_000 });
      assert.equal(ids.length, expected, campaign ?? 'none');
      assert.equal(new Set(ids).size, expected);
    }
  },

  'an empty selection has no page, and a page that is just full has none behind it': async (
    store,
  ) => {
    const query: HitsQuery = { selection: EVERY_HIT, order: 'newest', place: null, limit: 2 };
    assert.deepEqual(await store.hits(query), { hits: [], next: null });
    await store.load(loadOf({ hits: [someHit(1), someHit(2)] }));
    assert.deepEqual(await store.hits(query), { hits: [someHit(2), someHit(1)], next: null });
    const none: Selection = { ...EVERY_HIT, where: { country: [] } };
    assert.deepEqual(await store.hits({ ...query, selection: none }), { hits: [], next: null });
  },

  'a hit that nobody judged is of the class unknown': async (store) => {
    const hit = someHit(1, {}, NOT_JUDGED);
    await store.load(loadOf({ hits: [hit, someHit(2)] }));
    const selection: Selection = { ...EVERY_HIT, where: { class: ['unknown'] } };
    const page = await store.hits({ selection, order: 'oldest', place: null, limit: 5 });
    assert.deepEqual(page.hits, [hit]);
  },

  'pixels have the names that were given them last': async (store) => {
    assert.deepEqual(await store.names([CODE]), new Map());
    const notes = [
      somePixel(1, { code: CODE, properties: { label: 'first', campaign: 'spring' } }),
      somePixel(2, { code: 'named', properties: { label: 'é|"' } }),
      somePixel(3, { code: 'nameless', properties: { mode: 'off' } }),
      someChange(4, { label: null }),
    ];
    await store.load(loadOf({ notes }));
    const names = await store.names([CODE, 'named', 'nameless', 'unknown']);
    assert.deepEqual(
      names,
      new Map([
        [CODE, { label: null, campaign: 'spring' }],
        ['named', { label: 'é|"', campaign: null }],
      ]),
    );
    await store.erasePixel(CODE);
    assert.deepEqual(await store.names([CODE]), new Map());
  },
};

async function allPages(store: Store, code: string, limit: number): Promise<JudgedHit[][]> {
  const pages: JudgedHit[][] = [];
  let before: HitPlace | null = null;
  do {
    const { hits, next } = await store.pixelHits({ code, limit, before });
    pages.push([...hits]);
    before = next;
  } while (before !== null);
  return pages;
}

interface SomeHit {
  readonly event: Partial<Hit>;
  readonly judgement: JudgedHit['judgement'];
  readonly writer: string;
}

/** Few values of everything, so that they meet; many hits of one instant. */
function someFacts(): fc.Arbitrary<SomeHit> {
  return fc
    .record({
      second: fc.nat(6),
      code: fc.constantFrom(...CODES, null),
      referrer: fc.constantFrom(null, ...REFERRERS),
      reason: fc.constantFrom(...REASONS),
      client: fc.constantFrom(null, ...CLIENTS),
      device: fc.constantFrom(null, ...DEVICES),
      country: fc.constantFrom(null, ...COUNTRIES),
      writer: fc.constantFrom('00000000000000aa', 'f000000000000000'),
    })
    .map(({ second, code, referrer, reason, client, device, country, writer }) => ({
      event: { kind: code === null ? 'visit' : 'open', at: BEGINNING + second, code, referrer },
      judgement: {
        verdict: { class: CLASS_OF_REASON[reason], reason, client, os: client, device, country },
        own: null,
        viewer: '00000000000000ff',
      },
      writer,
    }));
}

function someQuery(): fc.Arbitrary<Omit<HitsQuery, 'place'>> {
  const bound = fc.option(fc.nat(8).map((second) => BEGINNING + second));
  const anyOf = (values: readonly string[]): fc.Arbitrary<(string | null)[] | undefined> =>
    fc.option(fc.uniqueArray(fc.constantFrom(null, ...values), { minLength: 1, maxLength: 3 }), {
      nil: undefined,
      freq: 1,
    });
  const filters = fc
    .record({
      campaign: anyOf(CAMPAIGNS),
      pixel: anyOf([...CODES, 'another']),
      class: anyOf(CLASSES),
      client: anyOf(CLIENTS),
      os: anyOf(CLIENTS),
      device: anyOf(DEVICES),
      country: anyOf(COUNTRIES),
      referrer: anyOf(SITES),
      page: anyOf(PAGES),
    })
    .chain((all) => fc.subarray(Object.entries(all), { maxLength: 2 }))
    .map((some) => Object.fromEntries(some.filter(([, values]) => values !== undefined)));
  return fc.record({
    selection: fc.record({
      kind: fc.constantFrom(null, null, 'open', 'visit'),
      from: bound,
      to: bound,
      where: filters,
    }),
    order: fc.constantFrom('newest', 'oldest'),
    limit: fc.integer({ min: 1, max: 40 }),
  });
}

async function everyId(store: Store, query: Omit<HitsQuery, 'place'>): Promise<string[]> {
  const ids: string[] = [];
  let place: HitPlace | null = null;
  do {
    const page: Awaited<ReturnType<Store['hits']>> = await store.hits({ ...query, place });
    assert.ok(page.hits.length <= query.limit);
    ids.push(...page.hits.map(({ id }) => formatEventId(id)));
    place = page.next;
  } while (place !== null);
  return ids;
}
