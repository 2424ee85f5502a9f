// Counts over time: stairs, since a count belongs to its whole interval. The keys above it show the
// totals, and the values of an interval while one points at it; a table has the same for those who cannot
// see it.

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import type { Interval } from '../place/range.ts';
import { plural } from '../words.ts';
import { useColours } from './colours.ts';
import { ChartKeys, type KeyedLine } from './keys.tsx';
import { nameOfInterval } from './interval-words.ts';
import { stairs } from './stairs.ts';
import { TimeTable } from './time-table.tsx';
import { ViewSwitch } from './view-switch.tsx';

const loadPlot = () => import('./plot.tsx');
const Plot = lazy(loadPlot);

/** Begins to load what charts are drawn with, while their figures are still on their way. */
export function useCharts(): void {
  useEffect(() => {
    loadPlot().catch(() => {});
  }, []);
}

export interface TimeChartProps {
  /** What it shows: `Opens over time`. */
  readonly title: string;
  readonly lines: readonly KeyedLine[];
  /** The beginning of each interval. */
  readonly starts: readonly string[];
  readonly interval: Interval;
  readonly zone: string;
  readonly withTotals?: boolean;
}

export function TimeChart({
  title,
  lines,
  starts,
  interval,
  zone,
  withTotals = false,
}: TimeChartProps) {
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [pointed, setPointed] = useState<number | null>(null);
  const colours = useColours();
  const shown = useMemo(() => lines.filter(({ id }) => !hidden.has(id)), [lines, hidden]);
  const option = useMemo(
    () => stairs({ lines: shown, starts, interval, zone, colours }),
    [shown, starts, interval, zone, colours],
  );
  const start = pointed === null ? undefined : starts[pointed];
  const toggle = (id: string): void => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };
  return (
    <figure className="chart">
      <figcaption className="chart-head">
        <span className="chart-when">
          {start === undefined
            ? perInterval(interval, withTotals)
            : nameOfInterval(start, interval, zone)}
        </span>
        <ChartKeys
          lines={lines}
          hidden={hidden}
          at={pointed}
          withTotals={withTotals}
          onToggle={toggle}
        />
        <ViewSwitch asTable={asTable} onChange={setAsTable} />
      </figcaption>
      {asTable ? (
        <TimeTable title={title} lines={lines} starts={starts} interval={interval} zone={zone} />
      ) : (
        <Suspense fallback={<div className="plot" aria-busy="true" />}>
          <Plot
            className="plot"
            option={option}
            label={`${title}: ${plural(starts.length, interval)}. The table has the same figures.`}
            onPoint={setPointed}
          />
        </Suspense>
      )}
    </figure>
  );
}

/** What the figures beside the keys are while no interval is pointed at. */
const perInterval = (interval: Interval, withTotals: boolean): string =>
  withTotals ? 'In all' : `By ${interval}`;
