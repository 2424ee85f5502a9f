// The picture of a chart over time, as ECharts takes it.

import type { LineSeriesOption } from 'echarts/charts';
import type { Interval } from '../place/range.ts';
import { formatShort } from '../words.ts';
import type { Colours } from './colours.ts';
import { axisLabel } from './interval-words.ts';
import type { KeyedLine } from './keys.tsx';
import type { PlotOption } from './plot.tsx';
import type { Pattern } from './swatch.tsx';

interface StairsParts {
  readonly lines: readonly KeyedLine[];
  readonly starts: readonly string[];
  readonly interval: Interval;
  readonly zone: string;
  readonly colours: Colours;
}

/** As the patterns of the keys. */
const DASHES: Readonly<Record<Pattern, 'solid' | number[]>> = {
  full: 'solid',
  ring: 'solid',
  stripes: [7, 4],
  dots: [2, 3],
};
const FONT = { fontFamily: 'system-ui, sans-serif', fontSize: 12 };

/**
 * Two axes in one place: one has a room for each interval, the other has the rooms' walls, from 0 to
 * their number.
 */
export function stairs({ lines, starts, interval, zone, colours }: StairsParts): PlotOption {
  return {
    animation: false,
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: [
      {
        type: 'category',
        data: starts.map((start) => axisLabel(start, interval, zone)),
        axisLine: { lineStyle: { color: colours('edge') } },
        axisTick: { show: false },
        axisLabel: { ...FONT, color: colours('soft'), hideOverlap: true, margin: 10 },
        axisPointer: {
          show: true,
          type: 'shadow',
          label: { show: false },
          triggerTooltip: false,
          shadowStyle: { color: colours('edge'), opacity: 0.18 },
        },
      },
      { type: 'value', min: 0, max: starts.length, show: false, position: 'bottom' },
    ],
    yAxis: {
      type: 'value',
      minInterval: 1,
      axisLine: { show: false },
      axisTick: { show: false },
      min: 0,
      splitNumber: 4,
      axisLabel: { ...FONT, color: colours('soft'), formatter: formatShort },
      splitLine: { lineStyle: { color: colours('line') } },
    },
    series: [
      // The pointer finds the rooms only where something is drawn in them.
      { type: 'line', data: starts.map(() => null), xAxisIndex: 0, silent: true },
      ...lines.map((line, i) => stair(line, lines.length - i + 2, colours)),
    ],
  };
}

/** One line, from wall to wall. */
function stair({ name, look, values }: KeyedLine, z: number, colours: Colours): LineSeriesOption {
  const color = colours(look.colour);
  const isFull = look.pattern === 'full';
  return {
    type: 'line',
    name,
    xAxisIndex: 1,
    // The last interval ends, too.
    data: [...values, values.at(-1) ?? 0].map((value, wall) => [wall, value]),
    step: 'end',
    z,
    showSymbol: false,
    silent: true,
    lineStyle: {
      color,
      width: isFull ? 2.5 : 2,
      type: DASHES[look.pattern],
      cap: 'butt',
      join: 'miter',
    },
    ...(isFull && { areaStyle: { color, opacity: 0.14 } }),
  };
}
