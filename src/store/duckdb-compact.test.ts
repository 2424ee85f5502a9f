// Making the embedded store's file anew: what was erased is in no byte of it, everything else is as it was,
// calls go on beside it, and no failure or kill costs more than another try.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { someHit, somePixel } from '../../test/contracts/store-events.ts';
import { formatEventId } from '../hit/event.ts';
import { createLog } from '../telemetry/log.ts';
import { openDuckdb } from './duckdb.ts';
import type { DuckdbOptions } from './duckdb-session.ts';
import type { Load, TraceableStore } from './store.ts';

const MIB = 1024 * 1024;
const HITS = 40_000;
const GONE_CODE = 'GONEGONEGONEGONE';
const GONE_ADDRESS = '203.0.113.177';
const CHILD = new URL('../../test/contracts/compact-child.ts', import.meta.url).pathname;
const KILLS = 10;
const never = new AbortController().signal;
const dir = await mkdtemp(join(tmpdir(), 'truepixel-compact-'));
after(() => rm(dir, { recursive: true, force: true }));

const openStore = (path: string, options: Partial<DuckdbOptions> = {}): Promise<TraceableStore> =>
  openDuckdb(
    { path, memoryBytes: 256 * MIB, spareBytes: 0, recentHitsMax: HITS / 4, ...options },
    createLog('silent', 'test'),
  );

const compact = (store: TraceableStore, signal = never): Promise<void> => {
  assert.ok(store.compact);
  return store.compact(signal);
};

/** No two are alike, so that a look into the file can tell which are there. */
const agentOf = (n: number): string => createHash('sha256').update(String(n)).digest('hex');
const isGone = (n: number): boolean => n % 10 === 0;

function loadOf(from: number, to: number): Load {
  const hits = Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    const who = n % 20 === 0 ? { code: GONE_CODE } : isGone(n) ? { address: GONE_ADDRESS } : {};
    return someHit(n, { agent: `Agent/${agentOf(n)}`, code: `code${n % 50}`, ...who });
  });
  const notes = [
    somePixel(1, { code: GONE_CODE, properties: { recipient: 'ana.gone@example.org' } }),
    somePixel(2, { code: 'code7', properties: { recipient: 'bob.stays@example.org' } }),
  ];
  return { hits, notes, progress: String(to) };
}

async function filled(path: string): Promise<TraceableStore> {
  const store = await openStore(path);
  for (let n = 0; n < HITS; n += 5_000) await store.load(loadOf(n, n + 5_000));
  return store;
}

async function erase(store: TraceableStore): Promise<void> {
  await store.erasePixel(GONE_CODE);
  await store.eraseAddress(GONE_ADDRESS);
}

/** How many of the erased texts can be read in the files of the store; compressed ones cannot. */
async function bytesOf(path: string): Promise<{ gone: number }> {
  const names = (await readdir(dir)).filter((name) => join(dir, name).startsWith(path));
  const files = await Promise.all(names.map((name) => readFile(join(dir, name)).catch(() => null)));
  const bytes = Buffer.concat(files.filter((file) => file !== null)).toString('latin1');
  const found = { gone: 0 };
  for (const text of [GONE_CODE, GONE_ADDRESS, 'ana.gone@example.org']) {
    if (bytes.includes(text)) found.gone++;
  }
  const there = new Set(bytes.match(/[0-9a-f]{64}/g));
  for (let n = 0; n < HITS; n++) {
    if (isGone(n) && there.has(agentOf(n))) found.gone++;
  }
  return found;
}

async function answers(store: TraceableStore): Promise<unknown> {
  return {
    progress: await store.progress(),
    totals: await store.totals(),
    page: await store.pixelHits({ code: 'code7', limit: 50, before: null }),
    counts: await store.counts('code7', 60),
    pixel: await store.pixel('code7'),
    sources: await store.sources(),
    erasures: await store.erasures(),
    known: await store.known([someHit(1), someHit(HITS + 1)]),
  };
}

test('what was erased is in no byte afterwards, and every answer is the same', async () => {
  const path = join(dir, 'plain.duckdb');
  const store = await filled(path);
  await erase(store);
  assert.ok((await bytesOf(path)).gone > 0, 'otherwise this test finds nothing out');
  const before = await answers(store);
  const { mode } = await stat(path);
  await compact(store);
  assert.equal((await bytesOf(path)).gone, 0);
  assert.deepEqual(await answers(store), before);
  assert.equal((await stat(path)).mode, mode);
  await store.load(loadOf(HITS, HITS + 10));
  assert.equal(await store.countOpens(GONE_CODE), 0, 'it stays erased');
  await compact(store);
  await store.close();
  const again = await openStore(path);
  assert.equal(await again.progress(), String(HITS + 10));
  assert.equal((await again.totals()).opens, (HITS * 9) / 10 + 9);
  await again.close();
  assert.deepEqual(
    (await readdir(dir)).filter((name) => name.startsWith('plain')),
    ['plain.duckdb'],
  );
});

test('reads and loads beside it are all answered, and nothing of them is lost', async () => {
  const store = await filled(join(dir, 'beside.duckdb'));
  await erase(store);
  const ending = new AbortController();
  let reads = 0;
  const read = async (): Promise<void> => {
    for (; !ending.signal.aborted; reads++) {
      assert.equal(await store.countOpens('code7'), HITS / 50);
    }
  };
  const load = async (): Promise<number> => {
    let n = HITS;
    for (; !ending.signal.aborted; n += 10) {
      const { hits, progress } = loadOf(n, n + 10);
      const others = hits.map((hit) => ({ ...hit, event: { ...hit.event, code: 'other' } }));
      await store.load({ hits: others, notes: [], progress });
    }
    return n;
  };
  const beside = Promise.all([read(), read(), load()]);
  await compact(store);
  await compact(store);
  ending.abort();
  const [, , loaded] = await beside;
  assert.ok(reads > 0);
  assert.equal(await store.progress(), String(loaded));
  assert.equal(await store.countOpens('other'), loaded - HITS);
  await store.close();
});

test('hits that are erased, claimed, judged or sorted while it is made come out right', async () => {
  const path = join(dir, 'changed.duckdb');
  const store = await filled(path);
  const making = compact(store);
  await sleep(20);
  await erase(store);
  const { hits } = loadOf(1, 2);
  await store.rejudge(
    hits.map((hit) => ({ ...hit, judgement: { ...hit.judgement, own: 'address' } })),
  );
  await store.load({ ...loadOf(HITS, 2 * HITS), notes: [] });
  await making;
  const expected = HITS / 50 + HITS / 50;
  assert.equal(await store.countOpens('code7'), expected);
  assert.equal((await store.hit('code1', formatEventId(someHit(1).id)))?.judgement.own, 'address');
  assert.equal(await store.countOpens(GONE_CODE), 0);
  await store.close();
  const again = await openStore(path);
  assert.equal(await again.countOpens('code7'), expected);
  assert.equal(await again.progress(), String(2 * HITS));
  assert.equal(
    await again.eraseAddress(GONE_ADDRESS),
    HITS / 20,
    'those that came after the erasure',
  );
  await again.close();
});

test('a disk without the room is told of, and the store goes on as it was', async () => {
  const path = join(dir, 'full.duckdb');
  const store = await openStore(path, { spareBytes: 2 ** 60 });
  await store.load(loadOf(0, 100));
  await assert.rejects(compact(store), {
    name: 'StoreError',
    retryable: true,
    message: /full\.duckdb anew needs 1?\d MiB on the disk, besides \d+ MiB that stay free/,
  });
  await store.load(loadOf(100, 200));
  assert.equal((await store.totals()).opens, 200);
  await store.close();
  assert.deepEqual(
    (await readdir(dir)).filter((name) => name.startsWith('full')),
    ['full.duckdb'],
  );
});

test('it ends at the signal, or with the store, and leaves everything as it was', async () => {
  const path = join(dir, 'ended.duckdb');
  const store = await filled(path);
  const before = await answers(store);
  const ending = new AbortController();
  const interrupted = assert.rejects(compact(store, ending.signal), { retryable: true });
  await sleep(30);
  ending.abort();
  await interrupted;
  assert.deepEqual(await answers(store), before);
  const closed = assert.rejects(compact(store), { name: 'StoreError' });
  await sleep(10);
  await store.close();
  await closed;
  const again = await openStore(path);
  assert.deepEqual(await answers(again), before);
  await again.close();
});

test('a draft and spilt rows that a kill left are removed at the next opening', async () => {
  const path = join(dir, 'left.duckdb');
  await (await openStore(path)).close();
  await writeFile(`${path}.compact`, GONE_CODE);
  await writeFile(`${path}.compact.wal`, GONE_CODE);
  const store = await openStore(path);
  assert.equal((await bytesOf(path)).gone, 0);
  await compact(store);
  await store.close();
});

test(`kills leave the old file or the new one (${KILLS} of them)`, async () => {
  const path = join(dir, 'killed.duckdb');
  const filling = await filled(path);
  await erase(filling);
  const expected = await answers(filling);
  await filling.close();
  let made = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = fork(CHILD, [path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (message) => (made += message === 'made' ? 1 : 0));
    await once(child, 'message');
    // The last two have their time, however slow the machine is.
    if (kill >= KILLS - 2) await once(child, 'message');
    await sleep(Math.random() * 400);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await openStore(path);
    assert.deepEqual(await answers(store), expected);
    await store.close();
  }
  assert.ok(made > 0, 'it was made anew between the kills');
  const last = await openStore(path);
  await compact(last);
  assert.equal((await bytesOf(path)).gone, 0);
  await last.close();
});
