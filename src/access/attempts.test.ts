// The limit on wrong tokens: how many, for how long, of whom, and what a flood of networks does to it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AUTH_FAILURE_FORGOTTEN_MS,
  AUTH_FAILURES_MAX,
  AUTH_NETWORKS_SWEEP_MS,
  AUTH_SHARED_NETWORKS,
} from '../limits.ts';
import { Attempts } from './attempts.ts';

const HOME = '192.0.2.1';

function exhaust(attempts: Attempts, address: string, now: number): void {
  for (let i = 0; i < AUTH_FAILURES_MAX; i++) attempts.fail(address, now);
}

test(`${AUTH_FAILURES_MAX} wrong tokens may come at once, then one in a while`, () => {
  const attempts = new Attempts();
  for (let i = 0; i < AUTH_FAILURES_MAX; i++) {
    assert.equal(attempts.wait(HOME, 0), 0);
    attempts.fail(HOME, 0);
  }
  assert.equal(attempts.wait(HOME, 0), AUTH_FAILURE_FORGOTTEN_MS);
  assert.equal(attempts.wait(HOME, AUTH_FAILURE_FORGOTTEN_MS - 1), 1);
  assert.equal(attempts.wait(HOME, AUTH_FAILURE_FORGOTTEN_MS), 0);
  attempts.fail(HOME, AUTH_FAILURE_FORGOTTEN_MS);
  assert.equal(attempts.wait(HOME, AUTH_FAILURE_FORGOTTEN_MS), AUTH_FAILURE_FORGOTTEN_MS);
  const recovered = (AUTH_FAILURES_MAX + 1) * AUTH_FAILURE_FORGOTTEN_MS;
  for (let i = 0; i < AUTH_FAILURES_MAX; i++) {
    assert.equal(attempts.wait(HOME, recovered), 0, 'all is forgotten');
    attempts.fail(HOME, recovered);
  }
});

test('trying on while refused costs no longer wait', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 1_000; i++) attempts.fail(HOME, 0);
  assert.equal(attempts.wait(HOME, 0), AUTH_FAILURE_FORGOTTEN_MS);
});

test('whatever is tried and when, no network tries more than the burst and its rate', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 3 * AUTH_FAILURE_FORGOTTEN_MS }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(pauses, (waits) => {
      const attempts = new Attempts();
      let now = 0;
      let tried = 0;
      for (const wait of waits) {
        now += wait;
        if (attempts.wait(HOME, now) > 0) continue;
        attempts.fail(HOME, now);
        tried++;
      }
      assert.ok(tried <= AUTH_FAILURES_MAX + now / AUTH_FAILURE_FORGOTTEN_MS);
    }),
    { seed: 20_261_130 },
  );
});

test('another address is not refused; another address of the same IPv6 /64 is', () => {
  const attempts = new Attempts();
  exhaust(attempts, HOME, 0);
  exhaust(attempts, '2001:db8:1:2::1', 0);
  assert.equal(attempts.wait('192.0.2.2', 0), 0);
  assert.ok(attempts.wait('2001:db8:1:2:ffff::9', 0) > 0);
  assert.equal(attempts.wait('2001:db8:1:3::1', 0), 0);
  assert.equal(attempts.networks, 2);
});

test('a flood of networks has bounded room, ends nobody’s limit, and lets nobody try without end', () => {
  const room = 500;
  const attempts = new Attempts(room);
  exhaust(attempts, HOME, 0);
  const stranger = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  let tried = 0;
  for (let i = 0; i < 100_000; i++) {
    if (attempts.wait(stranger(i), 0) > 0) continue;
    attempts.fail(stranger(i), 0);
    tried++;
  }
  assert.ok(attempts.networks <= room + AUTH_SHARED_NETWORKS, `${attempts.networks}`);
  assert.ok(tried <= room + AUTH_SHARED_NETWORKS * AUTH_FAILURES_MAX, `${tried} were tried`);
  assert.ok(attempts.wait(HOME, 0) > 0, 'who was refused before still is');
  // Those that tried once have recovered long before the others have.
  const later = AUTH_FAILURE_FORGOTTEN_MS + AUTH_NETWORKS_SWEEP_MS;
  assert.equal(attempts.wait('198.51.100.1', later), 0);
  attempts.fail('198.51.100.1', later);
  assert.ok(attempts.networks < room + AUTH_SHARED_NETWORKS, 'room is made again');
});

test('which networks share an account differs from process to process: nobody can aim', () => {
  const sharers = (): string => {
    const attempts = new Attempts(0);
    exhaust(attempts, HOME, 0);
    const addresses = Array.from({ length: 20_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    return addresses.filter((address) => attempts.wait(address, 0) > 0).join(' ');
  };
  const [one, other] = [sharers(), sharers()];
  assert.notEqual(one, '', 'somebody shares');
  assert.notEqual(one, other);
});
