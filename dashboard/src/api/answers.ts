// The shapes of the server's answers, from the types that are made of the API's own document; what opens and
// visits have in common is said once, over whichever counts there are.

import type { Counts, Operations, Session } from '../../../client/api.d.ts';

export type Scope = Session['scopes'][number];
/** Every hit is in one of opens, repeats, unverified, machine and ignored; `unique_opens` stands beside. */
export type OpenCounts = Counts;

type OpenStatistics = Operations['countOpens']['answer'];

export type Dimension = NonNullable<OpenStatistics['split']>;

export type Point<Each> = Each & { readonly start: string };

export interface Group<Each> {
  readonly value: string | null;
  /** Of a pixel. */
  readonly label?: string | null;
  readonly totals: Each;
  readonly series: readonly Point<Each>[];
}

type OfNoKind = Omit<OpenStatistics, 'totals' | 'series' | 'groups'>;

export interface Statistics<Each> extends OfNoKind {
  readonly totals: Each;
  readonly series: readonly Point<Each>[];
  readonly groups: readonly Group<Each>[];
}
