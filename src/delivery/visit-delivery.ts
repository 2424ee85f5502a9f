// Keeps the visit log in step with the store. As a rule the visits of a load are planned and appended as soon
// as the store has the load. The log has cursors of its own, so that store and log may stand apart: when
// the log cannot be written, loads go on without it, and what it lacks is read again from the journal or the
// archive later; when the store begins anew, the log waits until the store has come as far. So the debt
// takes no memory; its bound is the retention of the archive, past which lines are lost, loudly.

import type { Cursors } from '../journal/journal.ts';
import { LOAD_RETRY_MS_MAX, LOAD_RETRY_MS_MIN } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { gather, type Journal, linesOf, type Part, type Stretch, type Trouble } from './gather.ts';
import { isBefore, type VisitAppend, type VisitProgress } from './progress.ts';
import type { VisitLog } from './visit-log.ts';
import type { VisitProgressFile } from './visit-progress.ts';

/** Where the log stands by its cursors; `behind` where it lacks anything that the store has. */
type Standing = 'in-step' | 'behind' | 'ahead';

export class VisitDelivery {
  readonly #visitLog: VisitLog;
  readonly #file: VisitProgressFile;
  readonly #journal: Journal;
  readonly #log: Logger;
  /** What the file says or, after a write that failed, said before; null before it was read. */
  #progress: VisitProgress | null = null;
  /** Whether the lines of the progress's append are known to be in the log. */
  #settled = false;
  #standing: Standing = 'behind';
  /** The append's lines, when they are still in memory. */
  #lines: Buffer | null = null;
  #failure: string | null = null;
  /** The log is to be opened though there is nothing to write: at the start and after a rotation. */
  #toOpen = true;
  #retryMs = LOAD_RETRY_MS_MIN;
  #retryAt = 0;

  constructor(visitLog: VisitLog, file: VisitProgressFile, journal: Journal, log: Logger) {
    this.#visitLog = visitLog;
    this.#file = file;
    this.#journal = journal;
    this.#log = log;
  }

  readonly #report = (trouble: Trouble): void => {
    this.#log.error(trouble, 'visits may be missing in the visit log');
  };

  /** Why the log is behind the store; null when it is not. */
  get failure(): string | null {
    return this.#failure;
  }

  get behind(): boolean {
    return !this.#settled || this.#standing === 'behind';
  }

  /**
   * To be called with the store's cursors before the first load, and again when they were in doubt. A log
   * without progress (new, or off until now) begins there, and says so in its file at once: were that done
   * after a load, a crash between the two would leave that load's visits out. Rejects with errno errors.
   */
  async restore(loaded: Cursors): Promise<void> {
    if (this.#progress === null) {
      const kept = await this.#file.read();
      if (kept === null) await this.#keep({ cursors: loaded, append: null });
      else this.#take(kept);
    }
    this.#compare(loaded);
  }

  /** The part is in the store. Appends its lines if the log stands where it begins. Never rejects. */
  async deliver(part: Part): Promise<void> {
    try {
      if (this.#settled && this.#standing === 'in-step') await this.#append(part);
    } catch (error) {
      this.#failed(error);
    }
    this.#compare(part.cursors);
  }

  /**
   * Takes one bounded step towards `loaded`, the store's cursors. Returns false when there is nothing to do
   * now. Never rejects.
   */
  async catchUp(loaded: Cursors): Promise<boolean> {
    if (performance.now() < this.#retryAt) return false;
    try {
      if (!this.#settled) await this.#settle();
      else if (this.#standing === 'behind') await this.#next(loaded);
      else if (this.#toOpen) await this.#open();
      else return false;
    } catch (error) {
      this.#failed(error);
      return false;
    }
    return true;
  }

  /** A new file at the log's path, and no more waiting after a failure. */
  reopen(): void {
    this.#visitLog.reopen();
    this.#toOpen = true;
    this.#retryAt = 0;
  }

  /**
   * Lets `work` put another file at the log's path, while nothing is appended: first the progress forgets
   * the file, which is opened anew for the next lines. Rejects when the log is behind the store: lines that
   * it is owed are made again from the journal, so that must not change before they are written.
   */
  async aside<T>(work: (path: string) => Promise<T>): Promise<T> {
    if (!this.#settled || this.#standing === 'behind') {
      throw new Error(`the visit log is behind the store: ${this.#failure ?? 'it catches up'}`);
    }
    if (this.#known.append !== null) await this.#keep({ ...this.#known, append: null });
    await this.#visitLog.close();
    this.#toOpen = true;
    return await work(this.#visitLog.path);
  }

  /** Says in the progress that nothing is owed, so that the next start has nothing to compare. */
  async close(): Promise<void> {
    const progress = this.#progress;
    try {
      if (this.#settled && progress?.append) await this.#keep({ ...progress, append: null });
    } finally {
      await this.#visitLog.close();
    }
  }

  async #keep(progress: VisitProgress): Promise<void> {
    await this.#file.write(progress);
    this.#take(progress);
  }

  #take(progress: VisitProgress): void {
    this.#progress = progress;
    this.#settled = progress.append === null;
  }

  #compare(loaded: Cursors): void {
    const { cursors } = this.#known;
    if (missing(cursors, loaded).length > 0) this.#standing = 'behind';
    else this.#standing = missing(loaded, cursors).length > 0 ? 'ahead' : 'in-step';
  }

  get #known(): VisitProgress {
    if (this.#progress === null) throw new Error('the visit log is used before restore()');
    return this.#progress;
  }

  /** Shows at once whether the log can be written, and that a rotated one is let go of. */
  async #open(): Promise<void> {
    await this.#visitLog.target();
    this.#toOpen = false;
    this.#failure = null;
  }

  /** First the plan, durably, then its lines. */
  async #append({
    cursors,
    lines,
    ranges,
  }: Pick<Part, 'cursors' | 'lines' | 'ranges'>): Promise<void> {
    const target = lines.length === 0 ? null : await this.#visitLog.target();
    await this.#keep({ cursors, append: target && { ...target, skip: 0, ranges } });
    this.#lines = Buffer.from(lines.join(''));
    await this.#settle();
  }

  /** Brings the append in flight to its end, or plans it again when its file moved. */
  async #settle(): Promise<void> {
    const { append } = this.#known;
    if (append !== null) {
      this.#lines ??= await linesOf(this.#journal, append.ranges, this.#report);
      const settlement = await this.#visitLog.settle(append, this.#lines);
      if (!settlement.done) {
        await this.#planAgain(append, settlement.skip);
        return;
      }
    }
    this.#settled = true;
    this.#lines = null;
    this.#failure = null;
    this.#retryMs = LOAD_RETRY_MS_MIN;
  }

  async #planAgain(append: VisitAppend, skip: number): Promise<void> {
    const target = await this.#visitLog.target();
    await this.#keep({ ...this.#known, append: { ...append, ...target, skip } });
  }

  /** Reads on in the journal from where the log stands. */
  async #next(loaded: Cursors): Promise<void> {
    const { cursors } = this.#known;
    const stretches = missing(cursors, loaded);
    const parts = gather(this.#journal, cursors, stretches, true);
    const { value: part } = await parts.next();
    await parts.return();
    if (part === undefined) {
      // Nothing is left to read there.
      const reached = stretches.map(({ slot, to }) => [slot, to] as const);
      await this.#append({ cursors: new Map([...cursors, ...reached]), lines: [], ranges: [] });
    } else {
      part.troubles.forEach(this.#report);
      await this.#append(part);
    }
    this.#compare(loaded);
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#failure === null) {
      this.#log.error(
        { err: error },
        'the visit log cannot be written; its lines are kept in the journal',
      );
    }
    this.#failure = reason;
    this.#retryAt = performance.now() + this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, LOAD_RETRY_MS_MAX);
  }
}

/** What lies between two sets of cursors. */
function missing(from: Cursors, to: Cursors): Stretch[] {
  return [...to].flatMap(([slot, position]) => {
    const start = from.get(slot) ?? null;
    return isBefore(start, position) ? [{ slot, from: start, to: position }] : [];
  });
}
