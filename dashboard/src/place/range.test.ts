// Ranges: what stands in the address becomes what the server is asked, in any zone and on days that have not
// 24 hours.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isDay, plusDays, wallClock } from './days.ts';
import { type Choice, intervalFor, readChoice, resolveChoice, writeChoice } from './range.ts';

/** Sunday, a quarter past midnight in Berlin, and still Saturday in New York. */
const NOW = new Date('2026-11-28T23:15:07Z');
const resolve = (choice: Choice, zone = 'Europe/Berlin', first: string | null = null) =>
  resolveChoice(choice, zone, NOW, first);
const preset = (name: '7d' | '30d' | 'today' | 'all'): Choice => ({ kind: 'preset', preset: name });

suite('a range', () => {
  test('is what the address says, and thirty days where that makes no sense', () => {
    const read = (search: string): Choice => readChoice(new URLSearchParams(search));
    assert.deepEqual(read('range=7d'), preset('7d'));
    assert.deepEqual(read('from=2026-11-01&to=2026-11-30&range=7d'), {
      kind: 'days',
      from: '2026-11-01',
      to: '2026-11-30',
    });
    for (const bad of [
      '',
      'range=31d',
      'from=2026-11-01',
      'from=2026-11-30&to=2026-11-01',
      'from=2026-02-30&to=2026-03-01',
      'from=x&to=y',
      // What the server does not read.
      'from=1969-12-31&to=1970-02-01',
      'from=2026-11-01&to=2299-01-01',
    ]) {
      assert.deepEqual(read(bad), preset('30d'), bad);
    }
  });

  test('is read back as it was written', () => {
    for (const choice of [preset('all'), { kind: 'days', from: '2026-01-01', to: '2026-01-01' }]) {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(writeChoice(choice as Choice))) {
        if (value !== null) search.set(name, value);
      }
      assert.deepEqual(readChoice(search), choice);
    }
  });

  test('begins with a day of the chosen zone and ends now, as its clocks say', () => {
    assert.deepEqual(resolve(preset('7d')), {
      from: '2026-11-23',
      to: '2026-11-29T00:15:07',
      interval: 'day',
      before: { from: '2026-11-16', to: '2026-11-22T00:15:07' },
    });
    const { from, to } = resolve(preset('7d'), 'America/New_York');
    assert.deepEqual([from, to], ['2026-11-22', '2026-11-28T18:15:07']);
  });

  test('of today is compared with yesterday up to the same hour, by hours', () => {
    const { from, interval, before } = resolve(preset('today'));
    assert.deepEqual([from, interval], ['2026-11-29', 'hour']);
    assert.deepEqual(before, { from: '2026-11-28', to: '2026-11-28T00:15:07' });
  });

  test('of days includes the last one and is compared with as many days before', () => {
    assert.deepEqual(resolve({ kind: 'days', from: '2026-11-01', to: '2026-11-30' }), {
      from: '2026-11-01',
      to: '2026-12-01',
      interval: 'day',
      before: { from: '2026-10-02', to: '2026-11-01' },
    });
  });

  test('of days is compared with nothing where the days before are too long ago', () => {
    const { before } = resolve({ kind: 'days', from: '1971-01-01', to: '2069-12-31' });
    assert.equal(before, null);
  });

  test('of all days begins with the first hit, and has nothing before', () => {
    const { from, before, interval } = resolve(preset('all'), 'UTC', '2026-03-01');
    assert.deepEqual([from, before, interval], ['2026-03-01', null, 'week']);
  });
});

test('a chart has no more points than a screen has room for, and more than a few', () => {
  for (let days = 1; days < 4_000; days += 1) {
    const points = { hour: days * 24, day: days, week: days / 7, month: days / 30 };
    const count = points[intervalFor(days)];
    assert.ok(count <= 140 && count >= 4, `${days} days: ${count}`);
  }
});

suite('a day', () => {
  test('is one of the calendar', () => {
    assert.ok(isDay('2028-02-29'));
    for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '2026-11-30T00:00', '']) {
      assert.ok(!isDay(text), text);
    }
  });

  test('is followed by the next one where clocks are changed, too', () => {
    assert.equal(plusDays('2026-10-24', 2), '2026-10-26');
    assert.equal(plusDays('2026-03-01', -1), '2026-02-28');
  });

  test('begins at midnight of its zone', () => {
    const clock = (at: string): string => {
      const { day, time } = wallClock(new Date(at), 'Europe/Berlin');
      return `${day} ${time}`;
    };
    assert.equal(clock('2026-10-25T00:30:00Z'), '2026-10-25 02:30:00');
    assert.equal(clock('2026-10-25T01:30:00Z'), '2026-10-25 02:30:00');
    assert.equal(clock('2026-11-28T23:00:00Z'), '2026-11-29 00:00:00');
  });
});
