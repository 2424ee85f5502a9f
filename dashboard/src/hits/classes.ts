// What the classes of hits are called, and as what each counts (docs/counting.md).

import type { OwnSign, VerdictClass } from '../pixels/answers.ts';

/** `opens`: looks, which are opens and repeats together. */
export type Standing = 'opens' | 'unverified' | 'machine' | 'ignored';

const CLASSES: Readonly<Record<VerdictClass, readonly [name: string, Standing]>> = {
  'human-mail': ['Mail program', 'opens'],
  'human-browser': ['Browser', 'opens'],
  'gmail-proxy': ['Gmail', 'opens'],
  'yahoo-proxy': ['Yahoo Mail', 'opens'],
  'other-proxy': ['Mail provider', 'opens'],
  'apple-mpp': ['Apple privacy relay', 'unverified'],
  prefetch: ['Prefetch', 'machine'],
  'security-scanner': ['Security scanner', 'machine'],
  'link-preview': ['Link preview', 'ignored'],
  crawler: ['Crawler', 'ignored'],
  'http-library': ['Script', 'ignored'],
  unknown: ['Unknown', 'ignored'],
};

export const className = (verdictClass: VerdictClass): string => CLASSES[verdictClass][0];

interface Counted {
  readonly class: VerdictClass;
  readonly own: OwnSign | null;
}

export const isOwn = (own: OwnSign | null): boolean => own !== null && own !== 'disclaimed';

export const standingOf = ({ class: verdictClass, own }: Counted): Standing =>
  isOwn(own) ? 'ignored' : CLASSES[verdictClass][1];

/** In a word or two, for a hit of this kind. */
export function standingWords(standing: Standing, kind: 'open' | 'visit'): string {
  const words: Readonly<Record<Standing, string>> = {
    opens: kind === 'open' ? 'Open' : 'Visit',
    unverified: 'Unverified',
    machine: 'Machine',
    ignored: 'Ignored',
  };
  return words[standing];
}
