// Lists of pixels and of campaigns in plain TypeScript: what every store's own way of listing must come to.

import type { JudgedHit } from '../src/hit/event.ts';
import type {
  Campaign,
  CampaignPage,
  CampaignPlace,
  CampaignsQuery,
  ListedPixel,
  PixelFilter,
  PixelPage,
  PixelPlace,
  PixelSort,
  PixelsQuery,
} from '../src/store/listing.ts';
import type { Pixel } from '../src/store/store.ts';
import { countHits } from './counting.ts';

/** A pixel with all of its hits. */
export interface PixelWithHits {
  readonly pixel: Pixel;
  readonly hits: readonly JudgedHit[];
}

type Value = PixelPlace['value'];

export function listPixels(all: readonly PixelWithHits[], query: PixelsQuery): PixelPage {
  const { filter, sort, order, place, limit, repeatSeconds } = query;
  const matching = all.filter((one) => matches(one, filter));
  const wanted = matching
    .map(({ pixel, hits }) => ({ pixel, hits, place: placeOf(pixel, sort) }))
    .filter((one) => place === null || comparePlaces(place, one.place, order) < 0)
    .toSorted((a, b) => comparePlaces(a.place, b.place, order));
  const page = wanted.slice(0, limit);
  return {
    pixels: page.map(({ pixel, hits }): ListedPixel => {
      const lastHitAt = hits.length === 0 ? null : Math.max(...hits.map(({ event }) => event.at));
      return { pixel, counts: countHits(hits, repeatSeconds), lastHitAt };
    }),
    next: wanted.length > page.length ? (page.at(-1)?.place ?? null) : null,
    total: matching.length,
  };
}

function matches({ pixel, hits }: PixelWithHits, filter: PixelFilter): boolean {
  const { code, createdAt, properties } = pixel;
  const { search, campaign, recipient, modes, opened, createdFrom, createdTo } = filter;
  const texts = [code, properties.label, properties.campaign, properties.recipient];
  return (
    (search === undefined || texts.some((text) => holds(text ?? null, search))) &&
    is(properties.campaign, campaign) &&
    is(properties.recipient, recipient) &&
    (modes === undefined || modes.includes(properties.mode ?? null)) &&
    (opened === undefined || isLookedAt(hits) === opened) &&
    createdAt >= (createdFrom ?? 0) &&
    createdAt < (createdTo ?? Infinity)
  );
}

function is(text: string | null | undefined, asked: string | null | undefined): boolean {
  if (asked === undefined) return true;
  return asked === null ? !text : text === asked;
}

const holds = (text: string | null, search: string): boolean =>
  text !== null && text.toLowerCase().includes(search.toLowerCase());

const isLookedAt = (hits: readonly JudgedHit[]): boolean => countHits(hits, 0).uniqueOpens > 0;

function placeOf({ code, createdAt, properties }: Pixel, sort: PixelSort): PixelPlace {
  return { value: sort === 'createdAt' ? createdAt : (properties[sort] ?? null), code };
}

function comparePlaces(a: PixelPlace, b: PixelPlace, order: PixelsQuery['order']): number {
  if (a.value === null && b.value !== null) return 1;
  if (a.value !== null && b.value === null) return -1;
  const compared = compareValues(a.value, b.value) || compareTexts(a.code, b.code);
  return order === 'ascending' ? compared : -compared;
}

function compareValues(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareTexts(String(a), String(b));
}

const compareTexts = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Without the counts, which are those of the statistics. */
export function listCampaigns(
  all: readonly PixelWithHits[],
  query: CampaignsQuery,
): Omit<CampaignPage, 'campaigns'> & { readonly campaigns: readonly Omit<Campaign, 'counts'>[] } {
  const { search, place, limit } = query;
  const asOf = place?.asOf ?? Math.max(...all.map(({ pixel }) => pixel.createdAt));
  const wanted = [...Map.groupBy(all, ({ pixel }) => pixel.properties.campaign || null)]
    .filter(([campaign]) => search === null || holds(campaign, search))
    .map(([campaign, pixels]) => ({
      row: campaignOf(campaign, pixels, query),
      place: { asOf, campaign, lastCreatedAt: lastOf(pixels, asOf) },
    }))
    .filter((one) => one.place.lastCreatedAt !== -Infinity)
    .filter((one) => place === null || compareCampaigns(place, one.place) < 0)
    .toSorted((a, b) => compareCampaigns(a.place, b.place));
  const page = wanted.slice(0, limit);
  return {
    campaigns: page.map(({ row }) => row),
    next: wanted.length > page.length ? (page.at(-1)?.place ?? null) : null,
  };
}

function campaignOf(
  campaign: string | null,
  pixels: readonly PixelWithHits[],
  { from, to }: CampaignsQuery,
): Omit<Campaign, 'counts'> {
  const within = ({ event }: JudgedHit): boolean =>
    event.at >= (from ?? -Infinity) && event.at < (to ?? Infinity);
  return {
    campaign,
    pixels: pixels.length,
    pixelsOpened: pixels.filter(({ hits }) => isLookedAt(hits.filter(within))).length,
    firstCreatedAt: Math.min(...pixels.map(({ pixel }) => pixel.createdAt)),
    lastCreatedAt: lastOf(pixels, Infinity),
  };
}

const lastOf = (pixels: readonly PixelWithHits[], asOf: number): number =>
  Math.max(...pixels.map(({ pixel }) => pixel.createdAt).filter((at) => at <= asOf));

function compareCampaigns(a: CampaignPlace, b: CampaignPlace): number {
  if (a.lastCreatedAt !== b.lastCreatedAt) return b.lastCreatedAt - a.lastCreatedAt;
  if (a.campaign === null || b.campaign === null) {
    return Number(a.campaign === null) - Number(b.campaign === null);
  }
  return compareTexts(a.campaign, b.campaign);
}
