// How many hits there were, over time and by what they have in common: the one request that every store is
// asked, as data, and the form of the answer. What is counted is told in docs/counting.md.

import type { HitKind } from '../hit/event.ts';
import type { Dimension, Selection } from './selection.ts';
import type { Counts } from './store.ts';

export interface StatisticsRequest {
  readonly selection: Selection & { readonly kind: HitKind };
  /** See Store.counts. */
  readonly repeatSeconds: number;
  /**
   * Where buckets begin, and where the last one ends: microseconds, ascending, from the beginning of the
   * selection's range to its end. None: no series.
   */
  readonly edges: readonly number[];
  readonly split: Dimension | null;
  /** So many of the largest groups are told; those of the same size in the order of their values. */
  readonly groupsMax: number;
}

export interface Statistics {
  readonly totals: Counts;
  /** Of each bucket, empty ones too. */
  readonly series: readonly Counts[];
  readonly groups: readonly Group[];
  readonly groupsLeftOut: number;
}

/** The hits that have one value in common; null: those that have none. */
export interface Group {
  readonly value: string | null;
  /** Of a pixel, when split by pixel. */
  readonly label?: string | null;
  readonly totals: Counts;
  readonly series: readonly Counts[];
}
