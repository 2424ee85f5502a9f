// Judging the history anew over a reference store: all of it, once, past failures and restarts.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BEGINNING,
  loadOf,
  oldest,
  someChange,
  someHit,
} from '../../test/contracts/store-events.ts';
import { judgingOf } from '../../test/judging.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import type { JudgedHit } from '../hit/event.ts';
import { NOT_JUDGED } from '../hit/verdict.ts';
import { REJUDGE_HITS } from '../limits.ts';
import { StoreError } from '../store/store.ts';
import { createLog } from '../telemetry/log.ts';
import { ReclassifyFile } from './reclassify-file.ts';
import { Reclassification } from './reclassify.ts';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

async function newPath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-reclassify-'));
  dirs.push(dir);
  return join(dir, 'reclassify.json');
}

const worker = (store: MemoryStore, path: string): Reclassification =>
  new Reclassification({
    store,
    judging: () => Promise.resolve(judgingOf(store)),
    alone: (work) => work(),
    windowSeconds: 3,
    file: new ReclassifyFile(path),
    log: createLog('silent', 'test'),
  });

async function finished(reclassification: Reclassification): Promise<void> {
  while (reclassification.state.state !== 'done') await sleep(5);
}

/** Hits as an older program stored them, a second apart. */
const unjudged = (count: number): JudgedHit[] =>
  Array.from({ length: count }, (_, i) => ({
    ...someHit(i, { agent: i % 2 === 0 ? CHROME : 'curl/8.0', at: BEGINNING + i * 1_000_000 }),
    judgement: NOT_JUDGED,
  }));

const classes = async (store: MemoryStore): Promise<string[]> =>
  (await oldest(store, 1e6)).map(({ judgement }) => judgement.verdict.class);

test('every hit is judged anew, and the state says how many and how many differ', async () => {
  const store = new MemoryStore();
  await store.load(loadOf({ hits: unjudged(REJUDGE_HITS * 2 + 10) }));
  assert.equal(await store.hasUnjudged(), true);
  const path = await newPath();
  const reclassification = worker(store, path);
  assert.equal(reclassification.state.state, 'idle');
  assert.equal(await reclassification.start(), 'started');
  assert.equal(await reclassification.start(), 'running');
  await finished(reclassification);
  const { judged, changed, total, failure } = reclassification.state;
  const all = REJUDGE_HITS * 2 + 10;
  assert.deepEqual(
    { judged, changed, total, failure },
    { judged: all, changed: all, total: all, failure: null },
  );
  assert.deepEqual((await classes(store)).slice(0, 2), ['human-browser', 'http-library']);
  assert.equal(await store.hasUnjudged(), false);
  assert.deepEqual(await readdir(join(path, '..')), []);
  assert.equal(await reclassification.start(), 'started');
  await finished(reclassification);
  assert.equal(reclassification.state.changed, 0);
});

test('a restart goes on where it was stopped', async () => {
  const store = new MemoryStore();
  await store.load(loadOf({ hits: unjudged(REJUDGE_HITS * 3) }));
  const path = await newPath();
  const first = worker(store, path);
  const rejudge = store.rejudge.bind(store);
  let pages = 0;
  const stopped = Promise.withResolvers<void>();
  store.rejudge = async (hits) => {
    pages++;
    if (pages === 2) stopped.resolve(first.stop());
    await rejudge(hits);
  };
  await first.start();
  await stopped.promise;
  assert.equal(first.state.judged, REJUDGE_HITS * 2);
  const second = worker(store, path);
  await second.resume();
  await finished(second);
  assert.ok(pages <= 4, `${pages} pages`);
  assert.ok(!(await classes(store)).includes('unknown'));
  const third = worker(store, path);
  await third.resume();
  assert.equal(third.state.state, 'idle');
});

test('a scanner that was at work where it was stopped is a scanner afterwards', async () => {
  const store = new MemoryStore();
  const codes = ['A', 'B', 'C', 'D', 'E', 'F'];
  const at = (i: number): number => BEGINNING + (REJUDGE_HITS + i) * 1_000_000;
  // The first page ends between the third and the fourth of its codes.
  const before = unjudged(REJUDGE_HITS - 3);
  const scan = codes.map((code, i) => ({
    ...someHit(REJUDGE_HITS + i, { agent: CHROME, at: at(0) + i * 400_000, code }),
    judgement: NOT_JUDGED,
  }));
  const notes = codes.map((code, i) => someChange(i, { sentAt: at(0) }, { code }));
  await store.load(loadOf({ hits: [...before, ...scan], notes }));
  const path = await newPath();
  const first = worker(store, path);
  const stopped = Promise.withResolvers<void>();
  const rejudge = store.rejudge.bind(store);
  store.rejudge = async (hits) => {
    await rejudge(hits);
    stopped.resolve(first.stop());
  };
  await first.start();
  await stopped.promise;
  assert.equal(first.state.judged, REJUDGE_HITS);
  const second = worker(store, path);
  await second.resume();
  await finished(second);
  assert.equal(second.state.judged, REJUDGE_HITS + 3);
  const found = (await classes(store)).slice(-6);
  const scanner = 'security-scanner';
  assert.deepEqual(found, ['human-browser', 'human-browser', scanner, scanner, scanner, scanner]);
});

test('a store that fails is waited for, and its failure is told meanwhile', async (t) => {
  const store = new MemoryStore();
  await store.load(loadOf({ hits: unjudged(10) }));
  store.failure = new StoreError('away for lunch', true);
  const reclassification = worker(store, await newPath());
  await reclassification.start();
  while (reclassification.state.failure === null) await sleep(5);
  assert.equal(reclassification.state.failure, 'away for lunch');
  store.failure = null;
  t.diagnostic('waits for the next try');
  await finished(reclassification);
  assert.equal(reclassification.state.judged, 10);
  assert.equal(reclassification.state.failure, null);
});

test('somebody’s word stays, and does not count as changed', async () => {
  const store = new MemoryStore();
  const [hit] = unjudged(1) as [JudgedHit];
  const claim = {
    id: { writer: '00000000000000cc', segment: 1, position: 1 },
    event: {
      kind: 'hit-claimed' as const,
      at: BEGINNING + 5,
      code: hit.event.code,
      hit: hit.id,
      hitAt: hit.event.at,
      own: true,
    },
  };
  await store.load(loadOf({ hits: [hit], notes: [claim] }));
  const reclassification = worker(store, await newPath());
  await reclassification.start();
  await finished(reclassification);
  const [judged] = await oldest(store, 10);
  assert.equal(judged?.judgement.own, 'claimed');
  assert.equal(judged?.judgement.verdict.class, 'human-browser');
  await reclassification.start();
  await finished(reclassification);
  assert.equal(reclassification.state.changed, 0);
});

test('a damaged progress file costs time and nothing else', async () => {
  const store = new MemoryStore();
  await store.load(loadOf({ hits: unjudged(10) }));
  const path = await newPath();
  await writeFile(path, '{"version":1,"place":');
  const reclassification = worker(store, path);
  await reclassification.resume();
  await finished(reclassification);
  assert.equal(reclassification.state.judged, 10);
});
