// A store in memory that outlives the process which loads it: a load is all or nothing, and the process may
// die right before it, or right after it without hearing that it succeeded.

import type { Hit } from '../../src/hit/event.ts';
import type { Store } from '../../src/store/store.ts';
import type { ModelFiles } from './log-files.ts';

export class ModelStore {
  readonly hits: Hit[] = [];
  #progress: string | null = null;

  /** Somebody deletes its files. */
  lose(): void {
    this.hits.length = 0;
    this.#progress = null;
  }

  /** Every call counts as two operations of `process`: one before it takes effect and one after. */
  processView(process: ModelFiles): Store {
    const { boot } = process;
    const unused = (): never => {
      throw new Error('the loader asks no questions');
    };
    return {
      progress: async () => {
        await process.operate(boot);
        return this.#progress;
      },
      load: async ({ hits, progress }) => {
        await process.operate(boot);
        this.hits.push(...hits.map(({ event }) => event));
        this.#progress = progress;
        await process.operate(boot);
      },
      pixel: unused,
      countOpens: unused,
      pixelHits: unused,
      totals: unused,
      close: async () => undefined,
    };
  }
}
