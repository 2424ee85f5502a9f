// The four main counts over time.

import { useMemo } from 'react';
import type { Point, Statistics } from '../api/answers.ts';
import type { CountsOf, Kind } from '../api/statistics.ts';
import { TimeChart } from '../chart/time-chart.tsx';
import { countOf, MAIN_COUNTS } from './names.ts';

interface CountsChartProps<K extends Kind> {
  readonly kind: K;
  readonly statistics: Statistics<CountsOf<K>>;
}

export function CountsChart<K extends Kind>({ kind, statistics }: CountsChartProps<K>) {
  const { series, totals, interval, time_zone: zone } = statistics;
  const starts = useMemo(() => series.map(({ start }) => start), [series]);
  const lines = useMemo(
    () =>
      MAIN_COUNTS.map(({ id, look, name }) => ({
        id,
        look,
        name: name[kind],
        total: countOf(totals, id),
        values: series.map((point: Point<CountsOf<K>>) => countOf(point, id)),
      })),
    [kind, series, totals],
  );
  const title = kind === 'opens' ? 'Opens over time' : 'Visits over time';
  return (
    <TimeChart
      title={title}
      lines={lines}
      starts={starts}
      interval={interval ?? 'day'}
      zone={zone}
    />
  );
}
