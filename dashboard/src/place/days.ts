// Days and clocks as people in a time zone read them. The server reads times without an offset in the zone
// that is asked for, so the dashboard only ever counts whole days and never an offset, which keeps it out
// of daylight saving's traps.

/** A day, `2026-11-30`. */
export type Day = string;

const DAY_MS = 86_400_000;
const DAY_FORM = /^\d{4}-\d{2}-\d{2}$/;

/** Whether `text` is a day that exists. */
export const isDay = (text: string): text is Day =>
  DAY_FORM.test(text) && !Number.isNaN(Date.parse(text)) && plusDays(text, 0) === text;

export const plusDays = (day: Day, days: number): Day =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** From `first` to `last`, both included. */
export const daysFrom = (first: Day, last: Day): number =>
  Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;

/** What calendar and clock show in `zone` at `at`. */
export function wallClock(at: Date, zone: string): { day: Day; time: string } {
  // The Swedish way of writing a date is ISO's.
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at);
  const [day = '', time = ''] = text.split(' ');
  return { day, time };
}
