// Whether the clock can be believed when things are removed for their age: one jump ahead must not empty the
// store or the archive. A jump is told by the monotonic clock, and at the start by the newest thing there is.

import { CLOCK_AGREES_MS, CLOCK_AHEAD_MS_MAX, CLOCK_SETTLES_MS } from '../limits.ts';

interface Reading {
  readonly wall: number;
  readonly monotonic: number;
}

/** Milliseconds that the clock has gained on the monotonic one. */
const gain = (from: Reading, to: Reading): number =>
  to.wall - from.wall - (to.monotonic - from.monotonic);

export class ExpiryClock {
  readonly #onDoubt: (reason: string) => void;
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  /** The last reading that was believed. */
  #sure: Reading | null = null;
  /** The first of those that were not, since they agree. */
  #doubt: Reading | null = null;
  #isTold = false;

  /** `onDoubt` is told once of each doubt. `wall` is milliseconds since 1970, `monotonic` since anything. */
  constructor(
    onDoubt: (reason: string) => void = () => undefined,
    wall: () => number = Date.now,
    monotonic: () => number = () => performance.now(),
  ) {
    this.#onDoubt = onDoubt;
    this.#wall = wall;
    this.#monotonic = monotonic;
  }

  /**
   * The time (milliseconds since 1970) by which things may be removed now; null when none may. `newest`: the
   * time of the newest of them, null when nobody knows. A doubt ends by itself when the clock goes evenly
   * for an hour, or is set right.
   */
  believed(newest: number | null): number | null {
    const reading = { wall: this.#wall(), monotonic: this.#monotonic() };
    if (!this.#isPlausible(reading, newest)) {
      const ahead = this.#aheadOf(newest);
      if (ahead !== null && !this.#isTold) this.#tell(reading, ahead);
      if (!this.#hasSettled(reading)) return null;
    }
    this.#sure = reading;
    this.#doubt = null;
    this.#isTold = false;
    return reading.wall;
  }

  #isPlausible(reading: Reading, newest: number | null): boolean {
    if (this.#sure !== null) return gain(this.#sure, reading) <= CLOCK_AHEAD_MS_MAX;
    return newest !== null && reading.wall - newest <= CLOCK_AHEAD_MS_MAX;
  }

  #hasSettled(reading: Reading): boolean {
    if (this.#doubt === null || Math.abs(gain(this.#doubt, reading)) > CLOCK_AGREES_MS) {
      this.#doubt = reading;
    }
    return reading.monotonic - this.#doubt.monotonic >= CLOCK_SETTLES_MS;
  }

  #aheadOf(newest: number | null): string | null {
    if (this.#sure !== null) return 'where it was';
    return newest === null ? null : `the newest that is kept (${new Date(newest).toISOString()})`;
  }

  #tell({ wall }: Reading, ahead: string): void {
    this.#isTold = true;
    const now = new Date(wall).toISOString();
    this.#onDoubt(
      `the clock (${now}) is more than a day ahead of ${ahead}: nothing is removed for its age yet; ` +
        'if the clock is wrong, set it right within the hour, after which it is believed',
    );
  }
}
