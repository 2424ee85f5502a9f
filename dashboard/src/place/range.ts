// The range of time that the pages show, as it stands in the address: a preset (`range=7d`), or two days
// (`from=2026-11-01&to=2026-11-30`, both included). Resolved to what the server is asked for.

import { type Day, daysFrom, isDay, plusDays, wallClock } from './days.ts';

export const PRESETS = ['today', '7d', '30d', '90d', 'all'] as const;
export type Preset = (typeof PRESETS)[number];

export type Choice =
  | { readonly kind: 'preset'; readonly preset: Preset }
  | { readonly kind: 'days'; readonly from: Day; readonly to: Day };

export type Interval = 'hour' | 'day' | 'week' | 'month';

/** As the server takes it: days, or times without an offset, read in `time_zone`; `to` is excluded. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface Range extends Span {
  readonly interval: Interval;
  /** As many days earlier, up to the same hour; null where nothing lies before. */
  readonly before: Span | null;
}

const PRESET_DAYS: Readonly<Record<Exclude<Preset, 'all'>, number>> = {
  today: 1,
  '7d': 7,
  '30d': 30,
  '90d': 90,
};
const DEFAULT_CHOICE: Choice = { kind: 'preset', preset: '30d' };
/** No tracking pixel of ours is older, and no import's. */
export const DAWN: Day = '2000-01-01';
/** The first and the last day that the server reads (src/api/ranges.ts): any range within is short enough. */
export const FIRST_DAY: Day = '1970-01-01';
export const LAST_DAY: Day = '2069-12-31';

/** What the address says; the default where it says nothing that makes sense. */
export function readChoice(search: URLSearchParams): Choice {
  const [from, to, range] = [search.get('from'), search.get('to'), search.get('range')];
  if (from !== null && to !== null && isDay(from) && isDay(to)) {
    if (FIRST_DAY <= from && from <= to && to <= LAST_DAY) return { kind: 'days', from, to };
  }
  const preset = PRESETS.find((each) => each === range);
  return preset === undefined ? DEFAULT_CHOICE : { kind: 'preset', preset };
}

/** The parameters that say `choice`. */
export function writeChoice(choice: Choice): Record<'range' | 'from' | 'to', string | null> {
  if (choice.kind === 'days') return { range: null, from: choice.from, to: choice.to };
  return { range: choice.preset, from: null, to: null };
}

/**
 * `first` is the day of the first hit there is, which only `all` asks for; null: not known yet, or there is
 * none.
 */
export function resolveChoice(choice: Choice, zone: string, now: Date, first: Day | null): Range {
  const clock = wallClock(now, zone);
  if (choice.kind === 'days') {
    const days = daysFrom(choice.from, choice.to);
    const to = plusDays(choice.to, 1);
    const earlier = plusDays(choice.from, -days);
    const before = earlier < FIRST_DAY ? null : { from: earlier, to: choice.from };
    return { from: choice.from, to, interval: intervalFor(days), before };
  }
  const isAll = choice.preset === 'all';
  const from = isAll ? (first ?? DAWN) : plusDays(clock.day, 1 - PRESET_DAYS[choice.preset]);
  const days = daysFrom(from, clock.day);
  const before = isAll
    ? null
    : { from: plusDays(from, -days), to: `${plusDays(clock.day, -days)}T${clock.time}` };
  return { from, to: `${clock.day}T${clock.time}`, interval: intervalFor(days), before };
}

/** So that a chart has about as many points as a screen has room for. */
export function intervalFor(days: number): Interval {
  if (days <= 3) return 'hour';
  if (days <= 120) return 'day';
  return days <= 900 ? 'week' : 'month';
}
