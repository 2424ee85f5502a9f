// From when to when: how `from`, `to` and `time_zone` of a query become microseconds. A time with an offset
// is what it says; a date or a time without one is read by the clocks of `time_zone`.

import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { RANGE_DAYS_DEFAULT, RANGE_DAYS_MAX } from '../limits.ts';
import { microsOf, offsetAt } from './intervals.ts';
import { badRequest } from './refusal.ts';

const MICROS_PER_DAY = 86_400_000_000;
const MICROS_PER_MINUTE = 60_000_000;
const YEARS = { min: 1970, max: 2254 };
/** A date, perhaps a time to the microsecond, perhaps its offset. More digits are cut. */
const TIME =
  /^((\d{4})-\d\d-\d\d)(?:[Tt](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\d*([Zz]|[+-]\d\d:\d\d)?)?$/;
const TIME_CHARS_MAX = 64;
/** `Europe/Berlin`, `UTC`, `Etc/GMT+5`; offsets are none, as their days never change. */
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

const TimeQuery = z.string('must be given once').max(TIME_CHARS_MAX, 'is too long').exactOptional();

/** For the schemas of queries. {@link readRange} makes a range of them. */
export const RANGE_FIELDS = {
  from: TimeQuery.describe(
    'Inclusive: a time with its offset, or a date or time by the clocks of time_zone.',
  ),
  to: TimeQuery.describe('Exclusive; now when left out.'),
  time_zone: z
    .string('must be given once')
    .max(TIME_CHARS_MAX, 'is too long')
    .exactOptional()
    .describe('A name of the IANA database, such as Europe/Berlin; UTC when left out.'),
};

export interface RangeQuery {
  readonly from?: string;
  readonly to?: string;
  readonly time_zone?: string;
}

/** In microseconds since 1970 (UTC); `to` is exclusive and after `from`. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

/**
 * The range that a query asks for. `to` is now where nobody says, `from` the beginning of the day so many
 * days before. Throws 400, naming the parameter.
 */
export function readRange(query: RangeQuery): Range {
  const zone = readZone(query.time_zone);
  const to = query.to === undefined ? nowMicros() : readTime('to', query.to, zone);
  const from = query.from === undefined ? daysBefore(to, zone) : readTime('from', query.from, zone);
  if (from >= to) throw refused('from', 'must be before to');
  if (to - from > RANGE_DAYS_MAX * MICROS_PER_DAY) {
    throw refused('from', `must be at most ${RANGE_DAYS_MAX} days before to`);
  }
  return { from, to, zone };
}

/** The same where what is not asked for has no bound: null. */
export function readOpenRange(query: RangeQuery): {
  readonly from: number | null;
  readonly to: number | null;
} {
  const zone = readZone(query.time_zone);
  const from = query.from === undefined ? null : readTime('from', query.from, zone);
  const to = query.to === undefined ? null : readTime('to', query.to, zone);
  if (from !== null && to !== null && from >= to) throw refused('from', 'must be before to');
  return { from, to };
}

/** `2026-11-21T08:15:30+01:00`, as the zone's clocks show it; a fraction only where there is one. */
export function formatZoned(at: number, zone: string): string {
  // RFC 3339 has no seconds in an offset, which zones had before 1972: the time is told by the next minute.
  const offset = Math.round(offsetAt(zone, at) / MICROS_PER_MINUTE);
  const local = at + offset * MICROS_PER_MINUTE;
  const text = new Date(Math.floor(local / 1_000)).toISOString().slice(0, 19);
  const fraction = local % 1_000_000;
  const digits = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${text}${digits}${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}

function daysBefore(to: number, zone: string): number {
  const day = new Temporal.ZonedDateTime(BigInt(to) * 1_000n, zone).toPlainDate();
  const first = day.subtract({ days: RANGE_DAYS_DEFAULT });
  return Math.max(0, microsOf(first.toZonedDateTime(zone)));
}

function readZone(text = 'UTC'): string {
  // A plus sign that nobody encoded is a space in a query.
  const zone = text.replaceAll(' ', '+');
  try {
    if (!ZONE.test(zone)) throw new RangeError('not a name');
    return new Temporal.ZonedDateTime(0n, zone).timeZoneId;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused('time_zone', 'is no time zone of the IANA database, such as Europe/Berlin');
  }
}

function readTime(parameter: 'from' | 'to', text: string, zone: string): number {
  const [, date, year, time = '00:00', offset] = TIME.exec(text.replace(' ', '+')) ?? [];
  if (date === undefined) {
    throw refused(parameter, 'must be a date or a time, such as 2026-11-21T08:15:30+01:00');
  }
  if (Number(year) < YEARS.min || Number(year) > YEARS.max) {
    throw refused(parameter, `must be from ${YEARS.min} to ${YEARS.max}`);
  }
  try {
    const local = Temporal.PlainDateTime.from(`${date}T${time}`, { overflow: 'reject' });
    const at = microsOf(local.toZonedDateTime(offset === undefined ? zone : offsetZone(offset)));
    // In the first hours of the first year by a clock that is ahead of UTC.
    return Math.max(0, at);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(parameter, 'is a time that there is not');
  }
}

const offsetZone = (offset: string): string => (/^z$/i.test(offset) ? 'UTC' : offset);

const refused = (parameter: string, detail: string): Error => badRequest([{ parameter, detail }]);
