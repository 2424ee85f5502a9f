// Keeping many events at once: in few commits, in their order, and never `kept` when one of them is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config, log, newDisk, range, readAll, visit } from '../../test/journal-rig.ts';
import { BATCH_BYTES_MAX } from '../limits.ts';
import { appendEvents } from './append.ts';
import { openJournal } from './open.ts';

const large = { ...config, segmentBytes: 64 * 1024 * 1024, journalBytesMax: 1e9 };
const visits = (from: number, to: number) => range(from, to).map((marker) => visit(marker));

test('ten thousand are one or two commits, in their order', async () => {
  const disk = newDisk();
  const journal = await openJournal(large, 'collector', log, disk);
  assert.equal(await appendEvents(journal, visits(1, 10_000)), 'kept');
  assert.ok(journal.stats.batches <= 2, `${journal.stats.batches} commits`);
  await journal.close();
  assert.deepEqual((await readAll(disk)).markers, range(1, 10_000));
});

test('more than a commit holds wait for the next, also when others fill it', async () => {
  const disk = newDisk();
  const journal = await openJournal(large, 'collector', log, disk);
  const count = Math.ceil((2.5 * BATCH_BYTES_MAX) / 130);
  const together = [
    appendEvents(journal, visits(1, count)),
    appendEvents(journal, visits(count + 1, count + 1_000)),
    appendEvents(journal, []),
  ];
  assert.deepEqual(await Promise.all(together), ['kept', 'kept', 'kept']);
  await journal.close();
  const { markers } = await readAll(disk);
  assert.equal(markers.length, count + 1_000);
  const own = markers.filter((marker) => marker <= count);
  assert.deepEqual(own, range(1, count));
});

test('a write or an fsync that fails is told, and so is a journal that is closed', async () => {
  for (const fault of ['failWrites', 'failSyncs'] as const) {
    const disk = newDisk();
    const journal = await openJournal(large, 'collector', log, disk);
    disk[fault] = 1;
    assert.equal(await appendEvents(journal, visits(1, 100)), 'failed');
    assert.equal(await appendEvents(journal, visits(101, 200)), 'journal-down');
    await journal.close();
  }
  const journal = await openJournal(large, 'collector', log, newDisk());
  await journal.close();
  assert.equal(await appendEvents(journal, visits(1, 2)), 'journal-down');
});

test('a failure in the middle leaves none behind it', async () => {
  const disk = newDisk();
  const journal = await openJournal(large, 'collector', log, disk);
  const count = Math.ceil((2.5 * BATCH_BYTES_MAX) / 130);
  journal.onCommit = () => {
    disk.failWrites = 1;
    journal.onCommit = null;
  };
  assert.notEqual(await appendEvents(journal, visits(1, count)), 'kept');
  await journal.close();
  const { markers } = await readAll(disk);
  assert.ok(markers.length > 0 && markers.length < count);
  assert.deepEqual(markers, range(1, markers.length));
});
