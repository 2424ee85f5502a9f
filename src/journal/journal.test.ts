// The journal piece by piece: refusals, slots, the archive. Damage is in damage.test.ts; what the journal
// promises through crashes is in journal.model.test.ts.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  config,
  dirs,
  firstSegment,
  log,
  newDisk,
  range,
  readAll,
  SLOT,
  visit,
  write,
} from '../../test/journal-rig.ts';
import { ExpiryClock } from '../hit/expiry-clock.ts';
import { BATCH_BYTES_MAX } from '../limits.ts';
import { appendEvent } from './append.ts';
import { encodeSegmentHeader, segmentFileName } from './format.ts';
import { verifyJournal } from './inspect.ts';
import { JournalKeeper } from './keeper.ts';
import { openJournal } from './open.ts';
import { journalDirs } from './places.ts';
import { JournalReader } from './reader.ts';

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 2_000 && !condition(); i++)
    await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(condition());
};

test('segments rotate at their bound, and a reader goes through all of them in order', async () => {
  const disk = newDisk();
  await write(disk, 1, 100);
  const reports = [];
  for await (const report of verifyJournal(dirs, disk)) reports.push(report);
  assert.ok(reports.length > 3);
  assert.ok(reports.every((one) => one.bytes <= config.segmentBytes && one.state === 'sealed'));
  assert.equal(
    reports.reduce((sum, one) => sum + one.records, 0),
    100,
  );
  assert.deepEqual((await readAll(disk)).markers, range(1, 100));
});

test('a reader waits for what stands in a new segment before it leaves the last one', async () => {
  const disk = newDisk();
  await write(disk, 1, 3);
  const ahead = Math.floor(Date.now() / 1_000) + 1_000;
  const path = join(dirs.journalDir, SLOT, segmentFileName(ahead));
  await (await disk.create(path)).write(encodeSegmentHeader(Buffer.alloc(8), ahead), 0);
  const { markers, end } = await readAll(disk);
  assert.deepEqual(markers, [1, 2, 3]);
  // A creation that failed is taken back, and the next one may have a smaller number.
  await disk.remove(path);
  await write(disk, 4, 5);
  const reading = await new JournalReader(dirs, disk).read(SLOT, end, 1_000);
  assert.equal(
    reading.batches.reduce((sum, { count }) => sum + count, 0),
    2,
  );
});

test('the keeper archives what was passed, and a reader finds it there', async () => {
  const disk = newDisk();
  await write(disk, 1, 100);
  const before = disk.used();
  const { end } = await readAll(disk);
  const keeper = new JournalKeeper(config, log, disk);
  await keeper.tend(new Map([[SLOT, end]]));
  const left = (await disk.list(join(dirs.journalDir, SLOT))).filter((name) =>
    name.endsWith('.tpj'),
  );
  assert.equal(left.length, 1, 'only the newest segment stays in the journal');
  assert.ok(disk.used() < before / 2, 'the archive is compressed');
  assert.deepEqual((await readAll(disk)).markers, range(1, 100));
});

test('the keeper touches nothing at or behind the cursor', async () => {
  const disk = newDisk();
  await write(disk, 1, 100);
  const first = await firstSegment(disk);
  const segment = Number(/(\d+)\.tpj/.exec(first)?.[1]);
  await new JournalKeeper(config, log, disk).tend(new Map([[SLOT, { segment, offset: 3_900 }]]));
  assert.deepEqual(await disk.list(join(dirs.archiveDir, SLOT)), []);
});

test('retention removes the oldest of the archive when room is needed, never live ones', async () => {
  const disk = newDisk();
  await write(disk, 1, 200);
  const { end } = await readAll(disk);
  await new JournalKeeper(config, log, disk).tend(new Map([[SLOT, end]]));
  const all = (await disk.list(join(dirs.archiveDir, SLOT))).length;
  const live = disk.bytesOf(await firstSegment(disk)).length;
  const small = { ...config, journalBytesMax: live + 1_000 };
  await new JournalKeeper(small, log, disk).tend(new Map([[SLOT, end]]));
  const kept = (await disk.list(join(dirs.archiveDir, SLOT))).length;
  assert.ok(kept > 0 && kept < all, `${kept} of ${all} archived segments left`);
  assert.equal((await readAll(disk)).markers.at(-1), 200);
});

test('a clock that jumps ahead empties no archive, until it has gone evenly for an hour', async () => {
  const disk = newDisk();
  await write(disk, 1, 200);
  const { end } = await readAll(disk);
  let [wall, monotonic] = [Date.now(), 0];
  const told: string[] = [];
  const clock = new ExpiryClock(
    (reason) => told.push(reason),
    () => wall,
    () => monotonic,
  );
  const keeper = new JournalKeeper({ ...config, archiveDays: 365 }, log, disk, clock);
  const archived = async (): Promise<number> =>
    (await disk.list(join(dirs.archiveDir, SLOT))).length;
  await keeper.tend(new Map([[SLOT, end]]));
  const all = await archived();
  assert.ok(all > 0);
  wall += 366 * 86_400_000;
  await keeper.tend(new Map());
  assert.equal(await archived(), all);
  assert.equal(told.length, 1);
  wall += 3_600_000;
  monotonic += 3_600_000;
  await keeper.tend(new Map());
  assert.equal(await archived(), 0);
});

test('a journal at its bound refuses, and takes hits again once there is room', async () => {
  const disk = newDisk();
  disk.capacity = 50_000;
  const reserve = { ...config, diskFreeBytesMin: 45_000 };
  const journal = await openJournal(reserve, 'collector', log, disk, 1);
  let sent = 0;
  while (journal.stats.state === 'open' && sent < 1_000) await appendEvent(journal, visit(++sent));
  assert.equal(journal.stats.state, 'full');
  assert.equal(await appendEvent(journal, visit(0)), 'journal-full');
  disk.capacity = 500_000;
  await until(() => journal.stats.state === 'open');
  assert.equal(await appendEvent(journal, visit(9_999)), 'kept');
  await journal.close();
  assert.deepEqual((await readAll(disk)).markers.slice(-1), [9_999]);
});

test('a failed fsync fails its batch, and the journal goes on in a new segment by itself', async () => {
  const disk = newDisk();
  const journal = await openJournal(config, 'collector', log, disk, 1);
  assert.equal(await appendEvent(journal, visit(1)), 'kept');
  disk.failSyncs = 1;
  assert.equal(await appendEvent(journal, visit(2)), 'failed');
  assert.match(journal.stats.lastError ?? '', /EIO/);
  await until(() => journal.stats.state === 'open');
  assert.equal(await appendEvent(journal, visit(3)), 'kept');
  await journal.close();
  assert.equal(await appendEvent(journal, visit(4)), 'journal-down');
  assert.deepEqual((await readAll(disk)).markers, [1, 3]);
});

test('what a writer fills between two measurements is measured at its next probe', async () => {
  const disk = newDisk();
  const probeMs = 50;
  const small = { ...config, journalBytesMax: 50_000 };
  const journal = await openJournal(small, 'collector', log, disk, probeMs);
  // On a slow machine that next probe may come before.
  for (let i = 0; journal.stats.bytes < 60_000 && journal.stats.state === 'open'; i++) {
    await appendEvent(journal, visit(i));
  }
  // Else it would be measured at the twentieth.
  await new Promise((resolve) => setTimeout(resolve, 4 * probeMs));
  assert.equal(journal.stats.state, 'full');
  await journal.close();
});

test('a full disk at start is no crash: the writer is down and opens once there is room', async () => {
  const disk = newDisk();
  disk.capacity = 0;
  const journal = await openJournal(config, 'collector', log, disk, 1);
  assert.equal(await appendEvent(journal, visit(1)), 'journal-down');
  disk.capacity = Infinity;
  await until(() => journal.stats.state === 'open');
  assert.equal(await appendEvent(journal, visit(2)), 'kept');
  await journal.close();
});

test('a batch that is full refuses further records and keeps those that it has', async () => {
  const disk = newDisk();
  const journal = await openJournal(
    { ...config, segmentBytes: 64_000_000 },
    'collector',
    log,
    disk,
    1,
  );
  const record = Buffer.alloc(16_000);
  const outcomes = new Map<string, number>();
  let kept = 0;
  for (let i = 0; i < 400; i++) {
    const outcome = journal.append(record, record.length, {
      settled: (is) => (kept += is ? 1 : 0),
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const queued = Math.floor(BATCH_BYTES_MAX / record.length);
  assert.deepEqual(Object.fromEntries(outcomes), { queued, 'journal-busy': 400 - queued });
  await journal.close();
  assert.equal(kept, queued);
});

async function temporaryData(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-journal-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('on a real disk two writers never share a slot, and a closed writer frees its own', async (t) => {
  const real = { ...config, dataDir: await temporaryData(t) };
  const one = await openJournal(real, 'collector', log);
  const two = await openJournal(real, 'collector', log);
  const api = await openJournal(real, 'api', log);
  assert.deepEqual(
    [one, two, api].map((journal) => journal.stats.slot),
    ['collector-0', 'collector-1', 'api-0'],
  );
  assert.equal(await appendEvent(two, visit(2)), 'kept');
  await one.close();
  const again = await openJournal(real, 'collector', log);
  assert.equal(again.stats.slot, 'collector-0');
  await Promise.all([two.close(), api.close(), again.close()]);
  const reader = new JournalReader(journalDirs(real.dataDir));
  assert.deepEqual(await reader.slots(), ['api-0', 'collector-0', 'collector-1']);
  const reading = await reader.read('collector-1', null, 1_000);
  assert.equal(reading.batches[0]?.count, 1);
  await reader.close();
  assert.equal((await readdir(real.dataDir)).includes('journal'), true);
});
