// The checker of a torture: what was sent and answered, one byte a marker, against what was found afterwards.
// A few million markers take a few megabytes.

/** What the client knows of a marker. */
export const Fate = {
  unsent: 0,
  /** Sent, but the reply never came whole: the hit may be kept, or not. */
  sent: 1,
  /** A complete 503: the hit need not be kept. */
  refused: 2,
  /** A complete 200 with the image: the hit must be kept exactly once. */
  acknowledged: 3,
} as const;

export interface Finding {
  readonly found: number;
  /** Acknowledged but not found. */
  readonly lost: number;
  /** Found more than once, whatever the reply was. */
  readonly doubled: number;
  /** Found though nothing like it was ever sent: torn, mixed up or forged. */
  readonly strange: number;
  /** A few markers or lines of each fault, to begin the search with. */
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 10;

/** Counts how often each marker is found in one place (the journal, the store, the visit log). */
export class Tally {
  readonly #fates: Uint8Array;
  readonly #concerns: (marker: number) => boolean;
  readonly #seen: Uint8Array;
  readonly #examples: string[] = [];
  #found = 0;
  #strange = 0;

  /** `concerns` says which markers belong into the place: a visit log has no opens. */
  constructor(fates: Uint8Array, concerns: (marker: number) => boolean) {
    this.#fates = fates;
    this.#concerns = concerns;
    this.#seen = new Uint8Array(fates.length);
  }

  /** A marker that was found; null with the text of something that is no sent marker's. */
  see(marker: number | null, text: string): void {
    this.#found += 1;
    const known =
      marker !== null && this.#fates[marker] !== undefined && this.#fates[marker] !== Fate.unsent;
    if (!known || !this.#concerns(marker)) {
      this.#strange += 1;
      this.#note(`strange: ${text.slice(0, 200)}`);
      return;
    }
    this.#seen[marker] = Math.min(255, (this.#seen[marker] ?? 0) + 1);
  }

  finding(): Finding {
    let lost = 0;
    let doubled = 0;
    for (let marker = 0; marker < this.#fates.length; marker += 1) {
      const times = this.#seen[marker] ?? 0;
      if (times > 1) {
        doubled += 1;
        this.#note(`doubled: ${marker} (${times} times)`);
      }
      if (times > 0 || this.#fates[marker] !== Fate.acknowledged) continue;
      if (!this.#concerns(marker)) continue;
      lost += 1;
      this.#note(`lost: ${marker}`);
    }
    const examples = this.#examples;
    return { found: this.#found, lost, doubled, strange: this.#strange, examples };
  }

  #note(example: string): void {
    if (this.#examples.length < EXAMPLES_MAX) this.#examples.push(example);
  }
}

export const isClean = (finding: Finding): boolean =>
  finding.lost === 0 && finding.doubled === 0 && finding.strange === 0;
