// QuestDB refuses a whole load for one line that it cannot read, so no event may become such a line.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someChange, someClaim, someHit, somePixel } from '../../test/contracts/store-events.ts';
import { claimLines, hitLines, noteLines, pixelLines } from './questdb-lines.ts';
import { httpDoor, placeOf } from './questdb-place.ts';
import { timeText } from './questdb-row.ts';

/** The largest that ILP's nanoseconds can be. */
const NANOSECONDS_MAX = 2n ** 63n - 1n;

const TIMES = [0, -1, 8e15, 9.1e15, 1e17, 1e300, 1.5, Number.MAX_SAFE_INTEGER, Infinity, NaN];

test('every time becomes one that a line can have', () => {
  for (const at of TIMES) {
    const note = someChange(1, { sentAt: at }, { at });
    const claim = someClaim(1, someHit(1, { at }), true);
    for (const lines of [
      hitLines([someHit(1, { at })]),
      pixelLines([somePixel(1, { at })]),
      noteLines([note]),
      claimLines([{ ...claim, event: { ...claim.event, at } }]),
    ]) {
      const [, time = ''] = / (\d+)\n$/.exec(lines.toString()) ?? [];
      assert.match(time, /^\d+$/, `${at}: ${lines.toString()}`);
      assert.ok(BigInt(time) <= NANOSECONDS_MAX, `${at}: ${time}`);
      const [, micros = '0'] = /(?:sent_at|claimed_at)=([^, ]*)t/.exec(lines.toString()) ?? [];
      assert.match(micros, /^\d+$/, `${at}: ${lines.toString()}`);
    }
  }
});

test('a time that a line can have stays as it is, and is asked for as it was written', () => {
  for (const at of [0, 1, 1_780_272_000_000_001, 8e15, Number.MAX_SAFE_INTEGER]) {
    assert.ok(
      hitLines([someHit(1, { at })])
        .toString()
        .endsWith(` ${at}000\n`),
    );
  }
  assert.equal(timeText(1_780_272_000_000_001), '2026-06-01T00:00:00.000001Z');
  assert.equal(timeText(-5), timeText(0));
  assert.equal(timeText(1e300), timeText(Number.MAX_SAFE_INTEGER));
});

test('the door for writes follows from the other one, or has a URL of its own', () => {
  const sql = 'postgresql://ad%40min:que%25st@[::1]:8812/qdb';
  const door = { secure: false, host: '::1', port: 9000, user: 'ad@min', password: 'que%st' };
  assert.deepEqual(httpDoor(sql, null), door);
  assert.equal(placeOf(door), '[::1]:9000');
  assert.deepEqual(httpDoor(sql, 'https://example.org'), {
    secure: true,
    host: 'example.org',
    port: 443,
    user: '',
    password: '',
  });
});

test('a password that is not percent-encoded is told in one line, without the password', () => {
  for (const [option, sql, ilp] of [
    ['CONN_STRING', 'postgresql://admin:100%@host:8812/qdb', null],
    ['QUESTDB_ILP', 'postgresql://admin:quest@host:8812/qdb', 'http://admin:100%@host:9000'],
  ] as const) {
    assert.throws(() => httpDoor(sql, ilp), {
      name: 'StoreError',
      retryable: false,
      message: `in ${option} the user or the password has a % that must be written as %25`,
    });
  }
});
