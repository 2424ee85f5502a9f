// The port to where events can be queried. An adapter is one file per vendor; test/contracts/store.ts is
// the suite that every adapter passes. A store is a projection of the journal: it can be thrown away and
// rebuilt.
//
// Loading is exactly once in one of two ways. A store with transactions commits events and progress
// together. One without them makes the events durable and visible first and the progress after them, and
// takes an event that it has already as no event at all: what a crash in between leaves is completed by
// the same load, done again.

import type { PixelMode } from '../config/config.ts';
import type { JudgedHit, Note, PixelProperties, Recorded } from '../hit/event.ts';
import type { Selection } from './selection.ts';
import type { CampaignPage, CampaignsQuery, PixelPage, PixelsQuery } from './listing.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';

/** What one load commits: all of it or nothing, or events without the progress. */
export interface Load {
  readonly hits: readonly JudgedHit[];
  /** In the order of the journal; of several journals, in any. */
  readonly notes: readonly Recorded<Note>[];
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
  /**
   * What was said last of each property (by the time of the event), in whichever order it was loaded;
   * what nobody said, or was taken back, is left out.
   */
  readonly properties: PixelProperties;
}

/** How the hits of one pixel are counted (docs/counting.md); each hit is in exactly one of the others. */
export interface Counts {
  readonly hits: number;
  readonly opens: number;
  /** Looks of the same viewer within the window after the look before. */
  readonly repeats: number;
  readonly unverified: number;
  readonly machine: number;
  readonly ignored: number;
  /** Viewers among those who opened: `opens` of several is one. Not one of the sum. */
  readonly uniqueOpens: number;
}

/** The newest hits of a pixel, or those before a place that an earlier page gave. */
export interface PixelHitsQuery {
  readonly code: string;
  readonly limit: number;
  /** A `next` of an earlier page; null for the newest. */
  readonly before: HitPlace | null;
}

/** Selected hits, of all pixels and without one, from the end that the order begins with. */
export interface HitsQuery {
  readonly selection: Selection;
  readonly order: 'newest' | 'oldest';
  /** A `next` of an earlier page; null for the end that the order begins with. */
  readonly place: HitPlace | null;
  readonly limit: number;
}

/** A place in hits, ordered by time and then id: stable while new hits arrive. */
export interface HitPlace {
  readonly at: number;
  /** formatEventId's text. */
  readonly id: string;
}

export interface HitPage {
  /** In the order that was asked for; of `pixelHits` oldest first. */
  readonly hits: readonly JudgedHit[];
  /** Where the next page goes on; null when there is none. */
  readonly next: HitPlace | null;
}

/** What people know a pixel by, as its properties say now. */
export interface PixelNames {
  readonly label: string | null;
  readonly campaign: string | null;
}

export interface Modes {
  readonly pixels: ReadonlyMap<string, PixelMode>;
  readonly erased: readonly string[];
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
   * Commits one load; reads that begin afterwards see it. Events of erased pixels are left out. A hit that
   * somebody claimed has their word as its own sign, whichever of the two is loaded first. Loading a note
   * again changes nothing. Loads are never concurrent. Throws {@link StoreError}; then the load may have
   * happened all the same.
   */
  load(load: Load): Promise<void>;
  /**
   * The ids (formatEventId's text) of those events that are in the store already, so that loading them
   * again would double them: hits by their id, minted pixels by their code. Other notes are never known.
   * Whole events are asked for, as their time and code say where in the store to look.
   */
  known(events: readonly Recorded[]): Promise<ReadonlySet<string>>;
  /**
   * Takes a pixel, all of its hits and every later one out of all answers, for good: a restart, a
   * repeated load and a rebuild do not bring them back. When their bytes leave the disk is each adapter's
   * own (docs/decisions). Erasing again, or a code that nobody minted, is no error. After a failure it is
   * to be called again.
   */
  erasePixel(code: string): Promise<void>;
  /**
   * Takes the hits of an address (in canonical form) out of all answers; later ones are kept. How many. Of
   * an empty one, which is that of hits whose address is not kept, none.
   */
  eraseAddress(address: string): Promise<number>;
  /** Takes the hits before a time (microseconds) out of all answers, pixels stay. About how many. */
  expireHits(before: number): Promise<number>;
  /** The codes of the pixels that were minted for a recipient, as their properties say now. */
  pixelsOf(recipient: string): Promise<readonly string[]>;
  /**
   * Pixels with a mode of their own, and the digests (erased.ts) of erased ones: what collectors must know.
   */
  modes(): Promise<Modes>;
  /** When the mails of these pixels were sent (microseconds); pixels of which nobody said so are left out. */
  sentTimes(codes: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What these pixels are called; those with neither label nor campaign are left out. */
  names(codes: readonly string[]): Promise<ReadonlyMap<string, PixelNames>>;
  /** Null until it is minted, though what was said of it before holds for the answers above. */
  pixel(code: string): Promise<Pixel | null>;
  /** Those of the codes that were minted, by code. */
  pixelsByCode(codes: readonly string[]): Promise<ReadonlyMap<string, Pixel>>;
  /** Which of the codes were erased, so that they must not be minted again. */
  erasedOf(codes: readonly string[]): Promise<ReadonlySet<string>>;
  pixels(query: PixelsQuery): Promise<PixelPage>;
  campaigns(query: CampaignsQuery): Promise<CampaignPage>;
  /** How many opens a pixel has, every image request counted. */
  countOpens(code: string): Promise<number>;
  /** A look that follows another of the same viewer within `repeatSeconds` is a repeat. */
  counts(code: string, repeatSeconds: number): Promise<Counts>;
  /** Of many hits (docs/counting.md). The signal ends it early, where the store can do that. */
  statistics(request: StatisticsRequest, signal?: AbortSignal): Promise<Statistics>;
  pixelHits(query: PixelHitsQuery): Promise<HitPage>;
  /**
   * A page of the selected hits, ordered by time and then id. Following `next` gives each of them exactly
   * once, also while others arrive, which are given when they come behind the place.
   */
  hits(query: HitsQuery): Promise<HitPage>;
  /** The hit of a pixel that has this id (formatEventId's text); null when there is none. */
  hit(code: string, id: string): Promise<JudgedHit | null>;
  totals(): Promise<StoreTotals>;
  /**
   * Gives these hits the judgement that comes with them; claims stay. Hits that are not in the store (any
   * more) are passed over.
   */
  rejudge(hits: readonly JudgedHit[]): Promise<void>;
  /** Whether there is a hit that nobody judged yet (NOT_JUDGED): an older program stored it. */
  hasUnjudged(): Promise<boolean>;
  /**
   * Takes the bytes of what was erased before off the disk as well: a store that can do it at once has
   * this. Loads and reads may go on, and are never lost. Not to be called twice at once. The signal ends it;
   * that and any other failure ({@link StoreError}) leaves the store as it was.
   */
  compact?(signal: AbortSignal): Promise<void>;
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
