// Keeps the visit log in step with the store. As a rule a load's visits are planned, committed with the
// load and appended at once. When the log cannot be written, loads go on without it: what it lacks is only
// a second set of cursors in the progress, however long that lasts, and is read again from the journal or
// the archive later. So the debt takes no memory; its bound is the retention of the archive, past which
// lines are lost, loudly.

import type { Cursors } from '../journal/journal.ts';
import { LOAD_RETRY_MS_MAX, LOAD_RETRY_MS_MIN } from '../limits.ts';
import { StoreError } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import { gather, type Journal, linesOf, type Part, type Stretch, type Trouble } from './gather.ts';
import { isBefore, type Progress, type VisitAppend, type VisitProgress } from './progress.ts';
import type { VisitLog } from './visit-log.ts';

/** Makes the visit log's progress durable in the store. */
export type CommitVisits = (visits: VisitProgress) => Promise<void>;

export class VisitDelivery {
  readonly #visitLog: VisitLog;
  readonly #journal: Journal;
  readonly #log: Logger;
  #progress: VisitProgress = { cursors: new Map(), append: null };
  /** Whether the lines of `#progress.append` are known to be in the file. */
  #settled = false;
  /** Whether the cursors are the store's. */
  #inStep = false;
  /** The append's lines, when they are still in memory. */
  #lines: Buffer | null = null;
  #failure: string | null = null;
  /** The file is to be opened though there is nothing to write: at the start and after a rotation. */
  #toOpen = true;
  #retryMs = LOAD_RETRY_MS_MIN;
  #retryAt = 0;

  constructor(visitLog: VisitLog, journal: Journal, log: Logger) {
    this.#visitLog = visitLog;
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
    return !this.#settled || !this.#inStep;
  }

  /**
   * Starts from what the store says, null for a store that is new; a log that was off begins at the
   * present.
   */
  restore(progress: Progress | null): void {
    const cursors: Cursors = progress?.cursors ?? new Map();
    this.#progress = progress?.visits ?? { cursors, append: null };
    this.#settled = this.#progress.append === null;
    this.#inStep = missing(this.#progress.cursors, cursors).length === 0;
    this.#lines = null;
  }

  /** What a load's progress is to say of the visit log. Never rejects. */
  async plan(part: Part): Promise<VisitProgress> {
    if (this.behind) return this.#progress;
    if (part.lines.length === 0) return { cursors: part.cursors, append: null };
    try {
      return await this.#planned(part);
    } catch (error) {
      this.#failed(error);
      return this.#progress;
    }
  }

  /** The load that {@link plan} belongs to is committed. Appends its lines, and never rejects. */
  async committed(part: Part, visits: VisitProgress): Promise<void> {
    if (visits === this.#progress) {
      this.#inStep = false;
      return;
    }
    this.#begin(visits, part.lines);
    try {
      await this.#settle(null);
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * Takes one bounded step towards `loaded`, the store's cursors. Returns false when there is nothing to do
   * now. Rejects only with what `commit` rejects with.
   */
  async catchUp(loaded: Cursors, commit: CommitVisits): Promise<boolean> {
    if (performance.now() < this.#retryAt || (!this.behind && !this.#toOpen)) return false;
    try {
      if (!this.behind) await this.#open();
      else if (!this.#settled) await this.#settle(commit);
      else await this.#next(loaded, commit);
    } catch (error) {
      if (error instanceof StoreError) throw error;
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

  /** Says in the progress that nothing is owed, so that the next start has nothing to compare. */
  async close(commit: CommitVisits | null): Promise<void> {
    if (commit !== null && !this.behind && this.#progress.append !== null) {
      await commit({ ...this.#progress, append: null });
    }
    await this.#visitLog.close();
  }

  #begin(visits: VisitProgress, lines: readonly string[]): void {
    this.#progress = visits;
    this.#settled = visits.append === null;
    this.#lines = Buffer.from(lines.join(''));
  }

  /** Shows at once whether the log can be written, and that a rotated one is let go of. */
  async #open(): Promise<void> {
    await this.#visitLog.target();
    this.#toOpen = false;
    this.#failure = null;
  }

  async #planned(part: Part): Promise<VisitProgress> {
    const target = await this.#visitLog.target();
    return { cursors: part.cursors, append: { ...target, skip: 0, ranges: part.ranges } };
  }

  /**
   * Brings the append in flight to its end. Without `commit` a file that moved is left to {@link catchUp}.
   */
  async #settle(commit: CommitVisits | null): Promise<void> {
    const { append } = this.#progress;
    if (append !== null) {
      this.#lines ??= await linesOf(this.#journal, append.ranges, this.#report);
      const settlement = await this.#visitLog.settle(append, this.#lines);
      if (!settlement.done) {
        if (commit !== null) await this.#planAgain(append, settlement.skip, commit);
        return;
      }
    }
    this.#settled = true;
    this.#lines = null;
    this.#failure = null;
    this.#retryMs = LOAD_RETRY_MS_MIN;
  }

  async #planAgain(append: VisitAppend, skip: number, commit: CommitVisits): Promise<void> {
    const target = await this.#visitLog.target();
    const visits = { ...this.#progress, append: { ...append, ...target, skip } };
    await commit(visits);
    this.#progress = visits;
  }

  /** Reads on in the journal from where the log stands. */
  async #next(loaded: Cursors, commit: CommitVisits): Promise<void> {
    const { cursors } = this.#progress;
    const parts = gather(this.#journal, cursors, missing(cursors, loaded), true);
    const { value: part } = await parts.next();
    await parts.return();
    if (part === undefined) {
      this.#inStep = true;
      return;
    }
    part.troubles.forEach(this.#report);
    const visits =
      part.lines.length === 0 ? { cursors: part.cursors, append: null } : await this.#planned(part);
    await commit(visits);
    this.#begin(visits, part.lines);
    this.#inStep = missing(part.cursors, loaded).length === 0;
    await this.#settle(commit);
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
