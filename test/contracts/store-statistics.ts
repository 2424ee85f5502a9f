// What every store must come to when it counts many hits. Parts of the contract suite in store.ts.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Store } from '../../src/store/store.ts';
import type { StatisticsRequest } from '../../src/store/statistics.ts';
import { anyHit, anyRequest, CAMPAIGNS, CODES, FIRST_HOUR } from '../any-statistics.ts';
import { MemoryStore } from '../memory-store.ts';
import { BEGINNING, CODE, loadOf, someChange, someHit, somePixel } from './store-events.ts';

const SEED = 20_261_130;
const SECOND = 1_000_000;
const EVERYTHING: StatisticsRequest = {
  selection: { kind: 'open', from: null, to: null, where: {} },
  repeatSeconds: 10,
  edges: [],
  split: null,
  groupsMax: 10,
};

/** Each of the codes but the last is a pixel of a campaign or of none. */
const PIXELS = CODES.slice(0, -1).map((code, i) => {
  const campaign = CAMPAIGNS[i % CAMPAIGNS.length] ?? null;
  const label = i === 0 ? 'The “first” one' : null;
  const said = { ...(campaign === null ? {} : { campaign }), ...(label === null ? {} : { label }) };
  return somePixel(i, { code, properties: said });
});

export const STATISTICS: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'statistics are those of the reference, whatever the hits and the question are': async (
    store,
  ) => {
    const reference = new MemoryStore();
    const first = loadOf({ notes: PIXELS });
    await store.load(first);
    await reference.load(first);
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyHit, { maxLength: 60 }),
        fc.array(anyRequest(), { minLength: 1, maxLength: 6 }),
        async (hits, requests) => {
          await store.load(loadOf({ hits }));
          await reference.load(loadOf({ hits }));
          for (const request of requests) {
            assert.deepEqual(await store.statistics(request), await reference.statistics(request));
          }
        },
      ),
      { numRuns: 60, seed: SEED, endOnFailure: true },
    );
  },

  'statistics of one pixel over all time are its counts': async (store) => {
    const hits = fc.sample(anyHit, { numRuns: 200, seed: SEED });
    await store.load(loadOf({ hits, notes: PIXELS }));
    for (const repeatSeconds of [0, 10, 4_000]) {
      for (const code of CODES) {
        const { totals } = await store.statistics({
          ...EVERYTHING,
          repeatSeconds,
          selection: { ...EVERYTHING.selection, where: { pixel: [code] } },
        });
        assert.deepEqual(totals, await store.counts(code, repeatSeconds));
      }
    }
  },

  'a look just before the range makes the first one in it a repeat, and a filter takes that from none':
    async (store) => {
      const look = (number: number, at: number, country: string) =>
        someHit(
          number,
          { at },
          { verdict: { ...someHit(0).judgement.verdict, country }, viewer: 'aaaaaaaaaaaaaaaa' },
        );
      const hits = [look(1, FIRST_HOUR - SECOND, 'DE'), look(2, FIRST_HOUR, 'FR')];
      await store.load(loadOf({ hits, notes: [somePixel(1, { code: CODE })] }));
      const selection = { ...EVERYTHING.selection, from: FIRST_HOUR };
      const { totals } = await store.statistics({ ...EVERYTHING, selection });
      assert.deepEqual(
        [totals.hits, totals.opens, totals.repeats, totals.uniqueOpens],
        [1, 0, 1, 1],
      );
      const inFrance = { ...EVERYTHING.selection, where: { country: ['FR'] } };
      const filtered = (await store.statistics({ ...EVERYTHING, selection: inFrance })).totals;
      assert.deepEqual([filtered.hits, filtered.opens, filtered.repeats], [1, 0, 1]);
    },

  'a pixel is of the campaign that it is said to be of now': async (store) => {
    const hits = [someHit(1), someHit(2, { code: 'other' })];
    const minted = somePixel(1, { code: CODE, properties: { campaign: 'spring' } });
    await store.load(loadOf({ hits, notes: [minted] }));
    const request = { ...EVERYTHING, split: 'campaign' } as const;
    const values = async () => (await store.statistics(request)).groups.map(({ value }) => value);
    assert.deepEqual(await values(), ['spring', null]);
    await store.load(loadOf({ notes: [someChange(5, { campaign: 'autumn' })] }));
    assert.deepEqual(await values(), ['autumn', null]);
    await store.load(loadOf({ notes: [someChange(6, { campaign: null })] }));
    assert.deepEqual(await values(), [null]);
  },

  'the largest groups are told, those of one size by their values, and how many are not': async (
    store,
  ) => {
    const hits = Array.from({ length: 30 }, (_, i) => someHit(i, { code: `code${i % 7}` }));
    await store.load(
      loadOf({ hits, notes: [somePixel(1, { code: 'code1', properties: { label: 'One' } })] }),
    );
    const { groups, groupsLeftOut } = await store.statistics({
      ...EVERYTHING,
      split: 'pixel',
      groupsMax: 4,
    });
    assert.deepEqual(
      groups.map(({ value, label, totals }) => [value, label, totals.hits]),
      [
        ['code0', null, 5],
        ['code1', 'One', 5],
        ['code2', null, 4],
        ['code3', null, 4],
      ],
    );
    assert.equal(groupsLeftOut, 3);
  },

  'a store without hits has a series of nothing': async (store) => {
    const request = {
      ...EVERYTHING,
      edges: [BEGINNING, BEGINNING + 5, BEGINNING + 7],
      split: 'client',
    } as const;
    const selection = { ...EVERYTHING.selection, from: BEGINNING, to: BEGINNING + 7 };
    const { series, groups, groupsLeftOut } = await store.statistics({ ...request, selection });
    assert.equal(series.length, 2);
    assert.ok(series.every(({ hits, uniqueOpens }) => hits === 0 && uniqueOpens === 0));
    assert.deepEqual([groups, groupsLeftOut], [[], 0]);
  },
};
