// Statistics in plain TypeScript, hit by hit: what every store's own way of counting many hits must come to
// (docs/counting.md).

import type { JudgedHit } from '../src/hit/event.ts';
import { isOwn } from '../src/hit/verdict.ts';
import type { Group, Statistics, StatisticsRequest } from '../src/store/statistics.ts';
import type { Counts } from '../src/store/store.ts';
import { COUNTED_AS, MICROS_PER_SECOND } from './counting.ts';
import { type CampaignOf, isSelected, valueOf } from './selection.ts';

interface Counted {
  readonly hit: JudgedHit;
  readonly as: 'opens' | 'repeats' | 'unverified' | 'machine' | 'ignored';
  /** Who is counted once: only of looks. */
  readonly unique: string | null;
}

export interface PixelWords {
  readonly campaign: string | null;
  readonly label: string | null;
}

/** Given all hits of a store, in any order. */
export function statisticsOf(
  hits: Iterable<JudgedHit>,
  pixels: (code: string) => PixelWords,
  request: StatisticsRequest,
): Statistics {
  const { selection, edges, split, groupsMax } = request;
  const campaignOf: CampaignOf = (code) => pixels(code).campaign;
  const chosen = counted(hits, request).filter(({ hit }) => isSelected(selection, hit, campaignOf));
  const buckets = edges.slice(0, -1).map((from, i) => ({ from, to: edges[i + 1] ?? from }));
  const summed = (all: readonly Counted[]): Pick<Group, 'totals' | 'series'> => ({
    totals: sumOf(all),
    series: buckets.map(({ from, to }) =>
      sumOf(all.filter(({ hit }) => hit.event.at >= from && hit.event.at < to)),
    ),
  });
  const groups =
    split === null ? [] : groupedBy((one) => valueOf(split, one.hit, campaignOf), chosen);
  return {
    ...summed(chosen),
    groups: groups.slice(0, groupsMax).map(([value, all]) => ({
      value,
      ...(split === 'pixel' ? { label: pixels(value ?? '').label } : {}),
      ...summed(all),
    })),
    groupsLeftOut: Math.max(0, groups.length - groupsMax),
  };
}

/** Every hit of the kind that is asked about, of whatever time: a repeat is one by the looks before it. */
function counted(hits: Iterable<JudgedHit>, request: StatisticsRequest): Counted[] {
  const { selection, repeatSeconds } = request;
  const lastLook = new Map<string, number>();
  return [...hits].toSorted(byTime).flatMap((hit): Counted[] => {
    const { event, judgement } = hit;
    if (event.kind !== selection.kind) return [];
    const as = isOwn(judgement.own) ? 'ignored' : COUNTED_AS[judgement.verdict.class];
    if (as !== 'look') return [{ hit, as, unique: null }];
    const place = event.kind === 'open' ? event.code : event.referrer;
    const looker = JSON.stringify([place, judgement.viewer]);
    const gap = event.at - (lastLook.get(looker) ?? -Infinity);
    lastLook.set(looker, event.at);
    const isRepeat = gap <= repeatSeconds * MICROS_PER_SECOND;
    const unique = event.kind === 'open' ? looker : judgement.viewer;
    return [{ hit, as: isRepeat ? 'repeats' : 'opens', unique }];
  });
}

/** Hits of one instant by their positions and segments. */
function byTime(a: JudgedHit, b: JudgedHit): number {
  return a.event.at - b.event.at || a.id.position - b.id.position || a.id.segment - b.id.segment;
}

function sumOf(all: readonly Counted[]): Counts {
  const sum = { opens: 0, repeats: 0, unverified: 0, machine: 0, ignored: 0 };
  for (const { as } of all) sum[as]++;
  const uniques = new Set(all.flatMap(({ unique }) => (unique === null ? [] : [unique])));
  return { hits: all.length, ...sum, uniqueOpens: uniques.size };
}

/** Largest first; of the same size in the order of their values' bytes, hits without a value last. */
function groupedBy(
  valueOfOne: (one: Counted) => string | null,
  all: readonly Counted[],
): [string | null, Counted[]][] {
  const groups = Map.groupBy(all, valueOfOne);
  return [...groups].toSorted(
    ([a, some], [b, others]) =>
      others.length - some.length ||
      (a === null ? 1 : 0) - (b === null ? 1 : 0) ||
      Buffer.compare(Buffer.from(a ?? ''), Buffer.from(b ?? '')),
  );
}
