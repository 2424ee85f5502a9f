// The port to where events can be queried. An adapter is one file per vendor; test/contracts/store.ts is
// the suite that every adapter passes. A store is a projection of the journal: it can be thrown away and
// rebuilt.
//
// Loading is exactly once in one of two ways. A store with transactions commits events and progress
// together. One without them makes the events durable and visible first and the progress after them, and
// takes an event that it has already as no event at all: what a crash in between leaves is completed by
// the same load, done again.

import type { Hit, PixelMinted, Recorded } from '../hit/event.ts';

/** What one load commits: all of it or nothing, or events without the progress. */
export interface Load {
  readonly hits: readonly Recorded<Hit>[];
  readonly pixels: readonly Recorded<PixelMinted>[];
  /**
   * How far the loader has come, in its own words: opaque to the store, kept once the events are, never
   * before them, and given back by {@link Store.progress}. This is what makes loading exactly once.
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
  /**
   * Commits one load; reads that begin afterwards see it. Events of erased pixels are left out. Loads are
   * never concurrent. Throws {@link StoreError}; then the load may have happened all the same.
   */
  load(load: Load): Promise<void>;
  /**
   * The ids (formatEventId's text) of those events that are in the store already, so that loading them
   * again would double them: hits by their id, minted pixels by their code. Whole events are asked for,
   * as their time and code say where in the store to look.
   */
  known(events: readonly Recorded[]): Promise<ReadonlySet<string>>;
  /**
   * Takes a pixel, all of its hits and every later one out of all answers, for good: a restart, a
   * repeated load and a rebuild do not bring them back. When their bytes leave the disk is each adapter's
   * own (docs/decisions). Erasing again, or a code that nobody minted, is no error. After a failure it is
   * to be called again.
   */
  erasePixel(code: string): Promise<void>;
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
export interface TraceableStore extends Store, ErasureKeeper {
  sources(): Promise<readonly Source[]>;
}

/** How a store that takes another one's place learns which pixels were erased; as digests of erased.ts. */
export interface ErasureKeeper {
  erasures(): Promise<readonly string[]>;
  adoptErasures(digests: readonly string[]): Promise<void>;
}
