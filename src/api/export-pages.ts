// Where the rows of an export come from: page after page of the store, each read when the one before is with
// the client, so that nothing of the store is held while a client takes its time.

import { EXPORT_PAGE_HITS, EXPORT_PAGE_PIXELS } from '../limits.ts';
import type { ListedPixel, PixelFilter, PixelPlace } from '../store/listing.ts';
import type { Selection } from '../store/selection.ts';
import type { HitPlace, PixelNames, Store } from '../store/store.ts';
import type { NamedHit } from './export-columns.ts';

const NO_NAMES: PixelNames = { label: null, campaign: null };

/**
 * The selected hits, oldest first, up to the newest of now: whatever goes on arriving, it comes to an end.
 * Rejects with StoreError.
 */
export async function* hitPages(
  store: Pick<Store, 'hits' | 'names'>,
  selection: Selection,
): AsyncGenerator<readonly NamedHit[], void> {
  const newest = await store.hits({ selection, order: 'newest', place: null, limit: 1 });
  const [last] = newest.hits;
  if (last === undefined) return;
  const bounded = { ...selection, to: last.event.at + 1 };
  let place: HitPlace | null = null;
  do {
    const page: Awaited<ReturnType<Store['hits']>> = await store.hits({
      selection: bounded,
      order: 'oldest',
      place,
      limit: EXPORT_PAGE_HITS,
    });
    const codes = new Set(page.hits.flatMap(({ event }) => event.code ?? []));
    const names = codes.size === 0 ? null : await store.names([...codes]);
    yield page.hits.map((hit) => ({
      ...hit,
      names: names?.get(hit.event.code ?? '') ?? NO_NAMES,
    }));
    place = page.next;
  } while (place !== null);
}

/** The pixels that match, oldest first, with what they have of hits. Rejects with StoreError. */
export async function* pixelPages(
  store: Pick<Store, 'pixels'>,
  filter: PixelFilter,
  repeatSeconds: number,
): AsyncGenerator<readonly ListedPixel[], void> {
  let place: PixelPlace | null = null;
  do {
    const page: Awaited<ReturnType<Store['pixels']>> = await store.pixels({
      filter,
      sort: 'createdAt',
      order: 'ascending',
      place,
      limit: EXPORT_PAGE_PIXELS,
      repeatSeconds,
    });
    yield page.pixels;
    place = page.next;
  } while (place !== null);
}
