// Which hits a selection means, in plain TypeScript: what every store's own way of selecting must come to.

import type { JudgedHit } from '../src/hit/event.ts';
import type { Dimension, Selection } from '../src/store/selection.ts';

/** The campaign of a pixel by its code, as its properties say now. */
export type CampaignOf = (code: string) => string | null;

/** Null: the hit has none. An empty text is none. */
export function valueOf(
  dimension: Dimension,
  { event, judgement }: JudgedHit,
  campaignOf: CampaignOf,
): string | null {
  const { verdict } = judgement;
  const { code, referrer } = event;
  const values: Readonly<Record<Dimension, () => string | null>> = {
    campaign: () => (code === null ? null : campaignOf(code)),
    pixel: () => code,
    class: () => verdict.class,
    client: () => verdict.client,
    os: () => verdict.os,
    device: () => verdict.device,
    country: () => verdict.country,
    referrer: () => siteOf(referrer),
    page: () => referrer?.split(/[?#]/, 1)[0] ?? null,
  };
  return values[dimension]() || null;
}

/** Capitals of ASCII only become small: a host has no others. */
function siteOf(referrer: string | null): string | null {
  if (referrer === null || !referrer.includes('://')) return null;
  const rest = referrer.slice(referrer.indexOf('://') + 3);
  const site = rest.split(/[/?#]/, 1)[0] ?? '';
  return site.replaceAll(/[A-Z]/g, (capital) => capital.toLowerCase());
}

export function isSelected(selection: Selection, hit: JudgedHit, campaignOf: CampaignOf): boolean {
  const { kind, from, to, where } = selection;
  const { event } = hit;
  if (kind !== null && event.kind !== kind) return false;
  if (event.at < (from ?? -Infinity) || event.at >= (to ?? Infinity)) return false;
  return Object.entries(where).every(([dimension, values]) =>
    values.includes(valueOf(dimension as Dimension, hit, campaignOf)),
  );
}
