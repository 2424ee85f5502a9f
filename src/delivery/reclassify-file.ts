// How far judging anew has come, in a file under DATA_DIR: while it is there, there is something to go on
// with.

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { parseEventId } from '../hit/event.ts';
import type { HitPlace } from '../store/store.ts';
import { type LogFiles, realLogFiles } from './log-files.ts';

export interface ReclassifyProgress {
  /** The last hit that is done; null at the beginning. */
  readonly place: HitPlace | null;
  readonly judged: number;
  readonly changed: number;
  /** Microseconds since 1970. */
  readonly startedAt: number;
}

const ProgressText = z.strictObject({
  version: z.literal(1),
  place: z
    .strictObject({
      at: z.int().nonnegative(),
      id: z.string().refine((id) => parseEventId(id) !== null),
    })
    .nullable(),
  judged: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  startedAt: z.int().nonnegative(),
});

/** All methods reject with errno errors. */
export class ReclassifyFile {
  readonly #path: string;
  readonly #files: LogFiles;

  constructor(path: string, files: LogFiles = realLogFiles) {
    this.#path = path;
    this.#files = files;
  }

  /** Null when there is none. A damaged one begins anew: that costs time and nothing else. */
  async read(): Promise<ReclassifyProgress | null> {
    const text = await this.#files.readWhole(this.#path);
    if (text === null) return null;
    const anew = { place: null, judged: 0, changed: 0, startedAt: 0 };
    try {
      const { version: _, ...progress } = ProgressText.parse(JSON.parse(text));
      return progress;
    } catch {
      return anew;
    }
  }

  /**
   * All hits are to be judged anew, by whichever store process runs next, or by the one that asks. Durable
   * once this resolves.
   */
  async begin(): Promise<ReclassifyProgress> {
    const progress = { place: null, judged: 0, changed: 0, startedAt: nowMicros() };
    await this.write(progress);
    return progress;
  }

  /** Durable once this resolves. */
  async write(progress: ReclassifyProgress): Promise<void> {
    await this.#files.replace(this.#path, JSON.stringify({ version: 1, ...progress }));
  }

  async remove(): Promise<void> {
    await this.#files.remove(this.#path);
  }
}
