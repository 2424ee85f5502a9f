// The port to where events can be queried. An adapter is one file per vendor; test/contracts/store.ts is the
// suite that every adapter passes. A store is a projection of the journal: it can be thrown away and rebuilt.

import type { Hit, PixelMinted, Recorded } from '../hit/event.ts';

/** What one load commits, all of it or nothing. */
export interface Load {
  readonly hits: readonly Recorded<Hit>[];
  readonly pixels: readonly Recorded<PixelMinted>[];
  /**
   * How far the loader has come, in its own words: opaque to the store, kept in the same transaction as the
   * events, and given back by {@link Store.progress}. This is what makes loading exactly once.
   */
  readonly progress: string;
}

export interface Pixel {
  readonly code: string;
  /** Microseconds since 1970 (UTC). */
  readonly createdAt: number;
}

/** The newest hits of a pixel, or those before a place that an earlier page gave. */
export interface PixelHitsQuery {
  readonly code: string;
  readonly limit: number;
  /** A `next` of an earlier page; null for the newest. */
  readonly before: HitPlace | null;
}

/** A place in a pixel's hits, ordered by time and then id: stable while new hits arrive. */
export interface HitPlace {
  readonly at: number;
  /** formatEventId's text. */
  readonly id: string;
}

export interface HitPage {
  /** Oldest first. */
  readonly hits: readonly Recorded<Hit>[];
  /** Where the page before this one ends; null when there is none. */
  readonly next: HitPlace | null;
}

export interface StoreTotals {
  readonly pixels: number;
  readonly opens: number;
  readonly visits: number;
}

/** A store's failure. `retryable` says whether the same call can succeed later without anybody's help. */
export class StoreError extends Error {
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.retryable = retryable;
  }
}

export interface Store {
  /** The `progress` of the last load that committed; null for a new store. */
  progress(): Promise<string | null>;
  /** Commits one load durably. Loads are never concurrent. Throws {@link StoreError}. */
  load(load: Load): Promise<void>;
  pixel(code: string): Promise<Pixel | null>;
  /** How many opens a pixel has, every image request counted. */
  countOpens(code: string): Promise<number>;
  pixelHits(query: PixelHitsQuery): Promise<HitPage>;
  totals(): Promise<StoreTotals>;
  close(): Promise<void>;
}

/** The hits of a store that came from one segment of one journal writer. */
export interface Source {
  readonly writer: string;
  readonly segment: number;
  readonly hits: number;
  /** Microseconds since 1970 (UTC) of the earliest and of the latest hit. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A store that can tell where its hits came from, so that a rebuild can tell what it would lose. */
export interface TraceableStore extends Store {
  sources(): Promise<readonly Source[]>;
}
