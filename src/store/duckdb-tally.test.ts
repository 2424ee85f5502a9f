// The tally against the reference, with everything in between that changes hits or brings them late: an
// answer that is made of sums is the very same as one that is counted hit by hit.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { anyHit, anyRequest, CODES, FIRST_HOUR } from '../../test/any-statistics.ts';
import { loadOf, someClaim, someHit } from '../../test/contracts/store-events.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import type { JudgedHit } from '../hit/event.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { openDuckdb } from './duckdb.ts';
import type { StatisticsRequest } from './statistics.ts';
import type { Store, TraceableStore } from './store.ts';

const SEED = 20_261_130;
const HOUR = 3_600_000_000;
const SPAN_HOURS = 72;
/** How many answers were put together from what was counted before. */
const answers = { tallied: 0 };
const log: Logger = Object.assign(Object.create(createLog('silent', 'test')), {
  debug: (facts: { isTallied?: boolean }) => {
    if (facts.isTallied) answers.tallied++;
  },
});
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

const EVERYTHING: StatisticsRequest = {
  selection: { kind: 'open', from: null, to: null, where: {} },
  repeatSeconds: 10,
  edges: [],
  split: null,
  groupsMax: 1,
};

async function newPath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-tally-'));
  dirs.push(dir);
  return join(dir, 'store.duckdb');
}

/** Counts beforehand whenever something came in, up to the newest hit but `marginMs`. */
const open = (path: string, marginMs: number) =>
  openDuckdb(
    {
      path,
      memoryBytes: 256 * 1024 * 1024,
      recentHitsMax: 40,
      tallyPace: { hitsMin: 1, marginMs, shareMax: 1 },
    },
    log,
  );

/** Until when hits are in the tally of a closed store; null when there is none. */
async function talliedUntil(path: string): Promise<number | null> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll('SELECT until FROM tallied')).getRows();
  connection.closeSync();
  instance.closeSync();
  return rows[0] === undefined ? null : Number(rows[0][0]);
}

/** The same is done to the store and to the reference. */
interface World {
  readonly path: string;
  readonly marginMs: number;
  store: Store;
  readonly reference: MemoryStore;
  readonly hits: JudgedHit[];
  claims: number;
  asked: number;
  tallied: number;
}

type Step = (world: World) => Promise<void>;

async function onBoth(world: World, work: (store: Store) => Promise<unknown>): Promise<void> {
  await work(world.store);
  await work(world.reference);
}

const chosen = ({ hits }: World, number: number): JudgedHit | undefined =>
  hits[number % Math.max(1, hits.length)];

/** Nearly in order: each load a little later than the one before, with some that come late. */
const loading: fc.Arbitrary<Step> = fc
  .record({
    hits: fc.array(anyHit, { minLength: 1, maxLength: 30 }),
    late: fc.constantFrom(false, false, false, true),
  })
  .map(({ hits, late }) => async (world) => {
    const newest = world.hits.reduce((at, { event }) => Math.max(at, event.at), FIRST_HOUR);
    const room = FIRST_HOUR + SPAN_HOURS * HOUR - newest;
    const moved = hits.map((hit): JudgedHit => {
      if (late) return hit;
      const at =
        newest + 1 + Math.floor(((hit.event.at - FIRST_HOUR) / (SPAN_HOURS * HOUR)) * (room / 4));
      return { ...hit, event: { ...hit.event, at: Math.max(newest, at) } };
    });
    world.hits.push(...moved);
    await onBoth(world, (store) => store.load(loadOf({ hits: moved })));
  });

const claiming: fc.Arbitrary<Step> = fc
  .record({ which: fc.nat(), own: fc.boolean() })
  .map(({ which, own }) => async (world) => {
    const hit = chosen(world, which);
    if (hit === undefined) return;
    const notes = [someClaim(++world.claims, hit, own)];
    await onBoth(world, (store) => store.load(loadOf({ notes })));
  });

const rejudging: fc.Arbitrary<Step> = fc
  .record({ which: fc.array(fc.nat(), { maxLength: 5 }), like: anyHit })
  .map(({ which, like: { judgement } }) => async (world) => {
    const hits = which.flatMap((number) => chosen(world, number) ?? []);
    const judged = [...new Set(hits)].map((hit) => ({ ...hit, judgement }));
    await onBoth(world, (store) => store.rejudge(judged));
  });

const erasing: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(...CODES).map(
    (code): Step =>
      (world) =>
        onBoth(world, (store) => store.erasePixel(code)),
  ),
  fc.constantFrom('192.0.2.1', '2001:db8::1').map(
    (address): Step =>
      (world) =>
        onBoth(world, (store) => store.eraseAddress(address)),
  ),
  fc.nat(20).map(
    (hours): Step =>
      (world) =>
        onBoth(world, (store) => store.expireHits(FIRST_HOUR + hours * HOUR + 7)),
  ),
);

const reopening: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  async (world) => {
    await world.store.close();
    world.store = await open(world.path, world.marginMs);
  },
  async ({ store }) => {
    await store.compact?.(new AbortController().signal);
  },
);

/** Until all is counted beforehand; gives up where there is nothing that could be. */
async function settle({ store }: World): Promise<void> {
  const { tallied: before } = answers;
  for (let i = 0; i < 40 && answers.tallied === before; i++) {
    await store.statistics(EVERYTHING);
    await sleep(5);
  }
}

/** Nearly always of all hits of a kind, with the same window: what is counted beforehand. */
const asking: fc.Arbitrary<Step> = fc
  .record({
    request: anyRequest(fc.constantFrom(false, false, false, false, true)),
    isSplit: fc.constantFrom(false, false, false, false, true),
    repeatSeconds: fc.constantFrom(10, 10, 10, 10, 10, 10, 10, 4_000),
    isSettled: fc.boolean(),
  })
  .map(({ request, isSplit, repeatSeconds, isSettled }) => async (world) => {
    if (isSettled) await settle(world);
    const asked: StatisticsRequest = {
      ...request,
      split: isSplit ? request.split : null,
      repeatSeconds,
    };
    const { tallied: before } = answers;
    assert.deepEqual(await world.store.statistics(asked), await world.reference.statistics(asked));
    world.asked++;
    world.tallied += answers.tallied - before;
  });

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: loading },
    { weight: 8, arbitrary: asking },
    { weight: 1, arbitrary: claiming },
    { weight: 1, arbitrary: rejudging },
    { weight: 1, arbitrary: erasing },
    { weight: 1, arbitrary: reopening },
  ),
  { minLength: 10, maxLength: 40 },
);

test('statistics are exact whatever changes hits between counting beforehand and asking', async () => {
  let asked = 0;
  let known = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, 1, 3_600_000), async (all, marginMs) => {
      const path = await newPath();
      const store = await open(path, marginMs);
      const world: World = {
        path,
        marginMs,
        store,
        reference: new MemoryStore(),
        hits: [],
        claims: 0,
        asked: 0,
        tallied: 0,
      };
      try {
        for (const step of all) await step(world);
        asked += world.asked;
        known += world.tallied;
      } finally {
        await world.store.close();
      }
    }),
    { numRuns: 25, seed: SEED, endOnFailure: true },
  );
  // Else the property says little.
  assert.ok(known > asked / 8, `${known} of ${asked} answers were counted beforehand`);
});

const lookAt = (number: number, at: number): JudgedHit => someHit(number, { at });

async function untilTallied(path: string, store: Store): Promise<TraceableStore> {
  const { tallied: before } = answers;
  while (answers.tallied === before) {
    await store.statistics(EVERYTHING);
    await sleep(10);
  }
  await store.close();
  assert.notEqual(await talliedUntil(path), null);
  return await open(path, 0);
}

test('what was counted outlives the process; what comes late or is taken out is noticed', async () => {
  const path = await newPath();
  let store = await open(path, 0);
  const hits = Array.from({ length: 50 }, (_, i) => lookAt(i, FIRST_HOUR + i * HOUR));
  await store.load(loadOf({ hits }));
  store = await untilTallied(path, store);
  assert.equal((await store.statistics(EVERYTHING)).totals.opens, 50);
  await store.load(loadOf({ hits: [lookAt(60, FIRST_HOUR + HOUR + 1)] }));
  const { totals } = await store.statistics(EVERYTHING);
  assert.deepEqual([totals.hits, totals.opens, totals.repeats, totals.uniqueOpens], [51, 50, 1, 1]);
  store = await untilTallied(path, store);
  await store.expireHits(FIRST_HOUR + 10 * HOUR);
  assert.equal((await store.statistics(EVERYTHING)).totals.hits, 40);
  await store.close();
});
