// The digests of erased pixels (erased.ts), as truepixel_erased has them: every installation that shares the
// server leaves out of its loads what any of them erased.

import { ErasedCodes } from './erased.ts';
import { tableStates } from './questdb-applied.ts';
import type { Connections } from './questdb-connection.ts';
import { ERASED_DIGESTS, INSERT_ERASED } from './questdb-query.ts';
import { ERASED } from './questdb-tables.ts';

export class Erasures {
  readonly #writes: Connections;
  #codes = new ErasedCodes();
  /** The transaction of the table up to which `#codes` is complete. */
  #seen = -1;

  constructor(writes: Connections) {
    this.#writes = writes;
  }

  get codes(): ErasedCodes {
    return this.#codes;
  }

  /** Another installation may have erased a pixel since the last load. */
  async refresh(): Promise<void> {
    const { shown = 0 } = (await tableStates(this.#writes)).get(ERASED) ?? {};
    if (shown === this.#seen) return;
    const rows = await this.#writes.query(ERASED_DIGESTS);
    this.#codes = new ErasedCodes(rows.map(([digest]) => digest ?? ''));
    this.#seen = shown;
  }

  /** Before anything is redacted, so that a load after a failure half way does not bring new hits. */
  async add(digest: string): Promise<void> {
    if (this.#codes.hasDigest(digest)) return;
    await this.#writes.query(INSERT_ERASED, [digest]);
    this.#codes.add(digest);
  }
}
