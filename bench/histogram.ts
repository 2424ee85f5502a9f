// Latencies in fixed buckets: recording one allocates nothing and costs a shift and an addition, however many
// there are, so that a generator of load can do it for each reply. A bucket is at most 1/64 wide of what it
// holds, and a quantile is its upper edge: never better than the truth, at most 1.6 % worse.

const STEPS_BITS = 6;
const STEPS = 1 << STEPS_BITS;
/** Longer ones count as this: 18 minutes. */
const MICROS_MAX = 2 ** 30 - 1;

export class Histogram {
  readonly #counts = new Uint32Array((30 - STEPS_BITS + 1) * STEPS);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  record(micros: number): void {
    const value = Math.min(Math.max(Math.ceil(micros), 0), MICROS_MAX);
    const shift = shiftOf(value);
    const bucket = (shift << STEPS_BITS) + (value >>> shift);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** So long at most took the given part of all, in milliseconds; NaN of none. */
  quantileMs(part: number): number {
    let left = Math.max(1, Math.ceil(part * this.#total));
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && this.#total > 0) return upperEdge(bucket) / 1_000;
    }
    return Number.NaN;
  }
}

/** Values under 2 × STEPS have a bucket each; above, each doubling has STEPS of them. */
const shiftOf = (value: number): number => Math.max(0, 31 - Math.clz32(value) - STEPS_BITS);

function upperEdge(bucket: number): number {
  const shift = Math.max(0, (bucket >>> STEPS_BITS) - 1);
  return ((bucket - (shift << STEPS_BITS) + 1) << shift) - 1;
}
