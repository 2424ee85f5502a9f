// Records leave closed segments without moving the others, wherever the segments lie and whatever the machine
// does meanwhile; and a writer gives a new segment to whoever asks.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { config, dirs, log, newDisk, range, readAll, SLOT } from '../../test/journal-rig.ts';
import { seededRandom, SimulatedDisk } from '../../test/simulated-disk.ts';
import { decodeRecords } from '../hit/encoding.ts';
import { type Event, isHit, type Recorded } from '../hit/event.ts';
import { appendEvent } from './append.ts';
import { JournalEraser, type Subject } from './erase.ts';
import { segmentFileName } from './format.ts';
import type { Position } from './journal.ts';
import { JournalKeeper } from './keeper.ts';
import { openJournal } from './open.ts';
import { JournalReader } from './reader.ts';
import { closeSlot } from './rotation.ts';

const GONE = '203.0.113.77';
const FAR = new Map([[SLOT, { segment: 4_000_000_000, offset: 0 }]]);

const visit = (marker: number, address = '192.0.2.1'): Event => ({
  kind: 'visit',
  at: marker,
  code: null,
  address,
  referrer: null,
  agent: 'a'.repeat(100),
  purpose: null,
});

const addressed: Subject = {
  edit: ({ event }) => (isHit(event) && event.address === GONE ? 'erase' : 'keep'),
  needles: [Buffer.from(GONE)],
};

/** Every third hit is of the address. */
async function write(disk: SimulatedDisk, count: number): Promise<void> {
  const journal = await openJournal(config, 'collector', log, disk, 1);
  for (const marker of range(1, count)) {
    const event = visit(marker, marker % 3 === 0 ? GONE : undefined);
    assert.equal(await appendEvent(journal, event), 'kept');
  }
  await journal.close();
}

const others = (count: number): number[] => range(1, count).filter((marker) => marker % 3 !== 0);

async function idsOf(disk: SimulatedDisk): Promise<Map<number, Recorded['id']>> {
  const ids = new Map<number, Recorded['id']>();
  const reader = new JournalReader(dirs, disk);
  let position: Position | null = null;
  for (;;) {
    const reading: Awaited<ReturnType<JournalReader['read']>> = await reader.read(
      SLOT,
      position,
      1,
    );
    for (const batch of reading.batches) {
      const unknown = decodeRecords(batch, ({ id, event }) => ids.set(event.at, id));
      assert.equal(unknown, 0, 'an erased record is none that nobody understands');
    }
    position = reading.next;
    if (reading.caughtUp) return ids;
  }
}

async function erase(
  disk: SimulatedDisk,
  subject = addressed,
  before: Position | null = null,
): Promise<JournalEraser['done']> {
  const eraser = new JournalEraser(disk, dirs, subject);
  const closed = await closeSlot(disk, dirs, SLOT, log);
  await eraser.eraseSlot(closed, before);
  closed.release();
  return eraser.done;
}

async function bytesLeft(disk: SimulatedDisk, place: 'journal' | 'corrupt'): Promise<number> {
  const dir = join(place === 'journal' ? dirs.journalDir : dirs.corruptDir, SLOT);
  const names = await disk.list(dir);
  return names.filter((name) => disk.bytesOf(join(dir, name)).includes(GONE)).length;
}

describe('erasing records', () => {
  test('takes them out of journal and archive, and all others keep their ids', async () => {
    const disk = newDisk();
    await write(disk, 100);
    const before = await idsOf(disk);
    const half = new Map([[SLOT, before.get(50) as Recorded['id']]]);
    const cursors = new Map([...half].map(([slot, { segment }]) => [slot, { segment, offset: 0 }]));
    await new JournalKeeper(config, log, disk).tend(cursors);
    assert.ok((await bytesLeft(disk, 'journal')) > 0);
    const done = await erase(disk);
    assert.equal(done.journal.records + done.archive.records, 33);
    assert.ok(done.archive.records > 0 && done.journal.records > 0);
    assert.deepEqual(done.unread, []);
    for (const marker of range(1, 100)) if (marker % 3 === 0) before.delete(marker);
    assert.deepEqual(await idsOf(disk), before);
    assert.equal(await bytesLeft(disk, 'journal'), 0);
    const again = await erase(disk);
    assert.equal(again.journal.records + again.archive.records, 0);
  });

  test('leaves what stands behind the place up to which it goes', async () => {
    const disk = newDisk();
    await write(disk, 100);
    const { segment, position } = (await idsOf(disk)).get(61) as Recorded['id'];
    await erase(disk, addressed, { segment, offset: position });
    const { markers } = await readAll(disk);
    assert.deepEqual(
      markers,
      range(1, 100).filter((marker) => marker > 60 || marker % 3 !== 0),
    );
  });

  test('keeps the archive’s age, by which retention goes', async () => {
    const disk = newDisk();
    await write(disk, 100);
    await new JournalKeeper(config, log, disk).tend(FAR);
    const dir = join(dirs.archiveDir, SLOT);
    const [name = ''] = await disk.list(dir);
    await disk.setModified(join(dir, name), 1_000);
    assert.ok((await erase(disk)).archive.records > 0);
    assert.equal((await disk.stat(join(dir, name)))?.modifiedMs, 1_000);
  });

  test('goes through damage too, and loses nothing sound in it', async () => {
    const disk = newDisk();
    await write(disk, 100);
    const { segment, position } = (await idsOf(disk)).get(3) as Recorded['id'];
    disk.corrupt(join(dirs.journalDir, SLOT, segmentFileName(segment)), position + 2);
    await new JournalKeeper(config, log, disk).tend(FAR);
    assert.equal(await bytesLeft(disk, 'corrupt'), 1);
    assert.ok((await erase(disk)).corrupt.records > 1);
    assert.equal(await bytesLeft(disk, 'corrupt'), 0);
    assert.deepEqual((await readAll(disk)).markers, others(100));
  });

  test('removes a cut-off tail in which the subject stands', async () => {
    const disk = newDisk();
    await write(disk, 3);
    const dir = join(dirs.corruptDir, SLOT);
    await disk.makeDir(dir);
    const tail = await disk.create(join(dir, `${segmentFileName(7)}.tail-32`));
    await tail.write(Buffer.from(`torn ${GONE} torn`), 0);
    assert.equal((await erase(disk)).corrupt.files, 1);
    assert.deepEqual(await disk.list(dir), []);
  });

  test('says of a note only what is left of it', async () => {
    const disk = newDisk();
    const journal = await openJournal(config, 'collector', log, disk, 1);
    const properties = { recipient: 'ana@example.org', label: 'spring' };
    const note: Event = { kind: 'pixel-minted', at: 5, code: 'CODE', properties };
    assert.equal(await appendEvent(journal, note), 'kept');
    await journal.close();
    const edit: Subject['edit'] = ({ event }) =>
      event.kind === 'pixel-minted' ? { ...event, properties: { label: 'spring' } } : 'keep';
    assert.equal((await erase(disk, { edit, needles: null })).journal.records, 1);
    const reader = new JournalReader(dirs, disk);
    const { batches } = await reader.read(SLOT, null, 1);
    const events: Event[] = [];
    for (const batch of batches) decodeRecords(batch, ({ event }) => events.push(event));
    assert.deepEqual(events, [{ ...note, properties: { label: 'spring' } }]);
  });

  test('a crash at any moment leaves every other record, and the next try completes it', async () => {
    for (const seed of range(1, 40)) {
      const random = seededRandom(seed);
      const disk = new SimulatedDisk(random);
      await write(disk, 60);
      await new JournalKeeper(config, log, disk).tend(
        new Map([[SLOT, { segment: (await idsOf(disk)).get(30)?.segment ?? 0, offset: 0 }]]),
      );
      const dying = disk.process();
      const eraser = new JournalEraser(dying, dirs, addressed);
      const erasing = closeSlot(dying, dirs, SLOT, log).then(
        async (closed) => await eraser.eraseSlot(closed, null),
      );
      const outcome = erasing.then(
        () => 'done',
        () => 'dead',
      );
      const turns = Math.floor(random() * 300);
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      if (seed % 2 === 0) disk.losePower();
      else disk.killAll();
      await outcome;
      const left = (await readAll(disk)).markers.filter((marker) => marker % 3 !== 0);
      assert.deepEqual(left, others(60), `seed ${seed}`);
      await erase(disk);
      assert.deepEqual((await readAll(disk)).markers, others(60), `seed ${seed}`);
      assert.equal(await bytesLeft(disk, 'journal'), 0);
    }
  });
});

describe('a slot is closed', () => {
  test('by its writer, which goes on in a new segment and loses nothing', async () => {
    const disk = newDisk();
    const journal = await openJournal(
      { ...config, segmentBytes: 1_000_000 },
      'collector',
      log,
      disk,
      1,
    );
    const kept: Promise<unknown>[] = [];
    for (const marker of range(1, 50)) kept.push(appendEvent(journal, visit(marker)));
    await Promise.all(kept);
    const closing = closeSlot(disk, dirs, SLOT, log);
    for (const marker of range(51, 200)) {
      assert.equal(await appendEvent(journal, visit(marker)), 'kept');
    }
    const { last, release } = await closing;
    assert.equal(await appendEvent(journal, visit(201)), 'kept');
    release();
    const ids = await idsOf(disk);
    assert.ok(range(1, 50).every((marker) => (ids.get(marker)?.segment ?? 0) <= last));
    assert.ok((ids.get(201)?.segment ?? 0) > last);
    assert.equal(ids.size, 201);
    await journal.close();
    assert.equal((await readAll(disk)).damage.length, 0);
  });

  test('by whoever asks when its writer is dead, and is free again afterwards', async () => {
    const disk = newDisk();
    const journal = await openJournal(config, 'collector', log, disk.process(), 1);
    assert.equal(await appendEvent(journal, visit(1)), 'kept');
    disk.killAll();
    const { last, release } = await closeSlot(disk, dirs, SLOT, log);
    assert.equal((await idsOf(disk)).get(1)?.segment, last);
    const beside = await openJournal(config, 'collector', log, disk, 1);
    assert.equal(beside.stats.slot, 'collector-1');
    await beside.close();
    release();
    const after = await openJournal(config, 'collector', log, disk, 1);
    assert.equal(after.stats.slot, SLOT);
    await after.close();
  });

  test('into the archive when nobody has written it for a day, and nobody holds it', async () => {
    const disk = newDisk();
    await write(disk, 5);
    const { end } = await readAll(disk);
    const cursors = new Map([[SLOT, end]]);
    const keeper = new JournalKeeper(config, log, disk);
    const live = async (): Promise<string[]> =>
      (await disk.list(join(dirs.journalDir, SLOT))).filter((name) => name.endsWith('.tpj'));
    await keeper.tend(cursors);
    const [name = ''] = await live();
    assert.notEqual(name, '', 'a fresh one stays');
    await disk.setModified(join(dirs.journalDir, SLOT, name), Date.now() - 90_000_000);
    const lock = disk.lock(join(dirs.journalDir, SLOT, 'lock'));
    await keeper.tend(cursors);
    assert.deepEqual(await live(), [name], 'one that is held stays');
    lock?.release();
    await keeper.tend(new Map([[SLOT, { ...end, offset: end.offset - 1 }]]));
    assert.deepEqual(await live(), [name], 'one that was not passed stays');
    await keeper.tend(cursors);
    assert.deepEqual(await live(), []);
    assert.deepEqual((await readAll(disk)).markers, range(1, 5));
  });
});
