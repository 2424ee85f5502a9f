// Where the hours, days, weeks and months of a time zone begin: computed here once, from the zone's offsets
// alone, so that no store needs to know what a time zone is. A day may have 23 or 25 hours, a zone may be
// 45 minutes apart from the others, or skip a day; a week begins on Monday, as in ISO 8601.

import { Temporal } from 'temporal-polyfill';

export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

const MICROS_PER_HOUR = 3_600_000_000;
const MICROS_PER_DAY = 24 * MICROS_PER_HOUR;
const DAYS_PER_WEEK = 7;
/** 1970-01-01 was a Thursday: so many days after the Monday before. */
const THURSDAY = 3;

/** A stretch of time in which a zone's clocks are this much ahead of UTC; all in microseconds. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/**
 * The beginnings of the intervals that lie in the range, after `from` itself and before `to` itself: the
 * edges of the range's buckets, of which the first and the last may be cut. At most `max` + 1 edges; one
 * more than `max` stands for any number. An hour that the clocks repeat is two; one that they cut belongs
 * to the day it is in.
 */
export function edgesOf(
  from: number,
  to: number,
  zone: string,
  interval: Interval,
  max: number,
): number[] {
  const edges = [from];
  let last = labelOf(interval, from + offsetAt(zone, from));
  for (const stretch of stretchesOf(zone, from, to)) {
    for (const at of candidatesIn(stretch, interval)) {
      const label = labelOf(interval, at + stretch.offset);
      const isAgain = interval === 'hour' && (at + stretch.offset) % MICROS_PER_HOUR === 0;
      if (label <= last && !isAgain) continue;
      last = Math.max(label, last);
      if (at <= from) continue;
      edges.push(at);
      if (edges.length > max) return edges;
    }
  }
  edges.push(to);
  return edges;
}

/** Where the clocks change, something may begin; and where a day or an hour does by the clock. */
function* candidatesIn({ from, to, offset }: Stretch, interval: Interval): Generator<number> {
  const step = interval === 'hour' ? MICROS_PER_HOUR : MICROS_PER_DAY;
  yield from;
  const first = Math.floor((from + offset) / step + 1) * step - offset;
  for (let at = first; at < to; at += step) yield at;
}

/** Numbers the intervals by what clock and calendar show. */
function labelOf(interval: Interval, local: number): number {
  if (interval === 'hour') return Math.floor(local / MICROS_PER_HOUR);
  const days = Math.floor(local / MICROS_PER_DAY);
  if (interval === 'day') return days;
  if (interval === 'week') return Math.floor((days + THURSDAY) / DAYS_PER_WEEK);
  const date = new Date(local / 1_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function* stretchesOf(zone: string, from: number, to: number): Generator<Stretch> {
  let time: Temporal.ZonedDateTime | null = zoned(from, zone);
  let begin = from;
  while (time !== null && begin < to) {
    const next: Temporal.ZonedDateTime | null = time.getTimeZoneTransition('next');
    const end = next === null ? to : Math.min(to, microsOf(next));
    yield { from: begin, to: end, offset: time.offsetNanoseconds / 1_000 };
    begin = end;
    time = next;
  }
}

/** How much the zone's clocks are ahead of UTC at a time; both in microseconds. */
export function offsetAt(zone: string, at: number): number {
  return zoned(at, zone).offsetNanoseconds / 1_000;
}

function zoned(at: number, zone: string): Temporal.ZonedDateTime {
  return new Temporal.ZonedDateTime(BigInt(at) * 1_000n, zone);
}

/** Microseconds since 1970 (UTC); nanoseconds are cut. */
export function microsOf({ epochNanoseconds }: Temporal.ZonedDateTime): number {
  return Number(epochNanoseconds / 1_000n);
}
