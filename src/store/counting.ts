// What a hit counts as by the class of its verdict: the one table behind every adapter's counts
// (docs/counting.md).

import { CLASS_OF_REASON, type VerdictClass } from '../hit/verdict.ts';

/** A look is an open, or a repeat of one. */
export type Counted = 'look' | 'unverified' | 'machine' | 'ignored';

const COUNTED_AS: Readonly<Record<VerdictClass, Counted>> = {
  'human-mail': 'look',
  'human-browser': 'look',
  'gmail-proxy': 'look',
  'yahoo-proxy': 'look',
  'other-proxy': 'look',
  'apple-mpp': 'unverified',
  prefetch: 'machine',
  'security-scanner': 'machine',
  'link-preview': 'ignored',
  crawler: 'ignored',
  'http-library': 'ignored',
  unknown: 'ignored',
};

/** The classes that count as one of them. */
export function classesCountedAs(counted: Counted): readonly VerdictClass[] {
  const classes = new Set(Object.values(CLASS_OF_REASON));
  return [...classes].filter((one) => COUNTED_AS[one] === counted);
}
