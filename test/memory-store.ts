// A Store in memory, for tests of what stands on the port. It is honest (ordered, deduplicated, paged as the
// port says) and can be told to fail.

import { type EventId, formatEventId, type Hit, type Recorded } from '../src/hit/event.ts';
import type {
  HitPage,
  Load,
  Pixel,
  PixelHitsQuery,
  Store,
  StoreTotals,
} from '../src/store/store.ts';

export class MemoryStore implements Store {
  readonly #hits = new Map<string, Recorded<Hit>>();
  readonly #pixels = new Map<string, Pixel>();
  readonly #erased = new Set<string | null>();
  #progress: string | null = null;
  /** When set, every call rejects with it. */
  failure: Error | null = null;

  async progress(): Promise<string | null> {
    this.#mayFail();
    return this.#progress;
  }

  async load(load: Load): Promise<void> {
    this.#mayFail();
    for (const hit of load.hits) {
      if (!this.#erased.has(hit.event.code)) this.#hits.set(formatEventId(hit.id), hit);
    }
    for (const { event } of load.pixels) {
      if (this.#erased.has(event.code)) continue;
      const known = this.#pixels.get(event.code);
      const createdAt = Math.min(known?.createdAt ?? Infinity, event.at);
      this.#pixels.set(event.code, { code: event.code, createdAt });
    }
    this.#progress = load.progress;
  }

  async known(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    this.#mayFail();
    const known = events.filter(({ id, event }) =>
      event.kind === 'pixel-minted'
        ? (this.#pixels.get(event.code)?.createdAt ?? Infinity) <= event.at
        : this.#hits.has(formatEventId(id)),
    );
    return new Set(known.map(({ id }) => formatEventId(id)));
  }

  async erasePixel(code: string): Promise<void> {
    this.#mayFail();
    this.#erased.add(code);
    this.#pixels.delete(code);
    for (const [id, { event }] of this.#hits) if (event.code === code) this.#hits.delete(id);
  }

  async pixel(code: string): Promise<Pixel | null> {
    this.#mayFail();
    return this.#pixels.get(code) ?? null;
  }

  async countOpens(code: string): Promise<number> {
    this.#mayFail();
    return this.#opens(code).length;
  }

  async pixelHits({ code, limit, before }: PixelHitsQuery): Promise<HitPage> {
    this.#mayFail();
    const older = this.#opens(code).filter(
      ({ id, event }) =>
        before === null ||
        event.at < before.at ||
        (event.at === before.at && formatEventId(id) !== before.id && !isAfter(id, before.id)),
    );
    const hits = older.slice(-limit);
    const [first] = hits;
    const isLast = first === undefined || hits.length === older.length;
    return { hits, next: isLast ? null : { at: first.event.at, id: formatEventId(first.id) } };
  }

  async totals(): Promise<StoreTotals> {
    this.#mayFail();
    const opens = [...this.#hits.values()].filter(({ event }) => event.kind === 'open').length;
    return { pixels: this.#pixels.size, opens, visits: this.#hits.size - opens };
  }

  async close(): Promise<void> {}

  /** Oldest first. */
  #opens(code: string): Recorded<Hit>[] {
    return [...this.#hits.values()]
      .filter(({ event }) => event.kind === 'open' && event.code === code)
      .toSorted((a, b) => a.event.at - b.event.at || (isAfter(a.id, formatEventId(b.id)) ? 1 : -1));
  }

  #mayFail(): void {
    if (this.failure !== null) throw this.failure;
  }
}

/** Ids are ordered by writer, then segment, then position. */
function isAfter(id: EventId, other: string): boolean {
  const [writer = '', segment, position] = other.split('-');
  if (id.writer !== writer) return id.writer > writer;
  return (id.segment - Number(segment) || id.position - Number(position)) > 0;
}
