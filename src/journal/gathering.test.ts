// What shares a commit: all that comes without a pause, for as long as that pays.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { config, log, newDisk, visit } from '../../test/journal-rig.ts';
import { appendEvent } from './append.ts';
import { openJournal } from './open.ts';

/** Appends so many hits, one in each turn of the event loop, and tells what each commit held. */
async function commitsOf(
  t: TestContext,
  { hits, turnMs }: { hits: number; turnMs: number },
): Promise<number[]> {
  const journal = await openJournal(config, 'collector', log, newDisk(), 1);
  const commits: number[] = [];
  journal.onCommit = (records) => commits.push(records);
  let now = performance.now();
  t.mock.method(performance, 'now', () => now);
  const kept: Promise<unknown>[] = [];
  for (let i = 0; i < hits; i++) {
    kept.push(appendEvent(journal, visit(i)));
    await turn();
    now += turnMs;
  }
  assert.deepEqual(new Set(await Promise.all(kept)), new Set(['kept']));
  assert.equal(journal.stats.records, hits);
  await journal.close();
  return commits;
}

test('hits of turns that follow each other share a commit', async (t) => {
  // The first came alone, as far as could be known.
  assert.deepEqual(await commitsOf(t, { hits: 20, turnMs: 0 }), [1, 19]);
});

test('a commit that is large enough waits for no more', async (t) => {
  const [, large, ...rest] = await commitsOf(t, { hits: 60, turnMs: 0 });
  assert.equal(large, 32);
  assert.ok(rest.length > 0);
});

test('no hit waits for more than a millisecond for others to share its commit', async (t) => {
  const commits = await commitsOf(t, { hits: 20, turnMs: 0.5 });
  assert.ok(Math.max(...commits) <= 5, commits.join(', '));
});

test('a hit that comes alone waits for nobody', async (t) => {
  const journal = await openJournal(config, 'collector', log, newDisk(), 1);
  const frozen = performance.now();
  t.mock.method(performance, 'now', () => frozen);
  for (let i = 0; i < 3; i++) assert.equal(await appendEvent(journal, visit(i)), 'kept');
  assert.equal(journal.stats.batches, 3);
  await journal.close();
});
