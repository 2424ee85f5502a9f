// Hits and statistics requests for tests that hold a store against the reference: few values of everything,
// so that hits are repeats of each other, come in one instant, and fall on the edges of buckets.

import fc from 'fast-check';
import type { HitKind, JudgedHit } from '../src/hit/event.ts';
import { CLASS_OF_REASON, type OwnSign, type Reason } from '../src/hit/verdict.ts';
import type { Dimension } from '../src/store/selection.ts';
import type { StatisticsRequest } from '../src/store/statistics.ts';
import { BEGINNING } from './contracts/store-events.ts';

const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;
/** The first whole hour after the beginning; hits are of the first {@link SPAN_HOURS} of it. */
export const FIRST_HOUR = BEGINNING - 1 + HOUR;
const SPAN_HOURS = 72;

const REASONS = Object.keys(CLASS_OF_REASON) as Reason[];
const OWN_SIGNS: OwnSign[] = ['address', 'browser', 'claimed', 'disclaimed'];
export const CODES = ['code-a', 'code-b', 'code-c', 'code-d'];
export const CAMPAIGNS = ['spring', 'Größe', null];
const WRITERS = ['00000000000000aa', '0000000000000001', 'f000000000000000'];
const CLIENTS = ['Chrome', 'Gmail', 'Thunderbird', null];
const COUNTRIES = ['DE', 'FR', null];
const DEVICES = ['desktop', 'mobile', null] as const;
const REFERRERS = [
  null,
  '',
  'https://Site.example/a?b#c',
  'https://site.example/a#?',
  'https://SITE.example:8080',
  'android-app://com.example.mail/',
  '://',
  'no url ://x\ny/',
  "it's/%/_?",
  'https://ÄÖ.example/🙂/İ',
];

const time: fc.Arbitrary<number> = fc.oneof(
  fc.nat(SPAN_HOURS * HOUR).map((micros) => FIRST_HOUR + micros),
  fc.nat(SPAN_HOURS).map((hours) => FIRST_HOUR + hours * HOUR),
  fc.nat(SPAN_HOURS).map((hours) => FIRST_HOUR + hours * HOUR - 1),
  // Close together: repeats.
  fc.nat(300).map((tenths) => FIRST_HOUR + (tenths * SECOND) / 10),
  fc.nat(30).map((seconds) => FIRST_HOUR + 24 * HOUR + seconds * SECOND),
);

let position = 0;

export const anyHit: fc.Arbitrary<JudgedHit> = fc
  .record({
    at: time,
    kind: fc.constantFrom<HitKind>('open', 'open', 'visit'),
    code: fc.constantFrom(...CODES),
    referrer: fc.constantFrom(...REFERRERS),
    writer: fc.constantFrom(...WRITERS),
    segment: fc.constantFrom(9, 10),
    address: fc.constantFrom('192.0.2.1', '2001:db8::1'),
    reason: fc.constantFrom(
      ...REASONS,
      ...Array.from({ length: 20 }, () => 'browser-agent' as const),
      'gmail-proxy-token' as const,
    ),
    own: fc.constantFrom(null, null, null, null, null, null, ...OWN_SIGNS),
    viewer: fc.constantFrom('a', 'b', 'c').map((letter) => letter.repeat(16)),
    client: fc.constantFrom(...CLIENTS),
    os: fc.constantFrom('Windows', null),
    device: fc.constantFrom(...DEVICES),
    country: fc.constantFrom(...COUNTRIES),
  })
  .map(({ at, kind, code, referrer, writer, segment, address, own, viewer, ...judged }) => {
    const verdict = { class: CLASS_OF_REASON[judged.reason], ...judged };
    return {
      id: { writer, segment, position: (position += 100) },
      event: {
        kind,
        at,
        code: kind === 'open' ? code : null,
        address,
        referrer,
        agent: null,
        purpose: null,
      },
      judgement: { verdict, own, viewer },
    };
  });

const VALUES: Readonly<Record<Dimension, readonly (string | null)[]>> = {
  campaign: [...CAMPAIGNS, 'nobody’s'],
  pixel: [...CODES, 'no code', null],
  class: ['human-browser', 'gmail-proxy', 'unknown', 'crawler'],
  client: CLIENTS,
  os: ['Windows', null],
  device: DEVICES,
  country: [...COUNTRIES, 'XX'],
  referrer: [
    'site.example',
    'site.example:8080',
    'com.example.mail',
    'x\ny',
    'ÄÖ.example',
    'SITE.example',
    null,
  ],
  page: ['https://Site.example/a', 'https://site.example/a', "it's/%/_", '://', null],
};
const OF_OPENS = new Set<Dimension>(['campaign', 'pixel']);
const DIMENSIONS = Object.keys(VALUES) as Dimension[];
const OF_VISITS = DIMENSIONS.filter((dimension) => !OF_OPENS.has(dimension));

/** Edges on hours, unequal ones, and some that are on no whole second. */
const edges: fc.Arbitrary<readonly number[]> = fc
  .record({
    first: fc.integer({ min: -2, max: SPAN_HOURS }),
    odd: fc.constantFrom(0, 0, 0, 1, 17 * SECOND + 3),
    steps: fc.array(fc.constantFrom(1, 1, 1, 23, 24, 24, 25), { minLength: 1, maxLength: 30 }),
  })
  .map(({ first, odd, steps }) => {
    let hours = first;
    return [first, ...steps.map((step) => (hours += step))].map((hour, i) => {
      // The first and the last edge are those of a range, which may be anything.
      const isCut = i === 0 || i === steps.length;
      return FIRST_HOUR + hour * HOUR + (isCut ? odd : 0);
    });
  });

export function anyRequest(
  filtered: fc.Arbitrary<boolean> = fc.constantFrom(true, true, false),
): fc.Arbitrary<StatisticsRequest> {
  return fc
    .record({
      kind: fc.constantFrom<HitKind>('open', 'open', 'visit'),
      edges,
      range: fc.constantFrom('series', 'series', 'totals', 'open'),
      filtered,
      split: fc.option(fc.constantFrom(...DIMENSIONS)),
      groupsMax: fc.constantFrom(1, 2, 3, 100),
      repeatSeconds: fc.constantFrom(10, 10, 10, 0, 0.5, 4_000),
      dimensions: fc.uniqueArray(fc.constantFrom(...DIMENSIONS), { minLength: 1, maxLength: 3 }),
      values: fc.infiniteStream(fc.nat()),
    })
    .map(({ kind, range, filtered: isFiltered, dimensions, values, split, ...others }) => {
      const possible = kind === 'open' ? DIMENSIONS : OF_VISITS;
      const from = others.edges[0] ?? 0;
      const where: Partial<Record<Dimension, readonly (string | null)[]>> = {};
      for (const dimension of isFiltered ? dimensions : []) {
        if (!possible.includes(dimension)) continue;
        const all = VALUES[dimension];
        const count = 1 + ((values.next().value ?? 0) % 2);
        const chosen = Array.from(
          { length: count },
          () => all[(values.next().value ?? 0) % all.length] ?? null,
        );
        where[dimension] = [...new Set(chosen)];
      }
      return {
        repeatSeconds: others.repeatSeconds,
        groupsMax: others.groupsMax,
        edges: range === 'series' ? others.edges : [],
        split: split !== null && possible.includes(split) ? split : null,
        selection: {
          kind,
          from: range === 'open' ? null : from,
          to: range === 'open' ? null : (others.edges.at(-1) ?? from),
          where,
        },
      };
    });
}
