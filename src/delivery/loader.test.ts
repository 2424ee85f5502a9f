// The loader between a real journal and a real store: everything once, at once, past damage and failures.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { Event } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { openDuckdb } from '../store/duckdb.ts';
import { type Load, type Store, StoreError } from '../store/store.ts';
import { createLog } from '../telemetry/log.ts';
import { Loader } from './loader.ts';
import { registerLoaderMetrics } from './loader-metrics.ts';
import { VisitLog } from './visit-log.ts';
import { VisitProgressFile } from './visit-progress.ts';
import { judgedParts } from '../../test/judging.ts';

const MIB = 1024 * 1024;
const CODE = 'AAAAAAAAAAAAAAAA';
const log = createLog('silent', 'test');
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

interface Rig {
  readonly dir: string;
  readonly journal: JournalWriter;
  readonly store: Store;
  readonly loader: Loader;
  readonly visitLog: string;
  restart(): Promise<Rig>;
  end(): Promise<void>;
}

async function rig(
  wrap: (store: Store) => Store = (store) => store,
  old?: string,
  logging = true,
): Promise<Rig> {
  const dir = old ?? (await mkdtemp(join(tmpdir(), 'truepixel-loader-')));
  if (old === undefined) dirs.push(dir);
  const limits = { segmentBytes: MIB, journalBytesMax: 1024 * MIB, diskFreeBytesMin: 0 };
  const journal = await openJournal({ dataDir: dir, ...limits }, 'collector', log);
  const path = join(dir, 'store.duckdb');
  const store = wrap(await openDuckdb({ path, memoryBytes: 256 * MIB }, log));
  const visitLog = join(dir, 'visits.log');
  const loader = new Loader({
    store,
    ...judgedParts(store),
    journal: new JournalReader(journalDirs(dir)),
    visitLog: logging ? new VisitLog(visitLog, log) : null,
    visitProgress: new VisitProgressFile(join(dir, 'visits.progress')),
    log,
  });
  loader.start();
  const end = async (): Promise<void> => {
    await loader.stop();
    await journal.close();
    await store.close();
  };
  const restart = async (): Promise<Rig> => {
    await end();
    return await rig(wrap, dir);
  };
  return { dir, journal, store, loader, visitLog, restart, end };
}

const open = (at: number): Event => ({
  kind: 'open',
  at,
  code: CODE,
  address: '192.0.2.1',
  referrer: null,
  agent: `agent ${at}`,
  purpose: null,
});
const visit = (at: number): Event => ({ ...open(at), kind: 'visit', code: null }) as Event;

async function keep(journal: JournalWriter, ...events: Event[]): Promise<void> {
  const kept = await Promise.all(events.map((event) => appendEvent(journal, event)));
  assert.ok(kept.every((outcome) => outcome === 'kept'));
}

const linesIn = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8')).split('\n').slice(0, -1);

test('a hit that was kept before the barrier is in the store after it', async () => {
  const { journal, loader, store, end } = await rig();
  for (let i = 1; i <= 20; i++) {
    await keep(journal, open(i));
    assert.equal(await loader.barrier(), true);
    assert.equal(await store.countOpens(CODE), i);
  }
  await end();
});

test('pixels, opens and visits each go where they belong', async () => {
  const { journal, loader, store, visitLog, end } = await rig();
  await keep(journal, { kind: 'pixel-minted', at: 5, code: CODE }, open(6), visit(7), visit(8));
  await loader.barrier();
  assert.deepEqual(await store.totals(), { pixels: 1, opens: 1, visits: 2 });
  assert.deepEqual(await store.pixel(CODE), { code: CODE, createdAt: 5, properties: {} });
  assert.deepEqual(await linesIn(visitLog), [
    '1970-01-01T00:00:00.0000070+00:00|null|agent 7|192.0.2.1',
    '1970-01-01T00:00:00.0000080+00:00|null|agent 8|192.0.2.1',
  ]);
  assert.partialDeepStrictEqual(loader.stats, {
    events: {
      open: 1,
      visit: 2,
      'pixel-minted': 1,
      'pixel-changed': 0,
      'pixel-erased': 0,
      'hit-claimed': 0,
    },
    behindBytes: 0,
    lagSeconds: 0,
  });
  await end();
});

test('a restart loads nothing twice, and what came meanwhile once', async () => {
  let now = await rig();
  for (let round = 1; round <= 4; round++) {
    await keep(now.journal, open(round), visit(round));
    if (round % 2 === 0) await now.loader.barrier();
    now = await now.restart();
  }
  await now.loader.barrier();
  assert.deepEqual(await now.store.totals(), { pixels: 0, opens: 4, visits: 4 });
  assert.equal((await linesIn(now.visitLog)).length, 4);
  await now.end();
});

test('many loads and segments come whole and in order', async () => {
  const { journal, loader, store, visitLog, end } = await rig();
  const agent = 'x'.repeat(1_900);
  for (let i = 0; i < 16; i++) {
    const events = Array.from({ length: 500 }, (_, k) => ({ ...visit(i * 500 + k), agent }));
    await keep(journal, ...(events as Event[]));
  }
  assert.equal(await loader.barrier(), true);
  assert.equal((await store.totals()).visits, 8_000);
  const micros = (await linesIn(visitLog)).map((line) => Number(line.slice(20, 26)));
  assert.deepEqual(
    micros,
    Array.from({ length: 8_000 }, (_, i) => i),
  );
  assert.ok(loader.stats.loads > 1);
  await end();
});

test('a store that fails is tried again, and a commit that succeeded unheard is not repeated', async () => {
  let failures = 0;
  const failing = (store: Store): Store => {
    const load = store.load.bind(store);
    store.load = async (given: Load) => {
      failures++;
      if (failures === 1) throw new StoreError('not now', true);
      await load(given);
      if (failures === 2) throw new StoreError('the answer was lost', true);
    };
    return store;
  };
  const { journal, loader, store, visitLog, end } = await rig(failing);
  await keep(journal, open(1), visit(2));
  const passed = loader.barrier();
  while (loader.readiness().ready) await sleep(5);
  assert.deepEqual(loader.readiness(), { ready: false, reason: 'not now' });
  assert.equal(await passed, true);
  assert.deepEqual(loader.readiness(), { ready: true, reason: null });
  assert.deepEqual(await store.totals(), { pixels: 0, opens: 1, visits: 1 });
  while (loader.visitLogBehind) await loader.barrier();
  assert.equal((await linesIn(visitLog)).length, 1);
  await end();
});

test('damage in one place is counted once and keeps nothing else back', async () => {
  const first = await rig();
  for (let i = 0; i < 3; i++) await keep(first.journal, open(i));
  await first.end();
  const folder = join(first.dir, 'journal', 'collector-0');
  const segment = (await readdir(folder)).find((name) => name !== 'lock');
  const path = join(folder, segment ?? '');
  const bytes = await readFile(path);
  const second = bytes.indexOf('agent 1');
  bytes[second] = (bytes[second] ?? 0) ^ 0xff;
  await writeFile(path, bytes);
  await rm(join(first.dir, 'store.duckdb'), { force: true });
  const again = await rig((store) => store, first.dir);
  await again.loader.barrier();
  await again.loader.barrier();
  assert.equal(again.loader.stats.troubles.damage, 1);
  assert.equal(await again.store.countOpens(CODE), 2);
  await again.end();
});

test('a slot that the disk does not give keeps no other back, and is reported', async () => {
  const { dir, journal, store, loader, end } = await rig();
  // A folder in a segment's place is what reading fails with for good, before the sound slot's turn.
  await mkdir(join(dir, 'journal', 'api-0', '0000000001.tpj'), { recursive: true });
  await keep(journal, open(1), open(2));
  while ((await store.countOpens(CODE)) < 2) await sleep(5);
  while (loader.readiness().ready) await sleep(5);
  assert.match(loader.readiness().reason ?? '', /EISDIR/);
  await end();
});

test('a visit log that cannot be written holds nothing back, and gets its lines when it can', async () => {
  const { journal, loader, store, visitLog, end } = await rig();
  await loader.barrier();
  await rm(visitLog, { force: true });
  await mkdir(visitLog);
  loader.reopenVisitLog();
  for (let i = 0; i < 5; i++) {
    await keep(journal, visit(i), open(i));
    assert.equal(await loader.barrier(), true);
  }
  assert.deepEqual(await store.totals(), { pixels: 0, opens: 5, visits: 5 });
  const { ready, reason } = loader.readiness();
  assert.equal(ready, true);
  assert.match(reason ?? '', /^the visit log is behind: EISDIR/);
  await rm(visitLog, { recursive: true });
  loader.reopenVisitLog();
  while (loader.visitLogBehind) await loader.barrier();
  await keep(journal, visit(5));
  await loader.barrier();
  assert.equal((await linesIn(visitLog)).length, 6);
  assert.deepEqual(loader.readiness(), { ready: true, reason: null });
  await end();
});

test('a store that was deleted is loaded anew, and the visit log has each line once', async () => {
  const { dir, journal, loader, visitLog, end } = await rig();
  await keep(journal, visit(1), visit(2), open(3));
  await loader.barrier();
  const written = await readFile(visitLog, 'utf8');
  // One visit more than the log could take.
  await rm(visitLog);
  await mkdir(visitLog);
  loader.reopenVisitLog();
  await keep(journal, visit(4));
  await loader.barrier();
  await end();
  await rm(visitLog, { recursive: true });
  await writeFile(visitLog, written);
  await rm(join(dir, 'store.duckdb'));
  const again = await rig((store) => store, dir);
  await keep(again.journal, visit(5));
  do await again.loader.barrier();
  while (again.loader.visitLogBehind);
  assert.deepEqual(await again.store.totals(), { pixels: 0, opens: 1, visits: 4 });
  const agents = (await linesIn(visitLog)).map((line) => line.split('|')[2]);
  assert.deepEqual(agents, ['agent 1', 'agent 2', 'agent 4', 'agent 5']);
  await again.end();
});

test('a visit log that was off begins at the present', async () => {
  const { dir, visitLog, ...first } = await rig();
  await keep(first.journal, visit(1));
  await first.loader.barrier();
  await first.end();
  const off = await rig((store) => store, dir, false);
  await keep(off.journal, visit(2));
  await off.loader.barrier();
  await off.end();
  const on = await rig((store) => store, dir);
  await keep(on.journal, visit(3));
  await on.loader.barrier();
  await on.end();
  const agents = (await linesIn(visitLog)).map((line) => line.split('|')[2]);
  assert.deepEqual(agents, ['agent 1', 'agent 3']);
});

test('a damaged progress of the visit log is reported, and loading goes on when it is removed', async () => {
  const { dir, visitLog, ...first } = await rig();
  await keep(first.journal, visit(1));
  await first.loader.barrier();
  await first.end();
  const progress = join(dir, 'visits.progress');
  await writeFile(progress, '{}');
  const again = await rig((store) => store, dir);
  while (again.loader.readiness().ready) await sleep(5);
  assert.match(
    again.loader.readiness().reason ?? '',
    /visits\.progress is damaged; when it is removed/,
  );
  await rm(progress);
  await keep(again.journal, visit(2));
  assert.equal(await again.loader.barrier(), true);
  await again.end();
  assert.equal((await linesIn(visitLog)).length, 2);
});

test('the metrics tell what was loaded', async () => {
  const { journal, loader, end } = await rig();
  const registry = new Registry();
  registerLoaderMetrics(registry, loader);
  await keep(journal, open(1), open(2), visit(3));
  await loader.barrier();
  const text = await registry.metrics();
  assert.match(text, /truepixel_loader_events_total\{kind="open"\} 2\n/);
  assert.match(text, /truepixel_loader_events_total\{kind="visit"\} 1\n/);
  assert.match(text, /truepixel_loader_ready 1\n/);
  assert.match(text, /truepixel_loader_load_seconds_count [1-3]\n/);
  assert.equal(await registry.metrics(), text, 'counting does not count');
  await end();
});

test('a barrier is refused once the loader stops', async () => {
  const { loader, end } = await rig();
  const asked = loader.barrier();
  await end();
  assert.equal(typeof (await asked), 'boolean');
  assert.equal(await loader.barrier(), false);
});
