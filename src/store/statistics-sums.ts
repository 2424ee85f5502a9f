// Puts the answer to a statistics request together from sums over parts of the hits, in whatever parts a
// store gives them. Every number of the answer is such a sum, also how many are unique: of each look it is
// known whether it is the first of its viewer.

import type { Counted } from './counting.ts';
import type { Group, Statistics } from './statistics.ts';
import type { Counts } from './store.ts';

/** A group before its hits are counted. */
export type Named = Pick<Group, 'value' | 'label'>;

type Mutable = { -readonly [Name in keyof Counts]: number };

/** The counts of all hits, or of a group's. */
export class Sums {
  readonly totals: Mutable = nothing();
  readonly series: readonly Mutable[];

  constructor(edges: readonly number[]) {
    this.series = Array.from({ length: Math.max(0, edges.length - 1) }, nothing);
  }

  /** Hits of one bucket that count as the same; without series the bucket is null. */
  addHits(bucket: number | null, sort: Counted, hits: number): void {
    for (const counts of this.#both(bucket)) {
      counts.hits += hits;
      counts[sort === 'look' ? 'opens' : sort] += hits;
    }
  }

  /**
   * Of looks that were added as hits: how many are repeats, and how many the first of their viewer in the
   * range and in the bucket.
   */
  addLooks(bucket: number | null, repeats: number, first: number, firstInBucket: number): void {
    for (const counts of this.#both(bucket)) {
      counts.opens -= repeats;
      counts.repeats += repeats;
    }
    this.totals.uniqueOpens += first;
    const [, own] = this.#both(bucket);
    if (own !== undefined) own.uniqueOpens += firstInBucket;
  }

  #both(bucket: number | null): readonly Mutable[] {
    const own = bucket === null ? undefined : this.series[bucket];
    return own === undefined ? [this.totals] : [this.totals, own];
  }
}

/** `groups`: how many there are, told or not; `named` and `sums` are of those that are told. */
export function statisticsOf(
  { totals, series }: Sums,
  groups: number,
  named: readonly Named[],
  sums: readonly Sums[],
): Statistics {
  const told = named.map((group, i) => {
    const own = sums[i];
    if (own === undefined) throw new RangeError('a group without sums');
    return { ...group, totals: own.totals, series: own.series };
  });
  return { totals, series, groups: told, groupsLeftOut: groups - told.length };
}

function nothing(): Mutable {
  return { hits: 0, opens: 0, repeats: 0, unverified: 0, machine: 0, ignored: 0, uniqueOpens: 0 };
}
