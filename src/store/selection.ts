// Which hits somebody asks about, as data: the same words for statistics, lists of hits and exports, which
// each store puts into its own language.

import type { HitKind } from '../hit/event.ts';

/** What hits are told apart by (docs/counting.md). Visits have neither campaign nor pixel. */
export type Dimension =
  | 'campaign'
  | 'pixel'
  | 'class'
  | 'client'
  | 'os'
  | 'device'
  | 'country'
  | 'referrer'
  | 'page';

/** Those of a hit itself, whatever it is a hit on. */
export const HIT_DIMENSIONS = [
  'class',
  'client',
  'os',
  'device',
  'country',
  'referrer',
  'page',
] as const satisfies readonly Dimension[];

/** Every condition that is given holds; of the values of a dimension, any; null: hits that have none. */
export interface Selection {
  readonly kind: HitKind | null;
  /** Microseconds since 1970 (UTC), inclusive; null: from the first. */
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
  readonly where: Readonly<Partial<Record<Dimension, readonly (string | null)[]>>>;
}

export const EVERY_HIT: Selection = { kind: null, from: null, to: null, where: {} };
