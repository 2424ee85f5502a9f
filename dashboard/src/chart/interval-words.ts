// What an interval of a chart is called: at the axis, where there is little room, and in full.

import type { Interval } from '../place/range.ts';
import { formatTime } from '../words.ts';

const AXIS: Readonly<Record<Interval, Intl.DateTimeFormatOptions>> = {
  hour: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  week: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
};
const FULL: Readonly<Record<Interval, Intl.DateTimeFormatOptions>> = {
  hour: {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  week: { day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
};

export const axisLabel = (start: string, interval: Interval, zone: string): string =>
  formatTime(start, zone, AXIS[interval]);

export function nameOfInterval(start: string, interval: Interval, zone: string): string {
  const name = formatTime(start, zone, FULL[interval]);
  return interval === 'week' ? `Week of ${name}` : name;
}
