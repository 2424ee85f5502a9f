// Tails the journal and brings every event into the store, and every visit into the visit log, exactly
// once. The store commits events and cursors in one transaction; visit-delivery.ts tells how the log, which
// has cursors of its own, keeps up with that.
//
// Memory: two parts (gather.ts) at a time, one being committed and one being read and judged, each of at most
// LOAD_BYTES_MAX and one batch of journal bytes, which decoded take about eight times as much.

import { nowMicros } from '../hit/clock.ts';
import type { JudgedHit, Note, Recorded } from '../hit/event.ts';
import type { Cursors, Position } from '../journal/journal.ts';
import {
  BARRIER_FAILING_MS_MAX,
  BARRIER_MS_MAX,
  LOAD_IDLE_MS,
  LOAD_LOOK_MS,
  LOAD_RETRY_MS_MAX,
  LOAD_RETRY_MS_MIN,
} from '../limits.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { Readiness } from '../telemetry/control.ts';
import type { Logger } from '../telemetry/log.ts';
import { gather, type Journal, type Part, type Stretch } from './gather.ts';
import type { Judging } from './judging.ts';
import { LoaderStats } from './loader-stats.ts';
import { formatProgress, isBefore, parseProgress } from './progress.ts';
import type { Retention } from './retention.ts';
import { VisitDelivery } from './visit-delivery.ts';
import type { VisitLog } from './visit-log.ts';
import type { VisitProgressFile } from './visit-progress.ts';

export interface LoaderParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly judging: Pick<Judging, 'judge'>;
  /** Hits that are too old by now are not brought into the store. */
  readonly retention: Retention;
  /** Told which hits the store has from now on; must not fail. */
  readonly onHits?: (hits: readonly JudgedHit[]) => void;
  /** Told what was said about pixels once the store has it; a failure is one of the load. */
  readonly onNotes: (notes: readonly Recorded<Note>[]) => Promise<void>;
  /** Null when the visit log is off. */
  readonly visitLog: VisitLog | null;
  readonly visitProgress: VisitProgressFile;
  readonly log: Logger;
}

interface JudgedPart {
  readonly part: Part;
  readonly hits: readonly JudgedHit[];
}

/** A call of {@link Loader.alone}. */
interface Task {
  readonly run: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

/** A call of {@link Loader.barrier}; `over` when it need not be told any more. */
interface Waiting {
  readonly settle: (passed: boolean) => void;
  over: boolean;
}

/** Behind every end that a slot may have. */
const BEHIND_ALL: Position = { segment: Number.MAX_SAFE_INTEGER, offset: 0 };

export class Loader {
  readonly stats = new LoaderStats();
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #judging: LoaderParts['judging'];
  readonly #retention: Retention;
  readonly #onHits: LoaderParts['onHits'];
  readonly #onNotes: LoaderParts['onNotes'];
  readonly #visits: VisitDelivery | null;
  readonly #visitProgress: VisitProgressFile;
  readonly #log: Logger;
  /** What the store has; null before it was asked, and after a failure that leaves it in doubt. */
  #cursors: Cursors | null = null;
  /** The progress that the store has, and when that was last certain. */
  #progress: string | null = null;
  #heardAt = 0;
  #failure: string | null = null;
  #waiting: Waiting[] = [];
  #tasks: Task[] = [];
  #wake: (() => void) | null = null;
  #woken = false;
  #stopping = false;
  #running: Promise<void> | null = null;

  constructor(parts: LoaderParts) {
    const { store, journal, judging, retention, visitLog, visitProgress, log } = parts;
    this.#store = store;
    this.#journal = journal;
    this.#judging = judging;
    this.#retention = retention;
    this.#onHits = parts.onHits;
    this.#onNotes = parts.onNotes;
    this.#log = log;
    this.#visitProgress = visitProgress;
    this.#visits = visitLog && new VisitDelivery(visitLog, visitProgress, journal, log);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** No event before these is missing in the store: what the journal's keeper may archive. */
  get cursors(): Cursors {
    return this.#cursors ?? new Map();
  }

  /** Whether visits that are in the store wait to be written to the log. */
  get visitLogBehind(): boolean {
    return this.#visits?.behind ?? false;
  }

  readiness(): Readiness {
    if (this.#failure !== null) return { ready: false, reason: this.#failure };
    const failure = this.#visits?.failure ?? null;
    return { ready: true, reason: failure && `the visit log is behind: ${failure}` };
  }

  /** How far the store is behind the journal, in words, for whoever waits in vain. */
  describeLag(): string {
    if (this.#failure !== null) return `loading fails: ${this.#failure}`;
    return `at least ${this.stats.behindBytes} bytes of the journal are not loaded yet`;
  }

  /**
   * Resolves true once every event that was acknowledged before the call is in the store, false when that
   * takes longer than `msMax` (once loading is known to fail, BARRIER_FAILING_MS_MAX) or the loader stops.
   */
  async barrier(msMax: number = BARRIER_MS_MAX): Promise<boolean> {
    if (this.#stopping) return false;
    const passed = Promise.withResolvers<boolean>();
    const waiting: Waiting = { settle: passed.resolve, over: false };
    const timer = setTimeout(() => passed.resolve(false), msMax);
    timer.unref();
    this.#waiting.push(waiting);
    if (this.#failure !== null) this.#hurry(waiting);
    this.#wakeUp();
    try {
      return await passed.promise;
    } finally {
      waiting.over = true;
      clearTimeout(timer);
    }
  }

  /**
   * Runs `work` once everything that was acknowledged before the call is in the store, while nothing is
   * loaded: `cursors` then say exactly what the store has. Rejects as `work` does, and when the loader stops.
   */
  async alone<T>(work: (cursors: Cursors, visits: VisitDelivery | null) => Promise<T>): Promise<T> {
    if (this.#stopping) throw new Error('loading ends');
    const done = Promise.withResolvers<T>();
    const run = async (): Promise<void> => {
      try {
        done.resolve(await work(this.cursors, this.#visits));
      } catch (error) {
        done.reject(error);
      }
    };
    this.#tasks.push({ run, refuse: done.reject });
    this.#wakeUp();
    return await done.promise;
  }

  /** The visit log's file was moved away: the next line goes to a new one. */
  reopenVisitLog(): void {
    this.#visits?.reopen();
    this.#wakeUp();
  }

  /** Completes the load under way. The journal keeps the rest for the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp();
    await this.#running;
    for (const waiting of this.#waiting) waiting.settle(false);
    for (const { refuse } of this.#tasks) refuse(new Error('loading ends'));
    try {
      await this.#visits?.close();
    } catch (error) {
      this.#log.warn({ err: error }, 'the last progress was not kept; the next start works it out');
    }
    await this.#journal.close();
  }

  async #run(): Promise<void> {
    let retryMs = LOAD_RETRY_MS_MIN;
    while (!this.#stopping) {
      this.#woken = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      try {
        const tasks = [...this.#tasks];
        const busy = await this.#pass();
        if (!this.#stopping) {
          this.#tasks.splice(0, tasks.length);
          for (const { run } of tasks) await run();
        }
        for (const { settle } of waiting) settle(!this.#stopping);
        if (this.#failure !== null) this.#log.info('loading goes on');
        this.#failure = null;
        retryMs = LOAD_RETRY_MS_MIN;
        if (!busy) await this.#sleep(LOAD_IDLE_MS, true);
      } catch (error) {
        this.#waiting.push(...waiting.filter(({ over }) => !over));
        const isNews = this.#failure === null;
        this.#failed(error);
        if (isNews) for (const each of this.#waiting) this.#hurry(each);
        const hopeful = !(error instanceof StoreError) || error.retryable;
        await this.#sleep(hopeful ? retryMs : LOAD_RETRY_MS_MAX, false);
        retryMs = Math.min(2 * retryMs, LOAD_RETRY_MS_MAX);
      }
    }
  }

  /** Loads everything that the journal holds when it begins. Returns whether there was anything to do. */
  async #pass(): Promise<boolean> {
    const cursors = this.#cursors ?? (await this.#restore());
    let busy = this.#visits !== null && (await this.#visits.catchUp(cursors));
    const stretches = await this.#unread(cursors);
    this.stats.behind(stretches);
    const parts = gather(this.#journal, cursors, stretches, false);
    let coming = this.#next(parts);
    try {
      for (;;) {
        const next = await coming;
        if (next === null || this.#stopping) break;
        // Read and judge on while the store commits; a failure of that shows when its turn comes.
        coming = this.#next(parts);
        coming.catch(() => undefined);
        if (await this.#load(next)) busy = true;
      }
    } finally {
      await coming.catch(() => undefined);
      await parts.return();
    }
    this.stats.behind([]);
    await this.#look();
    return busy;
  }

  async #next(parts: AsyncGenerator<Part, void>): Promise<JudgedPart | null> {
    const { value: part } = await parts.next();
    if (part === undefined) return null;
    return {
      part,
      hits: await this.#judging.judge(this.#retention.kept(part.hits), part.notes),
    };
  }

  async #restore(): Promise<Cursors> {
    const progress = await this.#store.progress();
    const cursors: Cursors = progress === null ? new Map() : parseProgress(progress);
    // A log that is off has no progress, so that it begins at the present when it is on again.
    await (this.#visits?.restore(cursors) ?? this.#visitProgress.remove());
    this.#cursors = cursors;
    this.#heard(progress);
    return cursors;
  }

  #heard(progress: string | null): void {
    this.#progress = progress;
    this.#heardAt = performance.now();
  }

  /** A store that is gone, or that has less than it had, is noticed while nothing comes in, too. */
  async #look(): Promise<void> {
    if (performance.now() - this.#heardAt < LOAD_LOOK_MS) return;
    const progress = await this.#store.progress();
    if (progress !== this.#progress) throw new StoreError('the store has not what it had', true);
    this.#heard(progress);
  }

  async #unread(cursors: Cursors): Promise<Stretch[]> {
    const stretches: Stretch[] = [];
    for (const slot of await this.#journal.slots()) {
      const from = cursors.get(slot) ?? null;
      // A slot that cannot be read does not keep the others back; reading it will say why.
      const to = await this.#journal.end(slot).catch(() => BEHIND_ALL);
      if (to !== null && isBefore(from, to)) stretches.push({ slot, from, to });
    }
    return stretches;
  }

  /** Returns whether there was an event in it. */
  async #load({ part, hits }: JudgedPart): Promise<boolean> {
    for (const trouble of part.troubles) this.#report(trouble);
    const { notes, cursors } = part;
    if (part.hits.length === 0 && notes.length === 0) {
      // Only a position moved: that is worth no transaction, and the next load keeps it.
      this.stats.passed(part);
      this.#cursors = cursors;
      return false;
    }
    const began = performance.now();
    const progress = formatProgress(cursors);
    await this.#store.load({ hits, notes, progress });
    this.#heard(progress);
    this.#onHits?.(hits);
    if (notes.length > 0) await this.#onNotes(notes);
    this.#cursors = cursors;
    this.stats.loaded(part, performance.now() - began, nowMicros());
    await this.#visits?.deliver(part);
    return true;
  }

  #report(trouble: Part['troubles'][number]): void {
    if (this.stats.trouble(trouble))
      this.#log.error(trouble, 'part of the journal cannot be loaded');
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#failure !== reason)
      this.#log.error({ err: error }, 'loading failed; it is tried again');
    this.#failure = reason;
    this.stats.failures++;
    // The commit may have happened all the same: the store is asked before anything is loaded again.
    this.#cursors = null;
  }

  /** Who asks while the store is away is told so soon. */
  #hurry({ settle }: Waiting): void {
    setTimeout(() => this.#failure !== null && settle(false), BARRIER_FAILING_MS_MAX).unref();
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Ends early when the loader stops, and if `wakeable` also when a barrier or a reopened log needs it. */
  #sleep(milliseconds: number, wakeable: boolean): Promise<void> {
    if (this.#stopping || (wakeable && this.#woken)) return Promise.resolve();
    const slept = Promise.withResolvers<void>();
    const timer = setTimeout(slept.resolve, milliseconds);
    this.#wake = () => {
      if (wakeable || this.#stopping) slept.resolve();
    };
    return slept.promise.finally(() => {
      clearTimeout(timer);
      this.#wake = null;
    });
  }
}
