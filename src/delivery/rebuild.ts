// Makes a store anew from what the journal and its archive still hold. The visit log has a progress of its
// own, which this leaves alone: nothing is written again, and what the log lacks is written once loading goes
// on.

import type { Cursors } from '../journal/journal.ts';
import type { Source, Store, TraceableStore } from '../store/store.ts';
import { gather, type Journal, type Stretch, type Trouble } from './gather.ts';
import type { Judging } from './judging.ts';
import { formatProgress } from './progress.ts';
import type { Retention } from './retention.ts';

export interface Rebuilt {
  readonly events: number;
  /**
   * Whether hits of several slots were judged slot by slot, and so not in the order of time: all are to be
   * judged anew then.
   */
  readonly outOfOrder: boolean;
  readonly troubles: readonly Trouble[];
}

/**
 * Hits of the old store that the new one has not, because the archive does not hold their segment any more.
 */
export interface Loss {
  /** By segment; `hits` counts those that would be lost. */
  readonly sources: readonly Source[];
  readonly pixels: number;
}

/** Told after each load: the events so far and the slot that is being read. */
export type OnRebuilt = (events: number, slot: string) => void;

/** Loads everything there is into `store`, which is new. Rejects with StoreError and errno errors. */
export async function rebuild(
  journal: Journal,
  judging: Judging,
  retention: Retention,
  store: Store,
  onLoad: OnRebuilt,
): Promise<Rebuilt> {
  const troubles: Trouble[] = [];
  let events = 0;
  let cursors: Cursors = new Map();
  const withHits = new Set<string>();
  // Slot by slot: an archived segment is decompressed once.
  for (const stretch of await everything(journal)) {
    for await (const part of gather(journal, cursors, [stretch], false)) {
      cursors = part.cursors;
      const progress = formatProgress(cursors);
      const hits = await judging.judge(retention.kept(part.hits), part.notes);
      await store.load({ hits, notes: part.notes, progress });
      troubles.push(...part.troubles);
      events += hits.length + part.notes.length;
      if (hits.length > 0) withHits.add(stretch.slot);
      onLoad(events, stretch.slot);
    }
  }
  return { events, outOfOrder: withHits.size > 1, troubles };
}

/** What a store would lose by giving way to one made anew. */
export async function lossOf(
  old: { readonly sources: readonly Source[]; readonly pixels: number },
  made: TraceableStore,
): Promise<Loss> {
  const key = ({ writer, segment }: Source): string => `${writer}-${segment}`;
  const now = new Map((await made.sources()).map((source) => [key(source), source.hits]));
  const sources = old.sources.flatMap((source) => {
    const hits = source.hits - (now.get(key(source)) ?? 0);
    return hits > 0 ? [{ ...source, hits }] : [];
  });
  const { pixels } = await made.totals();
  return { sources, pixels: Math.max(0, old.pixels - pixels) };
}

async function everything(journal: Journal): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (const slot of await journal.slots()) {
    const to = await journal.end(slot);
    if (to !== null) stretches.push({ slot, from: null, to });
  }
  return stretches;
}
