// Hits that are older than HIT_DAYS are neither loaded nor left in the store; without it none is touched.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { someHit } from '../../test/contracts/store-events.ts';
import { createLog } from '../telemetry/log.ts';
import { ExpiryClock } from '../hit/expiry-clock.ts';
import { keepRetention, Retention } from './retention.ts';

const DAY = 86_400_000_000;
const NOW = 1_800_000_000_000_000;
const hits = [DAY * 3, DAY * 2 + 1, DAY * 2, 0].map((age, i) => someHit(i, { at: NOW - age }));

/** Two days, at a time that is believed as soon as a hit near it was seen. */
const twoDays = (wall = () => NOW / 1_000): Retention =>
  new Retention(2, new ExpiryClock(undefined, wall, () => 0));

test('a hit of exactly the limit is kept, an older one is left out and counted', () => {
  const retention = twoDays();
  retention.learn(NOW);
  assert.deepEqual(retention.kept(hits), hits.slice(2));
  assert.equal(retention.expired, 2);
});

test('a clock that jumped takes no hit, neither out of the store nor out of a load', async () => {
  let jump = 0;
  const retention = twoDays(() => NOW / 1_000 + jump);
  retention.learn(NOW);
  assert.notEqual(retention.before, null);
  jump = 366 * (DAY / 1_000);
  const expireHits = async (): Promise<number> => assert.fail('asked');
  assert.equal(await retention.apply({ expireHits }), 0);
  const late = [...hits, someHit(9, { at: NOW + 366 * DAY })];
  assert.deepEqual(retention.kept(late), late);
  assert.equal(retention.expired, 0);
});

test('without a limit every hit is kept, and the store is never asked', async () => {
  const retention = new Retention(0);
  assert.equal(retention.kept(hits), hits);
  const expireHits = async (): Promise<number> => assert.fail('asked');
  assert.equal(await retention.apply({ expireHits }), 0);
});

test('what is too old leaves the store at once and again and again, also after a failure', async () => {
  const asked: number[] = [];
  const expireHits = async (before: number): Promise<number> => {
    asked.push(before);
    if (asked.length === 1) throw new Error('away');
    return 1;
  };
  const log = createLog('silent', 'test');
  const retention = twoDays();
  retention.learn(NOW);
  const keeping = keepRetention(retention, { expireHits }, log, 5);
  while (asked.length < 3) await sleep(5);
  await keeping.end();
  const { length } = asked;
  assert.ok(asked.every((before) => before === NOW - 2 * DAY));
  await sleep(30);
  assert.equal(asked.length, length, 'it has ended');
});
