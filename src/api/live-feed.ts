// The newest hits in the order in which they came into the store, for whoever watches: the loader gives
// them, streams (live-stream.ts) take them at their own pace by number, and one that falls behind what is
// kept is told what it missed. While nobody watches, and nobody did a moment ago, nothing is kept or done.

import { randomInt } from 'node:crypto';
import type { JudgedHit } from '../hit/event.ts';
import { LIVE_HITS_MAX, LIVE_LINGER_MS } from '../limits.ts';
import type { ErasedCodes } from '../store/erased.ts';
import type { PixelNames, Store } from '../store/store.ts';
import { listedHitRow } from './hit-row.ts';
import { type Heard, Hearing } from './live-mark.ts';
import { Turns } from './turns.ts';

/** A hit with what is looked up for it once somebody is to see it. */
export interface LiveHit {
  readonly hit: JudgedHit;
  /** Undefined before it was looked up. */
  names: PixelNames | undefined;
  /** As an event's data. */
  data: string | null;
}

interface FeedParts {
  readonly store: Pick<Store, 'names'>;
  /** The store leaves out hits of these pixels; so are they here. */
  readonly erased: Pick<ErasedCodes, 'has'>;
  /** Whether each journal writer's hits come into the store in the order of their positions. */
  readonly inOrder: boolean;
}

const NO_NAMES: PixelNames = { label: null, campaign: null };

export const liveHit = (hit: JudgedHit): LiveHit => ({ hit, names: undefined, data: null });

export class LiveFeed {
  readonly #parts: FeedParts;
  readonly #listeners = new Set<() => void>();
  readonly #turns = new Turns();
  readonly #hearing = new Hearing();
  /** The hits from number `#first` on. */
  #hits: LiveHit[] = [];
  #first = 0;
  #session: string | null = null;
  #lingering: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Names this row of numbers; another one begins when hits were left out or forgotten. */
  get session(): string {
    return (this.#session ??= `${Date.now().toString(36)}${randomInt(36 ** 6).toString(36)}`);
  }

  /** The number of the first hit that is still here. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next hit gets. */
  get end(): number {
    return this.#first + this.#hits.length;
  }

  /** How far each writer's hits have come, of all that were here. */
  get heard(): Heard {
    return this.#hearing.heard;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get inOrder(): boolean {
    return this.#parts.inOrder;
  }

  at(number: number): LiveHit | null {
    return this.#hits[number - this.#first] ?? null;
  }

  /** Takes what is in the store from now on. Never waits, never throws. */
  take(hits: readonly JudgedHit[]): void {
    if (this.#session === null || hits.length === 0) return;
    const fitting = hits.slice(-LIVE_HITS_MAX);
    const end = this.end + hits.length;
    for (const hit of fitting) this.#hits.push(liveHit(hit));
    for (const { id } of hits) this.#hearing.hear(id);
    // Cut once in a while, so that a small load does not move all the others.
    const isLong = this.#hits.length > 2 * LIVE_HITS_MAX;
    if (isLong || fitting.length < hits.length) this.#hits = this.#hits.slice(-LIVE_HITS_MAX);
    this.#first = end - this.#hits.length;
    for (const wake of this.#listeners) wake();
  }

  /** Calls `wake` at each news until the returned function is called. */
  join(wake: () => void): () => void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    this.#listeners.add(wake);
    // Reading it begins it.
    void this.session;
    return () => {
      this.#listeners.delete(wake);
      if (this.#listeners.size > 0 || this.#closed) return;
      // Whoever comes back at once goes on where they were.
      this.#lingering = setTimeout(() => this.#rest(), LIVE_LINGER_MS);
      this.#lingering.unref();
    };
  }

  /** Something was erased: what is here could be of it. */
  forget(): void {
    this.#first = this.end;
    this.#hits = [];
    if (this.#session !== null) this.#session = null;
    if (this.#listeners.size > 0) void this.session;
  }

  /** Streams end, so that their clients come back to whoever serves them next. */
  close(): void {
    this.#closed = true;
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    for (const wake of this.#listeners) wake();
  }

  /** Looks up what the hits' pixels are called, for all streams at once. Rejects with StoreError. */
  describe(hits: readonly LiveHit[]): Promise<void> {
    return this.#turns.take('names', async () => {
      const unnamed = hits.filter(({ names }) => names === undefined);
      const codes = new Set(unnamed.flatMap(({ hit }) => hit.event.code ?? []));
      const names = codes.size === 0 ? null : await this.#parts.store.names([...codes]);
      for (const live of unnamed) {
        const found = names?.get(live.hit.event.code ?? '') ?? NO_NAMES;
        live.names = found;
        live.data = JSON.stringify({ ...listedHitRow(live.hit), ...found });
      }
    });
  }

  /** Reads a page of the store for one stream after the other: after a restart all come back at once. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take('pages', work);
  }

  isErased({ hit }: LiveHit): boolean {
    return this.#parts.erased.has(hit.event.code);
  }

  #rest(): void {
    this.#lingering = null;
    this.#session = null;
    this.#first = this.end;
    this.#hits = [];
  }
}
