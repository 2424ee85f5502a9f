// What the counts are called and what they mean, in the words of docs/counting.md. They stand side by
// side and are never added up to one figure.

import type { CountsOf, Kind } from '../api/statistics.ts';
import type { Look } from '../chart/swatch.tsx';

export type CountId = 'looks' | 'unique' | 'unverified' | 'machine' | 'repeats' | 'ignored';

export interface CountName {
  readonly id: CountId;
  readonly look: Look;
  readonly name: Readonly<Record<Kind, string>>;
  /** A few words under the figure. */
  readonly brief: Readonly<Record<Kind, string>>;
  readonly meaning: string;
}

const both = (words: string): Readonly<Record<Kind, string>> => ({ opens: words, visits: words });

export const COUNT_NAMES: readonly CountName[] = [
  {
    id: 'looks',
    look: { colour: 'opens', pattern: 'full' },
    name: { opens: 'Opens', visits: 'Visits' },
    brief: { opens: 'somebody looked', visits: 'somebody saw a page' },
    meaning:
      'Looks by somebody’s mail program or browser, or by a mail provider’s proxy that fetches when ' +
      'somebody looks. Looks of the same viewer within a few seconds count once.',
  },
  {
    id: 'unique',
    look: { colour: 'unique', pattern: 'ring' },
    name: { opens: 'Unique', visits: 'Unique' },
    brief: both('different viewers'),
    meaning:
      'Different viewers among those looks: same address and same program is one. A provider’s proxy ' +
      'is one viewer of a pixel however many people read there, so of a pixel that many share it ' +
      'says “at least”.',
  },
  {
    id: 'unverified',
    look: { colour: 'unverified', pattern: 'stripes' },
    name: both('Unverified'),
    brief: both('read or not, nobody can tell'),
    meaning:
      'Fetched by Apple Mail’s privacy protection, which fetches every image whether or not anybody ' +
      'reads the mail. It is shown beside the opens and never counted among them.',
  },
  {
    id: 'machine',
    look: { colour: 'machine', pattern: 'dots' },
    name: both('Machine'),
    brief: both('scanners and prefetches'),
    meaning: 'Security scanners and prefetches: certainly nobody who reads.',
  },
  {
    id: 'repeats',
    look: { colour: 'repeats', pattern: 'ring' },
    name: both('Repeats'),
    brief: both('the same look once more'),
    meaning: 'Looks of the same viewer within seconds of the look before: part of that one.',
  },
  {
    id: 'ignored',
    look: { colour: 'ignored', pattern: 'stripes' },
    name: both('Ignored'),
    brief: both('your own, previews, crawlers'),
    meaning:
      'Your own looks, link previews, crawlers, programs, and what says nothing of itself. Kept, and ' +
      'not counted.',
  },
];

/** The four that are shown over time. */
export const MAIN_COUNTS = COUNT_NAMES.slice(0, 4);
export const SIDE_COUNTS = COUNT_NAMES.slice(4);

type Counts = Partial<CountsOf<'opens'> & CountsOf<'visits'>>;

/** The figure of `id` in counts of opens or of visits. */
export function countOf(counts: Counts, id: CountId): number {
  if (id === 'looks') return counts.opens ?? counts.visits ?? 0;
  if (id === 'unique') return counts.unique_opens ?? counts.unique_visits ?? 0;
  return counts[id] ?? 0;
}
