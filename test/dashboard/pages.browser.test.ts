// Every page of the dashboard with a history on it, light and dark, on a desk and on a phone: pictures for
// people to look at, and what can be checked without eyes.

import { after, before, suite, test } from 'node:test';
import { browserMissing } from '../browser.ts';
import { inspect } from './inspection.ts';
import { type Dashboard, openDashboard, PHONE, WIDE } from './rig.ts';
import type { Landmarks } from './story.ts';

/** Name of the picture, and the address. */
type Row = readonly [string, (marks: Landmarks) => string];

const PAGES: readonly Row[] = [
  ['overview', () => '/'],
  ['pixels', () => '/pixels'],
  ['pixel', ({ rich }) => `/pixels/${rich}`],
  ['visits', () => '/visits'],
  ['campaigns', () => '/campaigns'],
  ['live', () => '/live'],
  ['tokens', () => '/tokens'],
];

/** Of the same pages, what looks otherwise: both themes and both widths once are enough. */
const VARIANTS: readonly Row[] = [
  ['overview-week-elsewhere', () => '/?range=7d&tz=America%2FNew_York'],
  ['pixels-narrowed', () => '/pixels?search=lind&opened=yes&sort=recipient&order=asc'],
  ['pixels-none', () => '/pixels?search=nobody-has-this'],
  ['pixel-hostile', ({ hostile }) => `/pixels/${hostile}`],
  ['pixel-untouched', ({ untouched }) => `/pixels/${untouched}`],
  ['pixel-aggregate', ({ aggregate }) => `/pixels/${aggregate}`],
  ['pixel-unknown', () => '/pixels/ZZZZZZZZZZZZZZZZ'],
];

const LOOKS = [
  { theme: 'light', size: WIDE },
  { theme: 'dark', size: PHONE },
  { theme: 'light', size: PHONE },
  { theme: 'dark', size: WIDE },
] as const;

suite('every page', { skip: browserMissing, timeout: 600_000 }, () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard?.close());

  const looked = (rows: readonly Row[], looks: readonly (typeof LOOKS)[number][]): void => {
    for (const [name, path] of rows) {
      for (const { theme, size } of looks) {
        test(`${name}, ${theme}, ${size.width} wide, is sound`, async () => {
          const refusals = name === 'pixel-unknown' ? [404] : [];
          const view = await dashboard.open(path(dashboard.landmarks), { theme, size, refusals });
          try {
            await inspect(view, `${name}-${theme}-${size.width}`);
          } finally {
            await view.close();
          }
        });
      }
    }
  };
  looked(PAGES, LOOKS);
  looked(VARIANTS, LOOKS.slice(0, 2));
});
