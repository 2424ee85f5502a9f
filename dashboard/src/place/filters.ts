// Filters as they stand in the address: `?country=DE&client=Chrome`, an empty value for hits that have
// none.

import { useMemo } from 'react';
import type { Dimension } from '../api/answers.ts';
import type { Filters } from '../api/statistics.ts';
import { choose, usePlace } from './location.ts';

export interface Filter {
  readonly dimension: Dimension;
  /** Null: hits that have none. */
  readonly value: string | null;
}

/** Those of `dimensions` that are chosen, in their order. */
export function useFilters(dimensions: readonly Dimension[]): readonly Filter[] {
  const { search } = usePlace();
  return useMemo(
    () =>
      dimensions.flatMap((dimension) =>
        search
          .getAll(dimension)
          .map((value) => ({ dimension, value: value === '' ? null : value })),
      ),
    [dimensions, search],
  );
}

export function asQuestion(filters: readonly Filter[]): Filters {
  const question: Partial<Record<Dimension, (string | null)[]>> = {};
  for (const { dimension, value } of filters) (question[dimension] ??= []).push(value);
  return question;
}

/** Chooses `filter`, or takes it away where it is chosen. */
export function toggleFilter(filters: readonly Filter[], { dimension, value }: Filter): void {
  const values = filters.filter((each) => each.dimension === dimension).map((each) => each.value);
  const next = values.includes(value)
    ? values.filter((each) => each !== value)
    : [...values, value];
  choose({ [dimension]: next.map((each) => each ?? '') });
}
