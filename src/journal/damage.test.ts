// What damage costs: the batch in which it lies and nothing else, and it is always said.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
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
import { appendEvent } from './append.ts';
import { withoutRoom } from './format.ts';
import { tailsSetAside, verifyJournal } from './inspect.ts';
import { JournalKeeper } from './keeper.ts';
import { openJournal } from './open.ts';

const damageVerified = async (disk: ReturnType<typeof newDisk>): Promise<string[]> => {
  const reasons: string[] = [];
  for await (const { damage } of verifyJournal(dirs, disk)) {
    reasons.push(...damage.map(({ reason }) => reason));
  }
  return reasons;
};

test('a damaged batch costs that batch only, and is reported with its place', async () => {
  const disk = newDisk();
  await write(disk, 1, 60);
  const path = await firstSegment(disk);
  const size = disk.bytesOf(path).length;
  disk.corrupt(path, 32 + 32 + 20);
  const { markers, damage } = await readAll(disk);
  assert.deepEqual(markers, range(2, 60));
  assert.equal(damage.length, 1);
  assert.equal(damage[0]?.from, 32);
  assert.ok((damage[0]?.to ?? 0) < size);
});

test('damage to the last batch is noticed, though nothing but the seal follows', async () => {
  const disk = newDisk();
  await write(disk, 1, 3);
  const path = await firstSegment(disk);
  disk.corrupt(path, disk.bytesOf(path).length - 40);
  const { markers, damage } = await readAll(disk);
  assert.deepEqual(markers, [1, 2]);
  assert.equal(damage.length, 1);
});

test('a damaged segment header costs no event', async () => {
  const disk = newDisk();
  await write(disk, 1, 5);
  disk.corrupt(await firstSegment(disk), 3);
  const { markers, damage } = await readAll(disk);
  assert.deepEqual(markers, range(1, 5));
  assert.equal(damage[0]?.reason, 'segment header is damaged');
});

test('every single damaged byte of a segment is noticed, and costs at most one batch', async () => {
  const pristine = newDisk();
  await write(pristine, 1, 4);
  const path = await firstSegment(pristine);
  const { length } = pristine.bytesOf(path);
  for (let at = 0; at < length; at++) {
    pristine.corrupt(path, at);
    const { markers, damage } = await readAll(pristine);
    let verified = 0;
    for await (const report of verifyJournal(dirs, pristine)) verified += report.damage.length;
    assert.ok(markers.length >= 3, `byte ${at}`);
    // A damaged seal at the very end of the newest segment looks like a torn one, and costs nothing.
    if (at < length - 32)
      assert.ok(damage.length === 1 && verified === 1, `byte ${at} went unnoticed`);
    // The same bit flipped again mends it.
    pristine.corrupt(path, at);
  }
});

test('the keeper sets a damaged segment aside, and readers find its sound batches', async () => {
  const disk = newDisk();
  await write(disk, 1, 100);
  const path = await firstSegment(disk);
  disk.corrupt(path, 100);
  const { end } = await readAll(disk);
  await new JournalKeeper(config, log, disk).tend(new Map([[SLOT, end]]));
  assert.equal((await disk.list(join(dirs.corruptDir, SLOT))).length, 1);
  const { markers, damage } = await readAll(disk);
  assert.deepEqual(markers, range(2, 100));
  assert.equal(damage.length, 1);
});

test('a bad sector costs what stood in it', async () => {
  const disk = newDisk();
  await write(disk, 1, 60);
  disk.badSector = { path: await firstSegment(disk), position: 1_000 };
  const { markers, damage } = await readAll(disk);
  assert.equal(damage.length, 1);
  assert.ok(markers.length > 30 && markers.length < 60, `${markers.length} of 60 are left`);
  assert.equal(markers.at(-1), 60);
});

test('an archived segment that cannot be decompressed is damage, and the others are read', async () => {
  const disk = newDisk();
  await write(disk, 1, 100);
  const { end } = await readAll(disk);
  await new JournalKeeper(config, log, disk).tend(new Map([[SLOT, end]]));
  const dir = join(dirs.archiveDir, SLOT);
  const [first = ''] = await disk.list(dir);
  for (const size of [30, 0]) {
    await (await disk.open(join(dir, first))).truncate(size);
    const { markers, damage } = await readAll(disk);
    assert.deepEqual(markers, range(markers[0] ?? 0, 100));
    assert.ok(markers.length > 50);
    assert.equal(damage.length, 1);
    assert.match(damage[0]?.reason ?? '', /archived segment cannot be read/);
    assert.deepEqual(await damageVerified(disk), [damage[0]?.reason]);
  }
});

test('a segment that cannot be opened keeps no writer from starting', async () => {
  const disk = newDisk();
  await write(disk, 1, 3);
  const path = await firstSegment(disk);
  disk.unreadable.add(path);
  const journal = await openJournal(config, 'collector', log, disk, 1);
  assert.equal(await appendEvent(journal, visit(4)), 'kept');
  await journal.close();
  assert.equal((await damageVerified(disk)).length, 1);
  disk.unreadable.clear();
  assert.deepEqual((await readAll(disk)).markers, [1, 2, 3, 4]);
});

test('several damaged batches at the end of a segment are no torn batch, and are kept aside', async () => {
  const disk = newDisk();
  const journal = await openJournal(config, 'collector', log, disk.process(), 1);
  for (let marker = 1; marker <= 6; marker++) await appendEvent(journal, visit(marker));
  disk.killAll();
  await journal.close().catch(() => undefined);
  const path = await firstSegment(disk);
  const bytes = withoutRoom(disk.bytesOf(path));
  // The payloads of the last three batches, whose headers still say that they were there.
  for (const back of [20, 220, 420]) disk.corrupt(path, bytes.length - back);
  const errors: object[] = [];
  const watching = { ...log, warn: () => undefined, error: (facts: object) => errors.push(facts) };
  const again = await openJournal(config, 'collector', watching as never, disk, 1);
  await again.close();
  assert.equal(errors.length, 1);
  const tails: number[] = [];
  for await (const { bytes: size } of tailsSetAside(dirs, disk)) tails.push(size);
  assert.equal(tails.length, 1);
  assert.ok((tails[0] ?? 0) > 420);
  assert.deepEqual((await readAll(disk)).markers, [1, 2, 3]);
});

test('the number of a segment is used once, also when its creation failed', async () => {
  const disk = newDisk();
  disk.failSyncs = 3;
  const journal = await openJournal(config, 'collector', log, disk, 1);
  while (journal.stats.state !== 'open') await new Promise((resolve) => setTimeout(resolve, 2));
  const created = disk.created.filter((path) => path.endsWith('.tpj'));
  assert.ok(created.length >= 3);
  assert.equal(new Set(created).size, created.length);
  await journal.close();
});
