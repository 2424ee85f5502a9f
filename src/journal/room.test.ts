// Room ahead: a segment's file is longer than its batches while it is written, and nobody takes that for
// hits, for damage or for something that is still to be read.

import assert from 'node:assert/strict';
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
} from '../../test/journal-rig.ts';
import type { SimulatedDisk } from '../../test/simulated-disk.ts';
import { decodeRecords } from '../hit/encoding.ts';
import { ROOM_BYTES } from '../limits.ts';
import { appendEvent } from './append.ts';
import type { FileSystem, JournalFile } from './filesystem.ts';
import { encodeSeal, lastBatchEnd } from './format.ts';
import { verifyJournal } from './inspect.ts';
import type { JournalWriter, Position } from './journal.ts';
import { openJournal } from './open.ts';
import { JournalReader } from './reader.ts';

const roomy = { ...config, segmentBytes: 8 * ROOM_BYTES };

async function writing(disk: SimulatedDisk, count: number): Promise<JournalWriter> {
  const journal = await openJournal(roomy, 'collector', log, disk.process(), 1);
  for (const marker of range(1, count)) {
    assert.equal(await appendEvent(journal, visit(marker)), 'kept');
  }
  return journal;
}

const sizeOf = async (disk: SimulatedDisk): Promise<number> =>
  disk.bytesOf(await firstSegment(disk)).length;

async function ofFirst(disk: SimulatedDisk): Promise<{ bytes: Buffer; end: number }> {
  const bytes = disk.bytesOf(await firstSegment(disk));
  const segment = bytes.readUInt32LE(12);
  return { bytes, end: lastBatchEnd(bytes, 0, segment) ?? 0 };
}

/** What a new writer says when it takes the slot over. */
async function takeOver(disk: SimulatedDisk): Promise<object[]> {
  const said: object[] = [];
  const say = (facts: object): number => said.push(facts);
  const journal = await openJournal(
    roomy,
    'collector',
    { ...log, info: () => undefined, warn: say, error: say } as never,
    disk,
    1,
  );
  await journal.close();
  return said;
}

test('a file grows once for many batches, and a sealed one ends with its seal', async () => {
  const disk = newDisk();
  const journal = await writing(disk, 1);
  const size = await sizeOf(disk);
  assert.ok(size > ROOM_BYTES);
  for (const marker of range(2, 50)) await appendEvent(journal, visit(marker));
  assert.equal(await sizeOf(disk), size);
  await journal.close();
  const { bytes, end } = await ofFirst(disk);
  assert.equal(bytes.length, end);
  assert.deepEqual((await readAll(disk)).markers, range(1, 50));
});

test('a segment with its room does not pass its bound', async () => {
  const disk = newDisk();
  const journal = await openJournal(config, 'collector', log, disk, 1);
  for (const marker of range(1, 100)) {
    await appendEvent(journal, visit(marker));
    assert.ok((await sizeOf(disk)) <= config.segmentBytes);
  }
  await journal.close();
});

test('the end of a slot is where its last batch ends, and that is all that is behind', async () => {
  const disk = newDisk();
  const journal = await writing(disk, 10);
  const reader = new JournalReader(dirs, disk);
  const { end } = await ofFirst(disk);
  const position = await reader.end(SLOT);
  assert.deepEqual(position?.offset, end);
  const { markers, damage, end: read } = await readAll(disk);
  assert.deepEqual([markers, damage, read], [range(1, 10), [], position]);
  assert.deepEqual(await reader.behind(SLOT, position), { bytes: 0, segments: 0 });
  await journal.close();
});

test('the end is found behind batches of any size, and before a batch that is not whole', async () => {
  const disk = newDisk();
  const journal = await writing(disk, 1);
  const large = { ...visit(2), agent: 'x'.repeat(2_000) };
  const many = Array.from({ length: 1_200 }, () => appendEvent(journal, large));
  assert.ok((await Promise.all(many)).every((outcome) => outcome === 'kept'));
  const { end } = await ofFirst(disk);
  const path = await firstSegment(disk);
  const offset = async (): Promise<number | undefined> =>
    (await new JournalReader(dirs, disk).end(SLOT))?.offset;
  assert.ok(end > 2 * ROOM_BYTES, `${end}`);
  assert.equal(await offset(), end);
  disk.corrupt(path, end - 100);
  assert.ok(((await offset()) ?? end) < end - 1_000_000);
  disk.killAll();
  await journal.close().catch(() => undefined);
});

test('a writer that dies leaves room, which the next one cuts off without a word', async () => {
  const disk = newDisk();
  const journal = await writing(disk, 10);
  disk.killAll();
  await journal.close().catch(() => undefined);
  for await (const { state, unfinished, damage } of verifyJournal(dirs, disk)) {
    assert.deepEqual([state, unfinished, damage], ['open', 0, []]);
  }
  const { end } = await ofFirst(disk);
  assert.deepEqual(await takeOver(disk), []);
  // With its seal.
  assert.equal(await sizeOf(disk), end + 32);
  const { markers, damage } = await readAll(disk);
  assert.deepEqual([markers, damage], [range(1, 10), []]);
});

test('a writer that dies between a seal and the cut leaves a sealed segment', async () => {
  const disk = newDisk();
  const journal = await writing(disk, 10);
  disk.killAll();
  await journal.close().catch(() => undefined);
  const { bytes, end } = await ofFirst(disk);
  const place = { writer: bytes.subarray(16, 24), segment: bytes.readUInt32LE(12), offset: end };
  await (await disk.open(await firstSegment(disk))).write(encodeSeal(place), end);
  for await (const { state, damage } of verifyJournal(dirs, disk)) {
    assert.deepEqual([state, damage], ['sealed', []]);
  }
  assert.deepEqual(await takeOver(disk), []);
  assert.equal(await sizeOf(disk), end + 32);
  const { markers, damage } = await readAll(disk);
  assert.deepEqual([markers, damage], [range(1, 10), []]);
});

/** A disk whose read number `which`, of those that go further than a header, has `between` happen in it. */
function interrupted(
  disk: SimulatedDisk,
  which: number,
  middle: number,
  between: () => Promise<void>,
): FileSystem {
  let reads = 0;
  const open: FileSystem['open'] = async (path) => {
    const file = await disk.open(path);
    const read: JournalFile['read'] = async (position, length) => {
      const isIt = length > 32 && ++reads === which && position < middle;
      if (!isIt) return await file.read(position, length);
      const before = await file.read(position, middle - position);
      await between();
      return Buffer.concat([before, await file.read(middle, position + length - middle)]);
    };
    return { ...file, read };
  };
  return { ...disk.process(), open };
}

test('whatever is written while a segment is read, nothing is taken for damage', async () => {
  let interruptions = 0;
  for (const which of range(1, 6)) {
    const disk = newDisk();
    const journal = await writing(disk, 1);
    const { end } = await ofFirst(disk);
    // The read sees room where the second batch begins, and the third one behind it.
    const fs = interrupted(disk, which, end + 40, async () => {
      interruptions++;
      for (const marker of [2, 3]) await appendEvent(journal, visit(marker));
    });
    const reader = new JournalReader(dirs, fs);
    const markers: number[] = [];
    let position: Position | null = null;
    for (let reads = 0; reads < 6; reads++) {
      const { batches, damage, next } = await reader.read(SLOT, position, 1_000_000);
      assert.deepEqual(damage, []);
      for (const batch of batches) decodeRecords(batch, ({ event }) => markers.push(event.at));
      position = next;
    }
    for await (const { damage } of verifyJournal(dirs, fs)) assert.deepEqual(damage, []);
    await reader.close();
    assert.deepEqual(markers, markers.length === 1 ? [1] : [1, 2, 3]);
    await journal.close();
  }
  assert.ok(interruptions > 1);
});

test('a disk that has no room for room keeps hits all the same', async () => {
  const disk = newDisk();
  disk.capacity = ROOM_BYTES / 2;
  const journal = await writing(disk, 20);
  assert.equal(journal.stats.lastError, null);
  await journal.close();
  assert.deepEqual((await readAll(disk)).markers, range(1, 20));
});
