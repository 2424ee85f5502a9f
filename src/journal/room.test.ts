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
import { ROOM_BYTES } from '../limits.ts';
import { appendEvent } from './append.ts';
import { encodeSeal, lastBatchEnd } from './format.ts';
import { verifyJournal } from './inspect.ts';
import type { JournalWriter } from './journal.ts';
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
  const reader = new JournalReader(dirs, disk);
  assert.ok(end > 2 * ROOM_BYTES, `${end}`);
  assert.equal((await reader.end(SLOT))?.offset, end);
  disk.corrupt(path, end - 100);
  assert.ok(((await reader.end(SLOT))?.offset ?? end) < end - 1_000_000);
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
