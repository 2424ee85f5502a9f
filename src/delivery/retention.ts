// How long hits stay in the store (HIT_DAYS): older ones leave it now and then, and neither the loader nor
// a rebuild brings them back from a journal or a bus that has them still.

import type { Hit, Recorded } from '../hit/event.ts';
import { ExpiryClock } from '../hit/expiry-clock.ts';
import { EXPIRE_MS } from '../limits.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';

const DAY_MICROS = 86_400_000_000;

export class Retention {
  /** Hits that were too old when their turn to be loaded came. */
  expired = 0;
  readonly #days: number;
  readonly #clock: ExpiryClock;
  /** Of the newest hit that was seen, microseconds. */
  #newest: number | null = null;

  /** `days` 0 keeps hits for good. */
  constructor(days: number, clock: ExpiryClock = new ExpiryClock()) {
    this.#days = days;
    this.#clock = clock;
  }

  /** There is a hit of this time (microseconds): the clock may well be as far. */
  learn(at: number): void {
    if (this.#newest === null || at > this.#newest) this.#newest = at;
  }

  /** Hits before this time (microseconds) are too old; null when none is, or the clock is in doubt. */
  get before(): number | null {
    if (this.#days === 0) return null;
    const now = this.#clock.believed(this.#newest === null ? null : this.#newest / 1_000);
    return now === null ? null : now * 1_000 - this.#days * DAY_MICROS;
  }

  /** Those hits that may be in the store; the others are counted. */
  kept(hits: readonly Recorded<Hit>[]): readonly Recorded<Hit>[] {
    if (this.#days === 0) return hits;
    for (const { event } of hits) this.learn(event.at);
    const { before } = this;
    if (before === null) return hits;
    const kept = hits.filter(({ event }) => event.at >= before);
    this.expired += hits.length - kept.length;
    return kept;
  }

  /** Takes what is too old out of the store. Rejects with StoreError. */
  async apply(store: Pick<Store, 'expireHits'>): Promise<number> {
    const { before } = this;
    return before === null ? 0 : await store.expireHits(before);
  }
}

/**
 * Applies retention at once, which is in vain while nobody knows whether the clock is right, and then now and
 * then. A failure waits for the next turn.
 */
export function keepRetention(
  retention: Retention,
  store: Pick<Store, 'expireHits'>,
  log: Logger,
  everyMs: number = EXPIRE_MS,
): { end(): Promise<void> } {
  let applying: Promise<void> | null = null;
  const apply = async (): Promise<void> => {
    try {
      const hits = await retention.apply(store);
      if (hits > 0) log.info({ hits }, 'hits older than HIT_DAYS left the store');
    } catch (error) {
      log.error({ err: error }, 'hits older than HIT_DAYS could not be removed; it is tried again');
    } finally {
      applying = null;
    }
  };
  const begin = (): void => {
    applying ??= apply();
  };
  begin();
  const timer = setInterval(begin, everyMs).unref();
  return {
    end: async () => {
      clearInterval(timer);
      await applying;
    },
  };
}
