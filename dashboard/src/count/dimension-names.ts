// What the dimensions are called, and their values where they are codes.

import type { Dimension } from '../api/answers.ts';
import { countryName } from '../words.ts';

interface DimensionName {
  readonly one: string;
  readonly many: string;
  /** Hits that have none. */
  readonly none: string;
}

export const DIMENSIONS: Readonly<Record<Dimension, DimensionName>> = {
  campaign: { one: 'Campaign', many: 'Campaigns', none: 'Without a campaign' },
  pixel: { one: 'Pixel', many: 'Pixels', none: 'No pixel' },
  class: { one: 'Verdict', many: 'Verdicts', none: 'No verdict' },
  client: { one: 'Client', many: 'Clients', none: 'Not named' },
  os: { one: 'System', many: 'Systems', none: 'Not known' },
  device: { one: 'Device', many: 'Devices', none: 'Not known' },
  country: { one: 'Country', many: 'Countries', none: 'Not known' },
  referrer: { one: 'Site', many: 'Sites', none: 'None said' },
  page: { one: 'Page', many: 'Pages', none: 'None said' },
};

const DEVICES: Readonly<Record<string, string>> = {
  desktop: 'Desktop',
  mobile: 'Mobile',
  tablet: 'Tablet',
  tv: 'TV',
  console: 'Console',
  watch: 'Watch',
};

/** What `value` of `dimension` is shown as. */
export function valueName(dimension: Dimension, value: string | null): string {
  if (value === null) return DIMENSIONS[dimension].none;
  if (dimension === 'country') return countryName(value);
  return dimension === 'device' ? (DEVICES[value] ?? value) : value;
}
