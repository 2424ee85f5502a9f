// What the charts ask: one request model for opens and visits, over the range, zone and filters that
// stand in the address.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSpan } from '../place/use-range.ts';
import type { Interval, Span } from '../place/range.ts';
import type { VisitCounts } from '../../../client/api.d.ts';
import type { Dimension, OpenCounts, Statistics } from './answers.ts';
import { request } from './request.ts';

export type Kind = 'opens' | 'visits';
export type CountsOf<K extends Kind> = K extends 'opens' ? OpenCounts : VisitCounts;
/** Of each dimension any of its values; null: hits that have none. */
export type Filters = Readonly<Partial<Record<Dimension, readonly (string | null)[]>>>;

export interface Question {
  readonly split?: Dimension;
  readonly limit?: number;
  readonly filters?: Filters;
  /** With a point for each interval, fitting the range; else totals only. */
  readonly series?: boolean;
  /** The time before, for comparison; answers nothing where there is none. */
  readonly before?: boolean;
  readonly enabled?: boolean;
}

/** Fresh figures come by themselves while somebody looks. */
const AGAIN_MS = 30_000;

export function useStatistics<K extends Kind>(kind: K, question: Question = {}) {
  const { resolve, key, isReady } = useSpan(kind);
  const { split, limit, filters, series = false, before = false, enabled = true } = question;
  return useQuery({
    queryKey: ['statistics', kind, key, { split, limit, filters, series, before }],
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
    enabled: enabled && isReady,
    queryFn: async ({ signal }) => {
      const range = resolve();
      const span = before ? range.before : range;
      if (span === null) return null;
      const interval = series ? range.interval : undefined;
      return ask(kind, { span, zone: range.zone, interval, split, limit, filters }, signal);
    },
  });
}

interface Asked {
  readonly span: Span;
  readonly zone: string;
  readonly interval?: Interval | undefined;
  readonly split?: Dimension | undefined;
  readonly limit?: number | undefined;
  readonly filters?: Filters | undefined;
}

export function ask<K extends Kind>(
  kind: K,
  { span, zone, interval, split, limit, filters = {} }: Asked,
  signal: AbortSignal,
): Promise<Statistics<CountsOf<K>>> {
  const query = {
    ...filters,
    from: span.from,
    to: span.to,
    time_zone: zone,
    interval,
    split,
    limit,
  };
  return request(`/v1/statistics/${kind}`, { query, signal });
}
