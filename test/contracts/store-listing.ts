// What every store must do when pixels and campaigns are listed, as parts of the contract suite in store.ts:
// the same as the plain reference, whatever is searched, sorted, counted and paged.

import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { PixelProperties } from '../../src/hit/event.ts';
import type {
  Campaign,
  CampaignPlace,
  CampaignsQuery,
  ListedPixel,
  PixelPlace,
  PixelsQuery,
} from '../../src/store/listing.ts';
import type { Load, Store } from '../../src/store/store.ts';
import { MemoryStore } from '../memory-store.ts';
import { BEGINNING, CODE, loadOf, someChange, someHit, somePixel } from './store-events.ts';
import { manyPixels, PIXELS, PIXEL_SORTS, someQuery } from './store-listed.ts';

const SEED = 20_261_130;
const SECOND = 1_000_000;

const QUERY: PixelsQuery = {
  filter: {},
  sort: 'createdAt',
  order: 'descending',
  place: null,
  limit: 50,
  repeatSeconds: 10,
};
const CAMPAIGNS: CampaignsQuery = {
  search: null,
  from: null,
  to: null,
  place: null,
  limit: 50,
  repeatSeconds: 10,
};

export const LISTING: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'a new store lists nothing': async (store) => {
    assert.deepEqual(await store.pixels(QUERY), { pixels: [], next: null, total: 0 });
    const filter = { search: 'a', opened: false, campaign: null };
    assert.deepEqual(await store.pixels({ ...QUERY, filter }), {
      pixels: [],
      next: null,
      total: 0,
    });
    assert.deepEqual(await store.campaigns(CAMPAIGNS), { campaigns: [], next: null });
    assert.deepEqual(await store.pixelsByCode([]), new Map());
    assert.deepEqual(await store.erasedOf(['x']), new Set());
  },

  'a listed pixel is what asking for it alone gives, with its counts and its last hit': async (
    store,
  ) => {
    await store.load(manyPixels());
    const { pixels, total } = await store.pixels({ ...QUERY, limit: 1_000 });
    assert.equal(total, PIXELS);
    assert.equal(pixels.length, PIXELS);
    for (const { pixel, counts, lastHitAt } of pixels) {
      assert.deepEqual(pixel, await store.pixel(pixel.code));
      assert.deepEqual(counts, await store.counts(pixel.code, QUERY.repeatSeconds));
      const [last] = (await store.pixelHits({ code: pixel.code, limit: 1, before: null })).hits;
      assert.equal(lastHitAt, last?.event.at ?? null);
    }
    const codes = pixels.map(({ pixel }) => pixel.code);
    const named = await store.pixelsByCode([...codes, 'nobody minted this']);
    assert.deepEqual([...named.keys()].toSorted(), codes.toSorted());
    for (const { pixel } of pixels) assert.deepEqual(named.get(pixel.code), pixel);
  },

  'pages in every order give each pixel once, as the reference orders them': async (store) => {
    const reference = await withReference(store, manyPixels());
    for (const sort of PIXEL_SORTS) {
      for (const order of ['ascending', 'descending'] as const) {
        const query = { ...QUERY, sort, order };
        const expected = await everyPixel(reference, { ...query, limit: 1_000 });
        for (const limit of [7, PIXELS, 1_000]) {
          const found = await everyPixel(store, { ...query, limit });
          assert.deepEqual(found, expected, `${sort} ${order}, ${limit} at a time`);
        }
      }
    }
  },

  'what is searched for, filtered and counted is that of the reference': async (store) => {
    const reference = await withReference(store, manyPixels());
    await fc.assert(
      fc.asyncProperty(someQuery(), async (query) => {
        const [found, expected] = [await store.pixels(query), await reference.pixels(query)];
        assert.deepEqual(found, expected);
      }),
      { numRuns: 120, seed: SEED },
    );
  },

  'a search takes every character as itself, and upper and lower case alike': async (store) => {
    const labels = [
      '100%',
      '100 percent',
      'a_b',
      'aXb',
      'ÄPFEL',
      '\\d',
      'd',
      "it's",
      '[a-z]',
      'Ab',
    ];
    const notes = labels.map((label, i) => somePixel(i, { code: `0${i}`, properties: { label } }));
    await store.load(loadOf({ notes }));
    const found = async (search: string): Promise<(string | null | undefined)[]> => {
      const query: PixelsQuery = {
        ...QUERY,
        filter: { search },
        sort: 'label',
        order: 'ascending',
      };
      return (await store.pixels(query)).pixels.map(({ pixel }) => pixel.properties.label);
    };
    assert.deepEqual(await found('%'), ['100%']);
    assert.deepEqual(await found('100_'), []);
    assert.deepEqual(await found('_'), ['a_b']);
    assert.deepEqual(await found('äpfel'), ['ÄPFEL']);
    assert.deepEqual(await found('\\'), ['\\d']);
    assert.deepEqual(await found('\\d'), ['\\d']);
    assert.deepEqual(await found("'"), ["it's"]);
    assert.deepEqual(await found('[A-Z]'), ['[a-z]']);
    assert.deepEqual(await found('AB'), ['Ab']);
    assert.deepEqual(await found('09'), ['Ab']);
  },

  'pages stay the same while pixels are minted': async (store) => {
    await store.load(manyPixels());
    const first = await store.pixels({ ...QUERY, limit: 20 });
    const rest = await everyPixel(store, { ...QUERY, place: first.next });
    const campaigns = await store.campaigns({ ...CAMPAIGNS, limit: 2 });
    const others = await everyCampaign(store, { ...CAMPAIGNS, place: campaigns.next });
    const minted = Array.from({ length: 30 }, (_, i) => {
      const campaign = i < 20 ? (others[i % others.length]?.campaign ?? 'new') : `new ${i}`;
      const at = BEGINNING + 1_000 * SECOND + i;
      return somePixel(500 + i, { at, code: `!${i}`, properties: { campaign } });
    });
    await store.load(loadOf({ notes: minted }));
    assert.deepEqual(await everyPixel(store, { ...QUERY, place: first.next }), rest);
    const again = await everyCampaign(store, { ...CAMPAIGNS, place: campaigns.next });
    assert.deepEqual(
      again.map(({ campaign }) => campaign),
      others.map(({ campaign }) => campaign),
    );
    const { total, pixels } = await store.pixels({ ...QUERY, limit: 1 });
    assert.deepEqual([total, pixels[0]?.pixel.code], [PIXELS + 30, '!29']);
  },

  'what is said later holds in lists: of names, of modes, of the recipient': async (store) => {
    const label = 'first';
    await store.load(loadOf({ notes: [somePixel(1, { code: CODE, properties: { label } })] }));
    const withLabel = (search: string) => store.pixels({ ...QUERY, filter: { search } });
    assert.equal((await withLabel('FIRST')).total, 1);
    const properties: PixelProperties = { label: 'second', campaign: 'c', mode: 'off' };
    await store.load(loadOf({ notes: [someChange(5, properties)] }));
    await store.load(loadOf({ notes: [someChange(4, { label: 'earlier' })] }));
    assert.equal((await withLabel('first')).total, 0);
    assert.equal((await withLabel('earlier')).total, 0);
    assert.deepEqual((await withLabel('sec')).pixels[0]?.pixel.properties, properties);
    assert.equal((await store.pixels({ ...QUERY, filter: { modes: ['off'] } })).total, 1);
    assert.equal((await store.pixels({ ...QUERY, filter: { modes: [null] } })).total, 0);
    await store.load(loadOf({ notes: [someChange(6, { label: null, mode: null })] }));
    assert.equal((await withLabel('sec')).total, 0);
    assert.equal((await store.pixels({ ...QUERY, filter: { modes: [null] } })).total, 1);
    assert.deepEqual(
      (await store.campaigns(CAMPAIGNS)).campaigns.map((one) => one.campaign),
      ['c'],
    );
  },

  'a pixel that is only spoken of is in no list until it is minted, and minted twice it is one':
    async (store) => {
      const change = someChange(1, { label: 'spoken of', campaign: 'c' });
      await store.load(loadOf({ notes: [change], hits: [someHit(1)] }));
      assert.equal((await store.pixels(QUERY)).total, 0);
      assert.deepEqual((await store.campaigns(CAMPAIGNS)).campaigns, []);
      for (const at of [BEGINNING + 9, BEGINNING + 5, BEGINNING + 7]) {
        await store.load(loadOf({ notes: [somePixel(at - BEGINNING, { at, code: CODE })] }));
      }
      const { pixels, total } = await store.pixels(QUERY);
      assert.equal(total, 1);
      assert.deepEqual(pixels, [
        {
          pixel: {
            code: CODE,
            createdAt: BEGINNING + 5,
            properties: { label: 'spoken of', campaign: 'c' },
          },
          counts: await store.counts(CODE, 10),
          lastHitAt: BEGINNING + 1,
        },
      ]);
      const { campaigns } = await store.campaigns(CAMPAIGNS);
      const times = { firstCreatedAt: BEGINNING + 5, lastCreatedAt: BEGINNING + 5 };
      const counts = await store.counts(CODE, 10);
      assert.deepEqual(campaigns, [
        { campaign: 'c', pixels: 1, pixelsOpened: 1, ...times, counts },
      ]);
    },

  'campaigns are those of the reference, whatever is asked': async (store) => {
    const reference = await withReference(store, manyPixels());
    for (const limit of [1, 2, 50]) {
      const found = await everyCampaign(store, { ...CAMPAIGNS, limit });
      assert.deepEqual(found, await everyCampaign(reference, CAMPAIGNS));
    }
    const time = fc.option(
      fc.nat(PIXELS + 10).map((n) => BEGINNING + n * SECOND),
      { nil: null },
    );
    const search = fc.constantFrom(null, 'a', 'A', 'ä', '%', '_', ' ', 'zzz');
    const repeatSeconds = fc.constantFrom(0, 1, 10);
    await fc.assert(
      fc.asyncProperty(time, time, search, repeatSeconds, async (from, to, part, seconds) => {
        fc.pre(from === null || to === null || from < to);
        const query = { ...CAMPAIGNS, from, to, search: part, repeatSeconds: seconds };
        const page = await store.campaigns(query);
        assert.deepEqual(page, await reference.campaigns(query));
        // Of a single one, which may be counted in another way.
        for (const { campaign, counts } of page.campaigns.slice(0, 2)) {
          const { totals } = await store.statistics({
            selection: { kind: 'open', from, to, where: { campaign: [campaign] } },
            repeatSeconds: seconds,
            edges: [],
            split: null,
            groupsMax: 1,
          });
          assert.deepEqual(counts, totals);
        }
      }),
      { numRuns: 40, seed: SEED },
    );
  },

  'codes of the same key, and hits of what nobody minted, are counted apart': async (store) => {
    // CRC-32 is linear: these differ by a multiple of its polynomial.
    const codes = ['plumless', 'buckeroo'];
    assert.equal(crc32('plumless'), crc32('buckeroo'));
    const times = [0, 5, 8, 30, 31, 60].map((seconds) => BEGINNING + seconds * SECOND);
    const hits = times.map((at, i) => someHit(i, { at, code: codes[i % 2] ?? '' }));
    const campaigns = ['one', 'two'];
    const notes = codes.map((code, i) =>
      somePixel(i, { at: BEGINNING, code, properties: { campaign: campaigns[i] ?? null } }),
    );
    const many = Array.from({ length: 40 }, (_, i) => somePixel(100 + i, { at: BEGINNING }));
    const stranger = someHit(50, { code: 'nobody minted this' });
    const load = loadOf({ hits: [...hits, stranger], notes: [...notes, ...many] });
    const reference = await withReference(store, load);
    for (const from of [null, BEGINNING + 8 * SECOND, BEGINNING + 20 * SECOND]) {
      for (const search of [null, 'one', 'two']) {
        const query = { ...CAMPAIGNS, from, search };
        assert.deepEqual(await store.campaigns(query), await reference.campaigns(query));
      }
    }
    const { pixels } = await store.pixels({ ...QUERY, filter: { opened: true } });
    for (const { pixel, counts } of pixels) {
      assert.deepEqual(counts, await store.counts(pixel.code, QUERY.repeatSeconds));
    }
    assert.deepEqual(pixels.map(({ pixel }) => pixel.code).toSorted(), codes.toSorted());
  },

  'an erased pixel is in no list and in no total, and the store knows that it was': async (
    store,
  ) => {
    await store.load(manyPixels());
    const { pixels } = await store.pixels({ ...QUERY, limit: 3 });
    const codes = pixels.map(({ pixel }) => pixel.code);
    for (const code of codes) await store.erasePixel(code);
    assert.deepEqual(await store.erasedOf([...codes, 'another']), new Set(codes));
    assert.deepEqual(await store.pixelsByCode(codes), new Map());
    const left = await store.pixels({ ...QUERY, limit: 1_000 });
    assert.equal(left.total, PIXELS - 3);
    assert.equal(left.pixels.length, PIXELS - 3);
    assert.ok(left.pixels.every(({ pixel }) => !codes.includes(pixel.code)));
    const campaigns = await everyCampaign(store, CAMPAIGNS);
    assert.equal(
      campaigns.reduce((sum, { pixels: own }) => sum + own, 0),
      PIXELS - 3,
    );
    await store.load(manyPixels());
    assert.equal((await store.pixels(QUERY)).total, PIXELS - 3);
  },
};

async function withReference(store: Store, load: Load): Promise<Store> {
  const reference = new MemoryStore();
  await reference.load(load);
  await store.load(load);
  return reference;
}

async function everyPixel(store: Store, query: PixelsQuery): Promise<ListedPixel[]> {
  const all: ListedPixel[] = [];
  let place: PixelPlace | null = query.place;
  do {
    const page: Awaited<ReturnType<Store['pixels']>> = await store.pixels({ ...query, place });
    assert.ok(page.pixels.length <= query.limit);
    all.push(...page.pixels);
    place = page.next;
  } while (place !== null);
  return all;
}

async function everyCampaign(store: Store, query: CampaignsQuery): Promise<Campaign[]> {
  const all: Campaign[] = [];
  let place: CampaignPlace | null = query.place;
  do {
    const page: Awaited<ReturnType<Store['campaigns']>> = await store.campaigns({
      ...query,
      place,
    });
    assert.ok(page.campaigns.length <= query.limit);
    all.push(...page.campaigns);
    place = page.next;
  } while (place !== null);
  return all;
}
