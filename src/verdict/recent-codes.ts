// Which codes an address asked for a moment ago: a scanner opens several mails at once. Bounded like the
// cache of agents: two generations, of which the older is dropped.

import { RECENT_ADDRESSES_MAX, SCAN_CODES_MIN } from '../limits.ts';

interface Asked {
  readonly code: string;
  /** Microseconds. */
  readonly at: number;
}

export class RecentCodes {
  readonly #windowMicros: number;
  readonly #addressesMax: number;
  #young = new Map<string, Asked[]>();
  #old = new Map<string, Asked[]>();

  constructor(windowSeconds: number, addressesMax: number = RECENT_ADDRESSES_MAX) {
    this.#windowMicros = windowSeconds * 1e6;
    this.#addressesMax = addressesMax;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Remembers that `address` asked for `code` at `at` (microseconds, as hits come: about in order), and
   * returns how many different codes it had asked for then within the window; no more than matter are
   * counted. Later ones do not count, so that hits which come again are judged as they were.
   */
  note(address: string, code: string, at: number): number {
    if (address === '') return 1;
    const young = this.#young.get(address);
    const before = young ?? this.#old.get(address) ?? [];
    if (young === undefined) this.#makeRoom();
    // Most addresses ask for one code only.
    if (before.length === 0) {
      this.#young.set(address, [{ code, at }]);
      return 1;
    }
    const others = before.filter(
      (asked) => asked.code !== code && Math.abs(at - asked.at) <= this.#windowMicros,
    );
    this.#young.set(address, [...others, { code, at }].slice(-SCAN_CODES_MIN));
    const counted = 1 + others.filter((asked) => asked.at <= at).length;
    return Math.min(counted, SCAN_CODES_MIN);
  }

  #makeRoom(): void {
    if (this.#young.size < this.#addressesMax / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
