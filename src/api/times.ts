// Times as the API writes and reads them: RFC 3339, to the microsecond. Inside they are microseconds since
// 1970 (UTC), which is exact until the year 2255.

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { SENT_AHEAD_DAYS_MAX } from '../limits.ts';

const MICROS_PER_DAY = 86_400_000_000;

/** How a time stands in an answer. */
export const TimeText = z.iso.datetime({ precision: 6 });

/** `2026-11-21T08:15:30.123456Z`: in UTC, which Go's `time.Time` reads too. */
export function formatMicros(at: number): string {
  const milliseconds = new Date(Math.floor(at / 1000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(at % 1000).padStart(3, '0')}Z`;
}

/** When a mail was or will be sent, with its offset from UTC; to microseconds. */
export const SentAt = z.iso
  .datetime({
    offset: true,
    error: 'must be a time with its offset, such as 2026-11-21T08:15:30+01:00',
  })
  .transform(microsOf)
  .refine((at) => at >= 0, 'must not be before 1970')
  .refine(
    (at) => at <= nowMicros() + SENT_AHEAD_DAYS_MAX * MICROS_PER_DAY,
    'must not be more than a year ahead',
  );

/** A time with its offset, or a day's beginning in UTC; microseconds. */
export const TimeOrDate = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be given once, a time with its offset or a date, such as 2026-11-21',
  })
  .transform(microsOf)
  .refine((at) => at >= 0, 'must not be before 1970');

/** Digits past the sixth are cut. `text` is a time that zod has found to be one. */
function microsOf(text: string): number {
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const seconds = Date.parse(text.replace(`.${fraction}`, ''));
  return seconds * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
