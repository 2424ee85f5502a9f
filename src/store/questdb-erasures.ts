// The digests of erased pixels (erased.ts), as truepixel_erased has them: every installation that shares the
// server leaves out of its loads what any of them erased.

import { ErasedCodes } from './erased.ts';
import { type TableState, tableStates } from './questdb-applied.ts';
import type { Connections } from './questdb-connection.ts';
import { ERASED_DIGESTS, INSERT_ERASED } from './questdb-query.ts';
import { ERASED } from './questdb-tables.ts';

export class Erasures {
  readonly #writes: Connections;
  readonly #onLearned: (digests: readonly string[]) => void;
  #codes = new ErasedCodes();
  /** The transaction of the table up to which `#codes` is complete. */
  #seen = -1;

  /** `onLearned` is told each digest once, and an added one each time. */
  constructor(writes: Connections, onLearned: (digests: readonly string[]) => void) {
    this.#writes = writes;
    this.#onLearned = onLearned;
  }

  get codes(): ErasedCodes {
    return this.#codes;
  }

  /** Another installation may have erased a pixel since the last load. */
  async refresh(states?: ReadonlyMap<string, TableState>): Promise<void> {
    const { shown = 0 } = (states ?? (await tableStates(this.#writes))).get(ERASED) ?? {};
    if (shown === this.#seen) return;
    const rows = await this.#writes.query(ERASED_DIGESTS);
    const codes = new ErasedCodes(rows.map(([digest]) => digest ?? ''));
    const learned = codes.digests.filter((digest) => !this.#codes.hasDigest(digest));
    // What was added here is an erasure also where the server has lost it.
    for (const digest of this.#codes.digests) codes.add(digest);
    this.#codes = codes;
    this.#seen = shown;
    if (learned.length > 0) this.#onLearned(learned);
  }

  /** Before anything is redacted, so that a load after a failure half way does not bring new hits. */
  async add(digest: string): Promise<void> {
    if (!this.#codes.hasDigest(digest)) {
      await this.#writes.query(INSERT_ERASED, [digest]);
      this.#codes.add(digest);
    }
    this.#onLearned([digest]);
  }
}
