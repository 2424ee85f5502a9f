// An erasure through all that one machine holds: journal, archive, store, visit log and the job itself.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { judgedParts } from '../../test/judging.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import { erasuresDir } from '../config/paths.ts';
import type { Event, Note } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { JournalKeeper } from '../journal/keeper.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { codeDigest } from '../store/erased.ts';
import { createLog } from '../telemetry/log.ts';
import { type ErasureJob, ErasureJobs } from './erasure-job.ts';
import type { ErasureSubject } from './erasure-subject.ts';
import { Erasures } from './erasures.ts';
import { Loader } from './loader.ts';
import { realLogFiles } from './log-files.ts';
import { rebuild } from './rebuild.ts';
import { VisitLog } from './visit-log.ts';
import { VisitProgressFile } from './visit-progress.ts';

const MIB = 1024 * 1024;
const GONE = '203.0.113.77';
const RECIPIENT = 'ana@example.org';
const log = createLog('silent', 'test');
const decompress = promisify(zstdDecompress);
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

interface Rig {
  readonly dir: string;
  readonly store: MemoryStore;
  readonly loader: Loader;
  readonly keeper: JournalKeeper;
  readonly collector: JournalWriter;
  readonly jobs: ErasureJobs;
  readonly erasures: Erasures;
  end(): Promise<void>;
}

const configOf = (dataDir: string) => ({
  dataDir,
  segmentBytes: 20_000,
  journalBytesMax: 1024 * MIB,
  diskFreeBytesMin: 0,
  archiveDays: 0,
});

async function rig(): Promise<Rig> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-erasures-'));
  dirs.push(dir);
  const config = configOf(dir);
  const [collector, api] = [
    await openJournal(config, 'collector', log),
    await openJournal(config, 'api', log),
  ];
  const store = new MemoryStore();
  const visitLog = join(dir, 'visits.log');
  const loader = new Loader({
    store,
    ...judgedParts(store),
    journal: new JournalReader(journalDirs(dir)),
    visitLog: new VisitLog(visitLog, log),
    visitProgress: new VisitProgressFile(join(dir, 'visits.progress')),
    log,
  });
  loader.start();
  const keeper = new JournalKeeper(config, log);
  const jobs = new ErasureJobs(dir);
  const append = async (note: Note): Promise<boolean> => (await appendEvent(api, note)) === 'kept';
  const erasures = new Erasures({
    dataDir: dir,
    jobs,
    keeper,
    storeSide: { store, loader, append },
    visitLog,
    olderVisitLogs: [visitLog],
    remarks: ['backups'],
    log,
    settleMs: 0,
  });
  const end = async (): Promise<void> => {
    await Promise.all([erasures.stop(), loader.stop()]);
    await collector.close();
    await api.close();
  };
  return { dir, store, loader, keeper, collector, jobs, erasures, end };
}

const open = (at: number, code: string, address = '192.0.2.1'): Event => ({
  kind: 'open',
  at,
  code,
  address,
  referrer: null,
  agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  purpose: null,
});
const visit = (at: number, address?: string): Event =>
  ({ ...open(at, '', address), kind: 'visit', code: null }) as Event;

async function keep({ collector }: Rig, events: readonly Event[]): Promise<void> {
  for (const event of events) assert.equal(await appendEvent(collector, event), 'kept');
}

/** 300 events: of two recipients' pixels, of two addresses. */
async function fill(made: Rig): Promise<void> {
  await keep(made, [
    { kind: 'pixel-minted', at: 1, code: 'ANA1', properties: { recipient: RECIPIENT } },
    { kind: 'pixel-minted', at: 2, code: 'BOB1', properties: { recipient: 'bob' } },
    { kind: 'pixel-minted', at: 3, code: 'HAND', properties: { recipient: RECIPIENT, label: 'x' } },
    { kind: 'pixel-changed', at: 4, code: 'HAND', properties: { recipient: 'bob' } },
  ]);
  const events = Array.from({ length: 100 }, (_, i) => [
    open(1_000 + i, i % 2 === 0 ? 'ANA1' : 'BOB1', i % 5 === 0 ? GONE : undefined),
    visit(2_000 + i, i % 4 === 0 ? GONE : undefined),
  ]);
  await keep(made, events.flat());
  assert.ok(await made.loader.barrier());
  await made.keeper.tend(made.loader.cursors);
}

async function erased({ erasures, jobs }: Rig, subject: ErasureSubject): Promise<ErasureJob> {
  const { id } = await erasures.ask(subject);
  erasures.start();
  for (let i = 0; i < 400; i++) {
    const job = await jobs.read(id);
    if (job !== null && job.doneAt !== null) return job;
    await sleep(25);
  }
  throw new Error(`not done: ${(await erasures.find(id))?.obstacle}`);
}

/** Every file of the folder in which the text stands, compressed ones unpacked. */
async function filesWith(dir: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const plain = path.endsWith('.zst') ? await decompress(bytes) : bytes;
    if (plain.includes(text)) found.push(path.slice(dir.length + 1));
  }
  return found;
}

test('an address is gone from journal, archive, store and visit log, and all else is there', async () => {
  const made = await rig();
  await fill(made);
  const visitLog = join(made.dir, 'visits.log');
  await chmod(visitLog, 0o640);
  assert.ok((await filesWith(made.dir, GONE)).length > 2);
  const job = await erased(made, { address: GONE });
  assert.deepEqual(await filesWith(made.dir, GONE), []);
  assert.equal(job.removed.storeHits, 45);
  assert.equal(job.removed.visitLogLines, 25);
  assert.equal(job.removed.journal.records + job.removed.archive.records, 45);
  assert.ok(job.removed.archive.records > 0);
  assert.equal(job.subject, null);
  assert.deepEqual(job.unreached, ['backups']);
  assert.deepEqual(await made.store.totals(), { pixels: 3, opens: 80, visits: 75 });
  assert.equal((await stat(visitLog)).mode & 0o777, 0o640);
  await keep(made, [visit(5_000, GONE), visit(5_001)]);
  assert.ok(await made.loader.barrier());
  const lines = (await readFile(visitLog, 'utf8')).split('\n').filter(Boolean);
  assert.equal(lines.length, 77, 'later visits of the address are kept');
  await made.end();
});

test('a recipient is gone with every pixel, and with the mention of one that changed hands', async () => {
  const made = await rig();
  await fill(made);
  const job = await erased(made, { recipient: RECIPIENT });
  assert.equal(job.removed.pixels, 1);
  assert.equal(job.removed.storeHits, 50);
  assert.deepEqual(await filesWith(made.dir, RECIPIENT), []);
  assert.deepEqual(await filesWith(made.dir, 'ANA1'), []);
  assert.equal(await made.store.pixel('ANA1'), null);
  assert.deepEqual((await made.store.pixel('HAND'))?.properties, { recipient: 'bob', label: 'x' });
  await made.end();
});

test('a pixel that is minted for the recipient meanwhile stays whole, in store and journal', async () => {
  const made = await rig();
  await fill(made);
  const { store } = made;
  const erasePixel = store.erasePixel.bind(store);
  store.erasePixel = async (code) => {
    await erasePixel(code);
    const properties = { recipient: RECIPIENT };
    await keep(made, [{ kind: 'pixel-minted', at: 5_000, code: 'NEW', properties }]);
    assert.ok(await made.loader.barrier());
  };
  await erased(made, { recipient: RECIPIENT });
  assert.ok(await made.loader.barrier());
  const again = new MemoryStore();
  const { judging, retention } = judgedParts(again);
  await rebuild(
    new JournalReader(journalDirs(made.dir)),
    judging,
    retention,
    again,
    () => undefined,
  );
  for (const each of [store, again]) {
    assert.deepEqual(await each.pixelsOf(RECIPIENT), ['NEW']);
    assert.deepEqual((await each.pixel('HAND'))?.properties, { recipient: 'bob', label: 'x' });
    assert.equal(await each.pixel('ANA1'), null);
  }
  await made.end();
});

test('a pixel stays forgotten: what comes later is in neither store nor archive', async () => {
  const made = await rig();
  await fill(made);
  await erased(made, { pixel: 'BOB1' });
  assert.deepEqual((await made.store.modes()).erased, [codeDigest('BOB1')]);
  assert.deepEqual(await filesWith(made.dir, 'BOB1'), []);
  await keep(made, [open(9_000, 'BOB1'), open(9_001, 'ANA1')]);
  assert.ok(await made.loader.barrier());
  assert.equal(await made.store.countOpens('BOB1'), 0);
  assert.deepEqual(await filesWith(made.dir, 'BOB1'), [
    'journal/collector-0/' + (await newest(made)),
  ]);
  made.keeper.edit = ({ event }) => (event.code === 'BOB1' ? 'erase' : 'keep');
  await made.collector.close();
  const next = await openJournal(configOf(made.dir), 'collector', log);
  assert.ok(await made.loader.barrier());
  await made.keeper.tend(new Map([['collector-0', { segment: 4_000_000_000, offset: 0 }]]));
  assert.deepEqual(await filesWith(made.dir, 'BOB1'), []);
  assert.equal(await made.store.countOpens('ANA1'), 51);
  await next.close();
  await made.end();
});

async function newest({ dir }: Rig): Promise<string> {
  const names = await readdir(join(dir, 'journal', 'collector-0'));
  return (
    names
      .filter((name) => name.endsWith('.tpj'))
      .toSorted()
      .at(-1) ?? ''
  );
}

test('a job that another process left is done, and one that cannot be done says why and waits', async () => {
  const made = await rig();
  await fill(made);
  made.store.failure = new Error('the store is away');
  const { id } = await new ErasureJobs(made.dir).create({ address: GONE });
  made.erasures.start();
  for (let i = 0; i < 200; i++) {
    if ((await made.erasures.find(id))?.obstacle === 'the store is away') break;
    await sleep(20);
  }
  assert.equal((await made.erasures.find(id))?.obstacle, 'the store is away');
  assert.deepEqual(
    (await filesWith(made.dir, GONE)).filter((path) => path.startsWith('erasures/')),
    [`erasures/${id}.json`],
  );
  await made.end();
});

test('jobs that follow each other share one making anew of the store, and all wait for it', async () => {
  const made = await rig();
  await fill(made);
  const { store, erasures, jobs } = made;
  store.compactFailure = new Error('the disk has no room');
  const asked: ErasureSubject[] = [{ address: GONE }, { pixel: 'BOB1' }, { recipient: RECIPIENT }];
  const ids: string[] = [];
  for (const subject of asked) ids.push((await erasures.ask(subject)).id);
  const until = async (what: (id: string) => Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 400; i++) {
      if ((await Promise.all(ids.map(what))).every(Boolean)) return;
      await sleep(25);
    }
    assert.fail('never');
  };
  erasures.start();
  await until(async (id) => (await erasures.find(id))?.obstacle === 'the disk has no room');
  for (const id of ids) assert.equal((await jobs.read(id))?.doneAt, null);
  for (const text of [GONE, RECIPIENT, 'BOB1', 'ANA1']) {
    assert.deepEqual(await filesWith(made.dir, text), [], 'nothing names them any more');
  }
  const removed = (await jobs.read(ids[0] ?? ''))?.removed;
  store.compactFailure = null;
  await until(async (id) => typeof (await jobs.read(id))?.doneAt === 'string');
  assert.equal(store.compactions, 1);
  assert.deepEqual((await jobs.read(ids[0] ?? ''))?.removed, removed, 'the rest is not done again');
  assert.equal((await erasures.find(ids[0] ?? ''))?.obstacle, null);
  await made.end();
});

test('rotated logs are named and left alone; a damaged job stops no other', async () => {
  const made = await rig();
  await fill(made);
  const rotated = join(made.dir, 'visits.log.1');
  await writeFile(rotated, `2026-01-01T00:00:00.0000000+00:00|null|null|${GONE}\n`);
  await writeFile(join(made.dir, 'visits.log.2.gz'), 'compressed');
  await erased(made, { pixel: 'nobody minted this' });
  await writeFile(join(erasuresDir(made.dir), '0123456789abcdef.json'), 'garbage');
  const job = await erased(made, { address: GONE });
  assert.equal(job.unreached.length, 3);
  assert.match(
    job.unreached.join('\n'),
    /visits\.log\.1: an older.*\n.*visits\.log\.2\.gz: compressed/,
  );
  assert.deepEqual(await filesWith(made.dir, GONE), ['visits.log.1']);
  await made.end();
});

test('jobs that are done are not read again, and who asks for their reports finds them', async () => {
  const { dir, end } = await rig();
  const reads: string[] = [];
  const jobs = new ErasureJobs(dir, {
    ...realLogFiles,
    readWhole: async (path) => {
      reads.push(path);
      return await realLogFiles.readWhole(path);
    },
  });
  const [done, waiting] = [await jobs.create({ pixel: 'A' }), await jobs.create({ pixel: 'B' })];
  await jobs.write({ ...done, doneAt: new Date().toISOString(), subject: null });
  const openIds = async () => (await jobs.open(() => assert.fail('damaged'))).map(({ id }) => id);
  assert.deepEqual(await openIds(), [waiting.id]);
  reads.length = 0;
  assert.deepEqual(await openIds(), [waiting.id]);
  assert.deepEqual(reads, [join(erasuresDir(dir), `${waiting.id}.json`)]);
  assert.notEqual((await jobs.read(done.id))?.doneAt, null);
  await end();
});

test('what a kill left of a job that was being written is gone soon after the start', async () => {
  const made = await rig();
  const { id } = await made.jobs.create({ pixel: 'A' });
  for (const name of [`${id}.json.new`, '0123456789abcdef.json.new']) {
    await writeFile(join(erasuresDir(made.dir), name), JSON.stringify({ address: GONE }));
  }
  await erased(made, { pixel: 'B' });
  assert.deepEqual(await filesWith(made.dir, GONE), []);
  await made.end();
});

test('a job whose draft a starting worker took for a leftover is written all the same', async () => {
  const { dir, end } = await rig();
  let swept = 0;
  const jobs = new ErasureJobs(dir, {
    ...realLogFiles,
    replace: async (path, text) => {
      if (swept++ === 0) throw Object.assign(new Error('no draft'), { code: 'ENOENT' });
      await realLogFiles.replace(path, text);
    },
  });
  const { id } = await jobs.create({ pixel: 'A' });
  assert.deepEqual((await jobs.read(id))?.subject, { pixel: 'A' });
  await end();
});
