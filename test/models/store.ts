// A store in memory that outlives the process which loads it. The process may die right before a load, right
// after it without hearing that it succeeded and, where loads are not atomic, between events and progress.

import { formatEventId, type Hit } from '../../src/hit/event.ts';
import type { Store } from '../../src/store/store.ts';
import type { ModelFiles } from './log-files.ts';

export class ModelStore {
  readonly hits: Hit[] = [];
  readonly #loads: 'atomic' | 'repeatable';
  readonly #ids = new Set<string>();
  #progress: string | null = null;

  /** See src/store/store.ts for the two kinds of loads. */
  constructor(loads: 'atomic' | 'repeatable') {
    this.#loads = loads;
  }

  /** Somebody deletes its files. */
  lose(): void {
    this.hits.length = 0;
    this.#ids.clear();
    this.#progress = null;
  }

  /** Every call counts as two operations of `process`: one before it takes effect and one after. */
  processView(process: ModelFiles): Store {
    const { boot } = process;
    const unused = (): never => {
      throw new Error('the loader does not ask this');
    };
    return {
      progress: async () => {
        await process.operate(boot);
        return this.#progress;
      },
      load: async ({ hits, progress }) => {
        await process.operate(boot);
        const news = hits.filter(({ id }) => !this.#ids.has(formatEventId(id)));
        this.hits.push(...(this.#loads === 'atomic' ? hits : news).map(({ event }) => event));
        for (const { id } of hits) this.#ids.add(formatEventId(id));
        if (this.#loads === 'repeatable') await process.operate(boot);
        this.#progress = progress;
        await process.operate(boot);
      },
      known: unused,
      eraseAddress: unused,
      expireHits: unused,
      pixelsOf: unused,
      modes: unused,
      sentTimes: () => Promise.resolve(new Map()),
      counts: unused,
      statistics: unused,
      hit: unused,
      hits: unused,
      names: unused,
      rejudge: unused,
      hasUnjudged: unused,
      pixel: unused,
      pixelsByCode: unused,
      erasedOf: unused,
      pixels: unused,
      campaigns: unused,
      countOpens: unused,
      pixelHits: unused,
      totals: unused,
      erasePixel: unused,
      close: async () => undefined,
    };
  }
}
