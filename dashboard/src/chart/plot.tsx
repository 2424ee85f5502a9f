// A drawing by ECharts. It is a picture only: its words, its table and its switches stand around it as
// HTML.

import type { ComposeOption, ECElementEvent, EChartsType } from 'echarts/core';
import type { GridComponentOption } from 'echarts/components';
import type { LineSeriesOption, MapSeriesOption } from 'echarts/charts';
import { useEffect, useRef } from 'react';
import { init } from './echarts.ts';

export type PlotOption = ComposeOption<GridComponentOption | LineSeriesOption | MapSeriesOption>;

export interface PlotProps {
  readonly option: PlotOption;
  /** What a reader who cannot see it is told. */
  readonly label: string;
  readonly className: string;
  /** The index of the category under the pointer; null when it has left. */
  readonly onPoint?: (index: number | null) => void;
  /** The name of the area under the pointer; null when it has left. */
  readonly onArea?: (name: string | null) => void;
  /** An area was chosen. */
  readonly onPick?: (name: string) => void;
}

/** ECharts leaves out steps of less than 2 / this pixels, which would slant a stair. */
const FINENESS = Math.max(2, window.devicePixelRatio);

/** A series that is gone must not stay on the picture. */
const REPLACING = { notMerge: true } as const;

/** While a page waits for a part of it the rest is hidden, and ECharts fails to draw a map on nothing. */
const hasRoom = ({ clientWidth, clientHeight }: Element): boolean =>
  clientWidth > 0 && clientHeight > 0;

interface PointerEvent {
  readonly axesInfo?: readonly { readonly value: number }[];
}

export default function Plot({ option, label, className, onPoint, onArea, onPick }: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  /** What is drawn once there is room. */
  const waiting = useRef<PlotOption>(null);
  const listeners = useRef({ onPoint, onArea, onPick });
  useEffect(() => {
    listeners.current = { onPoint, onArea, onPick };
  });
  useEffect(() => {
    if (element.current === null) return undefined;
    const drawn = init(element.current, null, { devicePixelRatio: FINENESS });
    chart.current = drawn;
    drawn.on('updateAxisPointer', (event) => {
      const index = (event as PointerEvent).axesInfo?.[0]?.value;
      listeners.current.onPoint?.(index ?? null);
    });
    drawn.on('mouseover', (event: ECElementEvent) => listeners.current.onArea?.(event.name));
    drawn.on('mouseout', () => listeners.current.onArea?.(null));
    drawn.on('click', (event: ECElementEvent) => listeners.current.onPick?.(event.name));
    drawn.on('globalout', () => {
      listeners.current.onPoint?.(null);
      listeners.current.onArea?.(null);
    });
    const watch = new ResizeObserver(([entry]) => {
      if (entry === undefined || !hasRoom(entry.target)) return;
      drawn.resize();
      if (waiting.current !== null) drawn.setOption(waiting.current, REPLACING);
      waiting.current = null;
    });
    watch.observe(element.current);
    return () => {
      watch.disconnect();
      drawn.dispose();
    };
  }, []);
  useEffect(() => {
    waiting.current = option;
    if (element.current === null || !hasRoom(element.current)) return;
    chart.current?.setOption(option, REPLACING);
    waiting.current = null;
  }, [option]);
  return <div ref={element} role="img" aria-label={label} className={className} />;
}
