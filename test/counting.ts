// How hits are counted, in plain TypeScript: what every store's own way of counting must come to.

import type { JudgedHit } from '../src/hit/event.ts';
import { isOwn, type VerdictClass } from '../src/hit/verdict.ts';
import type { Counts } from '../src/store/store.ts';

export const MICROS_PER_SECOND = 1e6;

/** Written here again, so that a store is not measured by its own table. */
export const COUNTED_AS: Readonly<
  Record<VerdictClass, 'look' | 'unverified' | 'machine' | 'ignored'>
> = {
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

/** The counts of one pixel, given all of its hits in any order. */
export function countHits(hits: readonly JudgedHit[], repeatSeconds: number): Counts {
  const counts = { opens: 0, repeats: 0, unverified: 0, machine: 0, ignored: 0 };
  const lastLook = new Map<string, number>();
  for (const { event, judgement } of hits.toSorted((a, b) => a.event.at - b.event.at)) {
    const { own, verdict, viewer } = judgement;
    const counted = isOwn(own) ? 'ignored' : COUNTED_AS[verdict.class];
    if (counted !== 'look') {
      counts[counted]++;
      continue;
    }
    const before = lastLook.get(viewer) ?? -Infinity;
    counts[event.at - before <= repeatSeconds * MICROS_PER_SECOND ? 'repeats' : 'opens']++;
    lastLook.set(viewer, event.at);
  }
  return { hits: hits.length, ...counts, uniqueOpens: lastLook.size };
}
