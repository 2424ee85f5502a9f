// What every store must do with judgements: keep them, count by them, take new ones; and how hits go by
// address and by age. Parts of the contract suite in store.ts.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatEventId, type JudgedHit } from '../../src/hit/event.ts';
import {
  CLASS_OF_REASON,
  impersonal,
  type Judgement,
  NOT_JUDGED,
  type OwnSign,
  type Reason,
} from '../../src/hit/verdict.ts';
import type { Counts, HitPlace, Store } from '../../src/store/store.ts';
import { countHits } from '../counting.ts';
import { MemoryStore } from '../memory-store.ts';
import {
  BEGINNING,
  CODE,
  JUDGEMENT,
  loadOf,
  oldest,
  newest,
  someClaim,
  someHit,
  somePixel,
} from './store-events.ts';

const SEED = 20_261_122;
const REASONS = Object.keys(CLASS_OF_REASON) as Reason[];
const OWN_SIGNS: (OwnSign | null)[] = [null, 'address', 'browser', 'claimed', 'disclaimed'];
const SECOND = 1_000_000;
const NONE: Counts = {
  hits: 0,
  opens: 0,
  repeats: 0,
  unverified: 0,
  machine: 0,
  ignored: 0,
  uniqueOpens: 0,
};

const verdict = (reason: Reason): Judgement => ({
  ...JUDGEMENT,
  verdict: { ...JUDGEMENT.verdict, reason, class: CLASS_OF_REASON[reason] },
});

export const JUDGEMENTS: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'a judgement comes back exactly as it was loaded, each reason and sign': async (store) => {
    const hits = REASONS.map((reason, i) =>
      someHit(i, {}, { ...verdict(reason), own: OWN_SIGNS[i % OWN_SIGNS.length] ?? null }),
    );
    const viewers = ['ffffffffffffffff', '0000000000000001', '8000000000000000'];
    hits.push(
      ...viewers.map((viewer, i) =>
        someHit(100 + i, {}, { viewer, verdict: impersonal('crawler-token', i ? null : 'Zoë|\n') }),
      ),
      someHit(200, {}, NOT_JUDGED),
    );
    await store.load(loadOf({ hits }));
    assert.deepEqual((await newest(store, CODE, 100)).hits, hits);
  },

  'what stands for facts that were withheld comes back exactly, and so does an own browser': async (
    store,
  ) => {
    const withheld = {
      verdict: JUDGEMENT.verdict,
      visitor: '0123456789abcdef',
      ownAddress: true,
      mailSecurity: false,
    };
    const nobody = {
      verdict: impersonal('apple-mpp-bare-agent', null),
      visitor: null,
      ownAddress: false,
      mailSecurity: true,
    };
    const hits = [
      someHit(1, { address: '', agent: null, withheld }),
      someHit(2, { address: '', agent: null, withheld: nobody }),
      someHit(3, { ownBrowser: true }, { own: 'browser' }),
    ];
    await store.load(loadOf({ hits }));
    assert.deepEqual((await newest(store, CODE, 10)).hits, hits);
    assert.deepEqual(await oldest(store, 10), hits);
  },

  'one hit of a pixel is found by its id, and of that pixel only': async (store) => {
    const hits = [someHit(1), someHit(2), someHit(3, { code: 'other' })];
    await store.load(loadOf({ hits }));
    const id = formatEventId(someHit(2).id);
    assert.deepEqual(await store.hit(CODE, id), someHit(2));
    assert.equal(await store.hit('other', id), null);
    assert.equal(await store.hit(CODE, formatEventId(someHit(4).id)), null);
    assert.equal(await store.hit(CODE, 'no id'), null);
  },

  'every hit is counted once, by its class and whose look it was': async (store) => {
    const viewer = (i: number): string => String(i).padStart(16, '0');
    const hits = REASONS.map((reason, i) =>
      someHit(
        i,
        { at: BEGINNING + i * 60 * SECOND },
        { ...verdict(reason), viewer: viewer(i + 1) },
      ),
    );
    await store.load(loadOf({ hits, notes: [somePixel(1, { code: CODE })] }));
    const counts = { hits: 21, opens: 7, repeats: 0, unverified: 2, machine: 5, ignored: 7 };
    assert.deepEqual(await store.counts(CODE, 10), { ...counts, uniqueOpens: 7 });
    const own = OWN_SIGNS.map((sign, i) =>
      someHit(
        100 + i,
        { at: BEGINNING + i * SECOND, code: 'own' },
        { own: sign, viewer: viewer(i) },
      ),
    );
    await store.load(loadOf({ hits: own }));
    const ownCounts = { ...NONE, hits: 5, opens: 2, ignored: 3, uniqueOpens: 2 };
    assert.deepEqual(await store.counts('own', 0), ownCounts);
    assert.deepEqual(await store.counts('nobody minted this', 10), NONE);
  },

  'a look is a repeat until exactly the window after the look before': async (store) => {
    const times = [0, 10 * SECOND, 20 * SECOND + 1, 30 * SECOND, 30 * SECOND];
    const hits = times.map((time, i) => someHit(i, { at: BEGINNING + time }));
    await store.load(loadOf({ hits: hits.toReversed() }));
    const expected = { ...NONE, hits: 5, uniqueOpens: 1 };
    assert.deepEqual(await store.counts(CODE, 10), { ...expected, opens: 2, repeats: 3 });
    assert.deepEqual(await store.counts(CODE, 10.000001), { ...expected, opens: 1, repeats: 4 });
    assert.deepEqual(await store.counts(CODE, 0), { ...expected, opens: 4, repeats: 1 });
  },

  'counts are those of the reference, whatever the hits are': async (store) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(someLook(), { maxLength: 40 }),
        fc.constantFrom(0, 1, 10, 0.5),
        async (looks, repeatSeconds) => {
          const code = `run${run++}`;
          const hits = looks.map(({ tenths, judgement }, i) =>
            someHit(run * 100 + i, { code, at: BEGINNING + tenths * (SECOND / 10) }, judgement),
          );
          await store.load(loadOf({ hits }));
          assert.deepEqual(await store.counts(code, repeatSeconds), countHits(hits, repeatSeconds));
        },
      ),
      { numRuns: 40, seed: SEED },
    );
  },

  'all hits come in the order of time, each once, also of one instant': async (store) => {
    const hits = Array.from({ length: 300 }, (_, i) => {
      const { event, judgement } = someHit(i, { at: BEGINNING + (i % 7), code: `code${i % 11}` });
      const writer = `${i % 3 === 0 ? 'f' : '0'}00000000000000a`;
      const id = { writer, segment: i % 2 === 0 ? 9 : 10, position: 1_000 - i };
      return {
        id,
        event: i % 5 === 0 ? { ...event, kind: 'visit' as const, code: null } : event,
        judgement,
      };
    });
    const reference = new MemoryStore();
    await reference.load(loadOf({ hits }));
    await store.load(loadOf({ hits: hits.slice(0, 140) }));
    await store.load(loadOf({ hits: hits.slice(140) }));
    const ordered = await oldest(reference, 1_000);
    for (const limit of [1_000, 300, 64]) {
      assert.deepEqual(await everyHit(store, limit), ordered, `pages of ${limit}`);
    }
    assert.deepEqual(
      await oldest(store, 5, { at: BEGINNING + 8, id: formatEventId(someHit(0).id) }),
      [],
    );
  },

  'hits that lie years apart are all found': async (store) => {
    const year = 366 * 86_400 * SECOND;
    const hits = [0, 1, year, year + 1, 30 * year].map((at, i) => someHit(i, { at }));
    await store.load(loadOf({ hits: hits.toReversed() }));
    for (const limit of [1, 2, 10]) assert.deepEqual(await everyHit(store, limit), hits);
  },

  'a new judgement takes the place of the old one, and leaves facts and claims': async (store) => {
    const hits = [0, 1, 2].map((i) => someHit(i, { code: i === 2 ? null : CODE }));
    const [first, second, third] = hits as [JudgedHit, JudgedHit, JudgedHit];
    await store.load(loadOf({ hits, notes: [someClaim(1, second, false)] }));
    const judgement: Judgement = {
      verdict: impersonal('scanner-network', 'Barracuda'),
      own: 'address',
      viewer: '00000000000000ff',
    };
    const stranger = someHit(9);
    await store.rejudge([...hits, stranger].map((hit) => ({ ...hit, judgement })));
    const expected = [
      { ...first, judgement },
      { ...second, judgement: { ...judgement, own: 'disclaimed' } },
      { ...third, judgement },
    ];
    assert.deepEqual(await oldest(store, 10), expected);
    assert.deepEqual(await store.counts(CODE, 10), { ...NONE, hits: 2, ignored: 1, machine: 1 });
    await store.rejudge([{ ...first, judgement: { ...judgement, own: null } }]);
    assert.equal((await store.hit(CODE, formatEventId(first.id)))?.judgement.own, null);
    await store.rejudge([]);
  },

  'thousands of hits are judged anew at once, and counted so': async (store) => {
    const hits = Array.from({ length: 5_000 }, (_, i) => someHit(i, { code: `code${i % 3}` }));
    await store.load(loadOf({ hits }));
    const judgement = { ...JUDGEMENT, verdict: impersonal('crawler-token', 'Googlebot') };
    await store.rejudge(hits.slice(0, 4_500).map((hit) => ({ ...hit, judgement })));
    const { hits: all, ignored } = await store.counts('code0', 10);
    assert.deepEqual([all, ignored], [1_667, 1_500]);
  },

  'a store knows whether there is a hit that nobody judged': async (store) => {
    assert.equal(await store.hasUnjudged(), false);
    const unknown = { ...JUDGEMENT, verdict: impersonal('not-judged', null) };
    await store.load(loadOf({ hits: [someHit(1), someHit(3, {}, unknown)] }));
    assert.equal(await store.hasUnjudged(), false);
    const hit = someHit(2, { kind: 'visit', code: null }, NOT_JUDGED);
    await store.load(loadOf({ hits: [hit] }));
    assert.equal(await store.hasUnjudged(), true);
    await store.rejudge([{ ...hit, judgement: JUDGEMENT }]);
    assert.equal(await store.hasUnjudged(), false);
  },

  'the hits of an address go, all of them, and nobody else’s': async (store) => {
    const gone = '2001:db8::1';
    const hits = Array.from({ length: 30 }, (_, i) =>
      someHit(i, { address: i % 3 === 0 ? gone : `2001:db8::1${i}`, code: i % 2 ? CODE : 'other' }),
    );
    const visit = someHit(50, { kind: 'visit', code: null, address: gone });
    const withheld = someHit(51, { address: '' });
    await store.load(loadOf({ hits: [...hits, visit, withheld], notes: [somePixel(1)] }));
    assert.equal(await store.eraseAddress(gone), 11);
    assert.equal(await store.eraseAddress(gone), 0);
    assert.equal(await store.eraseAddress(''), 0);
    const left = hits.filter(({ event }) => event.address !== gone);
    assert.deepEqual(await oldest(store, 100), [...left, withheld]);
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 21, visits: 0 });
    await store.load(loadOf({ hits: [someHit(60, { address: gone })] }));
    assert.equal((await store.totals()).opens, 22);
  },

  'hits before a time go, and pixels stay': async (store) => {
    const day = 86_400 * SECOND;
    const hits = Array.from({ length: 10 }, (_, i) => someHit(i, { at: BEGINNING + i * day }));
    await store.load(loadOf({ hits, notes: [somePixel(1, { at: BEGINNING, code: CODE })] }));
    await store.expireHits(BEGINNING);
    assert.equal(await store.countOpens(CODE), 10);
    await store.expireHits(BEGINNING + 4 * day);
    assert.deepEqual((await newest(store, CODE, 100)).hits, hits.slice(4));
    assert.deepEqual(await oldest(store, 100), hits.slice(4));
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 6, visits: 0 });
    assert.equal((await store.counts(CODE, 10)).hits, 6);
    assert.equal((await store.pixel(CODE))?.createdAt, BEGINNING);
  },
};

async function everyHit(store: Store, limit: number): Promise<JudgedHit[]> {
  const all: JudgedHit[] = [];
  let place: HitPlace | null = null;
  for (;;) {
    const page: readonly JudgedHit[] = await oldest(store, limit, place);
    assert.ok(page.length <= limit);
    const last = page.at(-1);
    if (last === undefined) return all;
    all.push(...page);
    place = { at: last.event.at, id: formatEventId(last.id) };
  }
}

/** Few viewers, close together, so that many are repeats; classes of every kind. */
function someLook(): fc.Arbitrary<{ tenths: number; judgement: Judgement }> {
  const judgement = fc
    .record({
      reason: fc.constantFrom(...REASONS, 'browser-agent' as const, 'gmail-proxy-token' as const),
      own: fc.constantFrom(null, null, null, ...OWN_SIGNS),
      viewer: fc.constantFrom('a', 'b', 'c').map((letter) => letter.repeat(16)),
    })
    .map(({ reason, own, viewer }) => ({ ...verdict(reason), own, viewer }));
  return fc.record({ tenths: fc.nat(300), judgement });
}
