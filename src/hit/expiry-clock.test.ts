// A clock that jumps is not believed before it has gone evenly for an hour.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpiryClock } from './expiry-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-22T00:00:00Z');

class Rig {
  readonly told: string[] = [];
  readonly clock: ExpiryClock;
  #wall = START;
  #monotonic = 5;

  constructor() {
    this.clock = new ExpiryClock(
      (reason) => this.told.push(reason),
      () => this.#wall,
      () => this.#monotonic,
    );
  }

  pass(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }

  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Hours since the start that are believed. */
  believed(newest: number | null = null): number | null {
    const time = this.clock.believed(newest);
    return time === null ? null : (time - START) / HOUR;
  }
}

test('a clock near the newest is believed at once, and then for as long as it goes evenly', () => {
  const rig = new Rig();
  assert.equal(rig.believed(START - DAY), 0);
  rig.pass(100 * DAY);
  assert.equal(rig.believed(START - DAY), 2_400, 'nothing came meanwhile');
  rig.jump(DAY);
  assert.equal(rig.believed(), 2_424);
  assert.deepEqual(rig.told, []);
});

test('a jump ahead is told once and not believed, even if new hits come from that time', () => {
  const rig = new Rig();
  rig.believed(START);
  rig.jump(366 * DAY);
  assert.equal(rig.believed(START + 366 * DAY), null);
  rig.pass(HOUR / 2);
  assert.equal(rig.believed(START + 366 * DAY), null);
  assert.equal(rig.told.length, 1);
  assert.match(
    rig.told[0] ?? '',
    /^the clock \(2027-11-23T.* more than a day ahead of where it was/,
  );
  rig.jump(-366 * DAY);
  assert.equal(rig.believed(), 0.5, 'it was set right');
  rig.jump(366 * DAY);
  assert.equal(rig.believed(), null);
  assert.equal(rig.told.length, 2);
});

test('two readings that agree, an hour apart, are believed; readings that do not are not', () => {
  const rig = new Rig();
  rig.believed(START);
  rig.jump(10 * DAY);
  assert.equal(rig.believed(), null);
  rig.pass(HOUR - 1);
  assert.equal(rig.believed(), null);
  rig.jump(10 * DAY);
  rig.pass(1);
  assert.equal(rig.believed(), null, 'it jumped again');
  rig.pass(HOUR);
  assert.equal(rig.believed(), 20 * 24 + 2);
  rig.pass(1);
  assert.notEqual(rig.believed(), null);
});

test('at the start nothing is known: a quiet site waits for an hour, silently where nothing is kept', () => {
  for (const [newest, told] of [
    [null, 0],
    [START - DAY - 1, 1],
  ] as const) {
    const rig = new Rig();
    assert.equal(rig.believed(newest), null);
    rig.pass(HOUR);
    assert.equal(rig.believed(newest), 1);
    assert.equal(rig.told.length, told);
  }
});
