// Hours, days, weeks and months of zones that are unlike the others, held against what Temporal's calendar
// says day by day, and against instants that are written down.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { edgesOf, microsOf } from './intervals.ts';

const SEED = 20_261_130;
const HOUR = 3_600_000_000;
const MANY = 1_000_000;

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Havana', // changes at midnight
  'Asia/Beirut', // has days that begin at one
  'Africa/Casablanca', // changes four times a year
  'Pacific/Apia', // had no 30 December 2011
  'Africa/Monrovia', // was 44 minutes and 30 seconds behind until 1972
];

const at = (text: string): number => microsOf(Temporal.ZonedDateTime.from(text));
const shown = (micros: number, zone: string): string =>
  new Temporal.ZonedDateTime(BigInt(micros) * 1_000n, zone).toString({
    timeZoneName: 'never',
    smallestUnit: 'minute',
  });

/** The edges but the first and the last, by the zone's clocks. */
function between(from: string, to: string, interval: Parameters<typeof edgesOf>[3]): string[] {
  const zone = Temporal.ZonedDateTime.from(from).timeZoneId;
  const edges = edgesOf(at(from), at(to), zone, interval, MANY);
  assert.deepEqual([edges[0], edges.at(-1)], [at(from), at(to)]);
  return edges.slice(1, -1).map((edge) => shown(edge, zone));
}

test('a day has 23 or 25 hours when the clocks change', () => {
  const zone = '[Europe/Berlin]';
  assert.deepEqual(between(`2026-03-28T00:00${zone}`, `2026-03-31T00:00${zone}`, 'day'), [
    '2026-03-29T00:00+01:00',
    '2026-03-30T00:00+02:00',
  ]);
  const hours = (day: string, next: string): number =>
    edgesOf(at(`${day}T00:00${zone}`), at(`${next}T00:00${zone}`), 'Europe/Berlin', 'hour', MANY)
      .length - 1;
  assert.equal(hours('2026-03-29', '2026-03-30'), 23);
  assert.equal(hours('2026-10-25', '2026-10-26'), 25);
  assert.equal(hours('2026-10-26', '2026-10-27'), 24);
});

test('an hour that the clocks repeat is two', () => {
  const zone = '[Europe/Berlin]';
  assert.deepEqual(between(`2026-10-25T01:00${zone}`, `2026-10-25T04:00${zone}`, 'hour'), [
    '2026-10-25T02:00+02:00',
    '2026-10-25T02:00+01:00',
    '2026-10-25T03:00+01:00',
  ]);
});

test('hours are those of the clock where a zone is 45 minutes apart, or changes by half an hour', () => {
  assert.deepEqual(
    between('2026-01-01T00:10[Asia/Kathmandu]', '2026-01-01T02:00[Asia/Kathmandu]', 'hour'),
    ['2026-01-01T01:00+05:45'],
  );
  assert.deepEqual(
    between(
      '2026-04-05T00:00[Australia/Lord_Howe]',
      '2026-04-05T04:00[Australia/Lord_Howe]',
      'hour',
    ),
    ['2026-04-05T01:00+11:00', '2026-04-05T02:00+10:30', '2026-04-05T03:00+10:30'],
  );
  assert.deepEqual(
    between(
      '2026-10-04T00:00[Australia/Lord_Howe]',
      '2026-10-04T04:00[Australia/Lord_Howe]',
      'hour',
    ),
    ['2026-10-04T01:00+10:30', '2026-10-04T02:30+11:00', '2026-10-04T03:00+11:00'],
  );
});

test('a week begins on Monday, a month on its first, also over the turn of a year', () => {
  const zone = '[America/New_York]';
  assert.deepEqual(between(`2026-12-20T12:00${zone}`, `2027-01-12T00:00${zone}`, 'week'), [
    '2026-12-21T00:00-05:00',
    '2026-12-28T00:00-05:00',
    '2027-01-04T00:00-05:00',
    '2027-01-11T00:00-05:00',
  ]);
  assert.deepEqual(between(`2026-11-15T00:00${zone}`, `2027-03-20T00:00${zone}`, 'month'), [
    '2026-12-01T00:00-05:00',
    '2027-01-01T00:00-05:00',
    '2027-02-01T00:00-05:00',
    '2027-03-01T00:00-05:00',
  ]);
});

test('a day that there was not has no bucket, and one that began twice has one', () => {
  assert.deepEqual(
    between('2011-12-29T12:00[Pacific/Apia]', '2012-01-01T12:00[Pacific/Apia]', 'day'),
    ['2011-12-31T00:00+14:00', '2012-01-01T00:00+14:00'],
  );
  assert.deepEqual(
    between('2026-10-31T12:00[America/Havana]', '2026-11-02T12:00[America/Havana]', 'day'),
    ['2026-11-01T00:00-04:00', '2026-11-02T00:00-05:00'],
  );
});

test('days are those of the calendar, in whichever zone and year', () => {
  const range = fc.record({
    zone: fc.constantFrom(...ZONES),
    from: fc.integer({ min: 0, max: 2_000_000 }).map((hours) => hours * HOUR + 17),
    days: fc.integer({ min: 1, max: 500 }),
    interval: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
  });
  fc.assert(
    fc.property(range, ({ zone, from, days, interval }) => {
      const to = from + days * 24 * HOUR;
      const expected = [from];
      const first = new Temporal.ZonedDateTime(BigInt(from) * 1_000n, zone).toPlainDate();
      const last = new Temporal.ZonedDateTime(BigInt(to) * 1_000n, zone).toPlainDate();
      const begins = (day: Temporal.PlainDate): boolean =>
        interval === 'day' || (interval === 'week' ? day.dayOfWeek === 1 : day.day === 1);
      const step = { days: 1 };
      for (let day = first; Temporal.PlainDate.compare(day, last) <= 0; day = day.add(step)) {
        const start = microsOf(day.toZonedDateTime(zone));
        if (!begins(day) || start <= (expected.at(-1) ?? 0) || start >= to) continue;
        expected.push(start);
      }
      expected.push(to);
      assert.deepEqual(edgesOf(from, to, zone, interval, MANY), expected);
    }),
    { numRuns: 300, seed: SEED },
  );
});

test('no more edges are made than were allowed, and one to tell', () => {
  assert.equal(edgesOf(0, 8e15, 'UTC', 'hour', 100).length, 101);
});
