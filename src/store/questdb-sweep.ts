// Finds rows of erased pixels that are there all the same, and redacts them. They come from a load that read
// what is erased a moment before another installation erased it, from a write that reached the server long
// after it was given up, from a pixel of which only the digest is known, or from an erasure that a crash
// cut short. Nothing of it holds loads up.

import { QUESTDB_SWEEP_AGAIN_MS, QUESTDB_SWEPT_AT_ONCE } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Connections } from './questdb-connection.ts';
import { codesOf, redactPixel } from './questdb-redact.ts';

interface Due {
  /** On performance.now()'s clock. */
  readonly at: number;
  /** How many times it was swept. */
  readonly times: number;
}

export class Sweep {
  readonly #connections: Connections;
  readonly #log: Logger;
  readonly #due = new Map<string, Due>();
  #learned = 0;
  #running: Promise<void> | null = null;
  #ending = false;

  constructor(connections: Connections, log: Logger) {
    this.#connections = connections;
    this.#log = log;
  }

  /** Differs once something was learned. */
  get learned(): number {
    return this.#learned;
  }

  /** These are erased. */
  learn(digests: readonly string[]): void {
    this.#learned += digests.length;
    for (const digest of digests) this.#due.set(digest, { at: 0, times: 0 });
  }

  /**
   * Resolves once nothing is due at this moment, or after a failure, which leaves it due for the next call.
   * Never rejects.
   */
  run(): Promise<void> {
    this.#running ??= this.#work()
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, 'rows of erased pixels are looked for again later');
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#running;
  }

  async #work(): Promise<void> {
    for (;;) {
      const part = this.#dueNow();
      if (part.size === 0) return;
      for (const code of await codesOf(this.#connections, [...part.keys()])) {
        if (this.#ending) return;
        await redactPixel(this.#connections, code);
      }
      for (const [digest, due] of part) this.#swept(digest, due);
    }
  }

  #dueNow(): ReadonlyMap<string, Due> {
    const now = performance.now();
    const part = new Map<string, Due>();
    for (const [digest, due] of this.#due) {
      if (this.#ending || part.size === QUESTDB_SWEPT_AT_ONCE) break;
      if (due.at <= now) part.set(digest, due);
    }
    return part;
  }

  #swept(digest: string, due: Due): void {
    // It was learned once more meanwhile.
    if (this.#due.get(digest) !== due) return;
    const againMs = QUESTDB_SWEEP_AGAIN_MS[due.times];
    if (againMs === undefined) this.#due.delete(digest);
    else this.#due.set(digest, { at: performance.now() + againMs, times: due.times + 1 });
  }
}
