// Lists of pixels and of campaigns, as data: which ones, in which order, and from which place on. Each store
// puts this into its own language.
//
// Texts are ordered by the bytes of their UTF-8, and whatever has no value stands last in either direction.
// Two of the same value are ordered by their codes, so that a place is one for good: a page begins where the
// one before it ended, whatever is minted meanwhile.

import type { PixelMode } from '../config/config.ts';
import type { Counts, Pixel } from './store.ts';

/** Every condition that is given holds. */
export interface PixelFilter {
  /** Part of the code, label, campaign or recipient, upper and lower case alike. */
  readonly search?: string;
  /** Null: without one, or with an empty one. */
  readonly campaign?: string | null;
  readonly recipient?: string | null;
  /** The pixel's own is one of these; null: it has none. */
  readonly modes?: readonly (PixelMode | null)[];
  /** Whether there was a look at it (docs/counting.md). */
  readonly opened?: boolean;
  /** Microseconds since 1970 (UTC), inclusive. */
  readonly createdFrom?: number;
  /** Exclusive. */
  readonly createdTo?: number;
}

export type PixelSort = 'createdAt' | 'sentAt' | 'label' | 'recipient' | 'campaign';

export interface PixelsQuery {
  readonly filter: PixelFilter;
  readonly sort: PixelSort;
  readonly order: 'ascending' | 'descending';
  /** A `next` of an earlier page of the same list; null: from the beginning. */
  readonly place: PixelPlace | null;
  readonly limit: number;
  /** See Store.counts. */
  readonly repeatSeconds: number;
}

/** Behind the pixel with this code, which had this value of what the list is sorted by. */
export interface PixelPlace {
  readonly value: string | number | null;
  readonly code: string;
}

export interface ListedPixel {
  readonly pixel: Pixel;
  readonly counts: Counts;
  /** Of its last hit, whatever made it (microseconds); null: there was none. */
  readonly lastHitAt: number | null;
}

export interface PixelPage {
  readonly pixels: readonly ListedPixel[];
  /** Null when there are no more. */
  readonly next: PixelPlace | null;
  /** How many pixels match, on all pages. */
  readonly total: number;
}

export interface CampaignsQuery {
  /** Part of its name, upper and lower case alike; null: any, and the pixels without one. */
  readonly search: string | null;
  /** The hits that count: from when, and before when (microseconds). Null: no bound. */
  readonly from: number | null;
  readonly to: number | null;
  readonly place: CampaignPlace | null;
  readonly limit: number;
  /** See Store.counts. */
  readonly repeatSeconds: number;
}

/**
 * Behind this campaign in the order that the list had when it was begun: one that gets a pixel meanwhile
 * would otherwise change its place.
 */
export interface CampaignPlace {
  /** Microseconds: the newest pixel's minting at that time. */
  readonly asOf: number;
  /** When the campaign's newest pixel of then was minted. */
  readonly lastCreatedAt: number;
  readonly campaign: string | null;
}

/**
 * The pixels that have one campaign in common, as their properties say now; null: that have none, or an
 * empty one.
 */
export interface Campaign {
  readonly campaign: string | null;
  readonly pixels: number;
  /** Of these, how many somebody looked at. */
  readonly pixelsOpened: number;
  readonly firstCreatedAt: number;
  readonly lastCreatedAt: number;
  /** What Store.statistics gives, split by campaign. */
  readonly counts: Counts;
}

/** Those with the newest pixels first; of the same time in the order of their names, null last. */
export interface CampaignPage {
  readonly campaigns: readonly Campaign[];
  readonly next: CampaignPlace | null;
}

/** What a list is sorted by. */
export function sortValue({ createdAt, properties }: Pixel, sort: PixelSort): PixelPlace['value'] {
  return sort === 'createdAt' ? createdAt : (properties[sort] ?? null);
}

export const NO_COUNTS: Counts = {
  hits: 0,
  opens: 0,
  repeats: 0,
  unverified: 0,
  machine: 0,
  ignored: 0,
  uniqueOpens: 0,
};
