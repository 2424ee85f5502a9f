// Judges the whole history anew, in the order of time, while everything else goes on: rules and networks get
// better, and facts stay. How far it has come is kept in a file, so that a restart goes on from there; a
// page that was done and not yet noted is done again, which changes nothing.

import { isDeepStrictEqual } from 'node:util';
import { formatEventId, type JudgedHit, parseEventId } from '../hit/event.ts';
import { nowMicros } from '../hit/clock.ts';
import { LOAD_RETRY_MS_MAX, REJUDGE_HITS } from '../limits.ts';
import { compareIds } from '../store/last-word.ts';
import { EVERY_HIT } from '../store/selection.ts';
import type { HitPlace, Store } from '../store/store.ts';
import { StoreError } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Judging } from './judging.ts';
import { type ReclassifyFile, type ReclassifyProgress } from './reclassify-file.ts';

type RunJudging = Pick<Judging, 'judge' | 'forgetSentTimes'>;
type ReclassifyStore = Pick<Store, 'hits' | 'rejudge' | 'totals'>;

export interface ReclassifyParts {
  readonly store: ReclassifyStore;
  /** A new one for each run, of files that were read anew. */
  readonly judging: () => Promise<RunJudging>;
  /** So long before a hit others may lie that its judgement depends on. */
  readonly windowSeconds: number;
  /** The loader's: nothing is loaded or erased meanwhile, so that no page brings back what was erased. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly file: ReclassifyFile;
  readonly log: Logger;
}

export interface ReclassifyState {
  readonly state: 'idle' | 'running' | 'done';
  readonly judged: number;
  /** Of these, how many have another judgement now. */
  readonly changed: number;
  /** Hits in the store when it began, or went on after a restart; null when nobody has counted them. */
  readonly total: number | null;
  /** Microseconds since 1970. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Why it waits; null when it does not. */
  readonly failure: string | null;
}

const IDLE: ReclassifyState = {
  state: 'idle',
  judged: 0,
  changed: 0,
  total: null,
  startedAt: null,
  finishedAt: null,
  failure: null,
};

export class Reclassification {
  readonly #parts: ReclassifyParts;
  #state: ReclassifyState = IDLE;
  #running: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(parts: ReclassifyParts) {
    this.#parts = parts;
  }

  get state(): ReclassifyState {
    return this.#state;
  }

  /** Goes on with what a restart interrupted. Rejects with errno errors. */
  async resume(): Promise<void> {
    const progress = await this.#parts.file.read();
    if (progress !== null) this.#begin(progress);
  }

  /** Resolves once it is certain to happen, also after a restart. Rejects with errno errors. */
  async start(): Promise<'started' | 'running'> {
    if (this.#running !== null || this.#stop.signal.aborted) return 'running';
    const beginning = this.#parts.file.begin();
    this.#running = beginning.then(() => undefined);
    let progress: ReclassifyProgress;
    try {
      progress = await beginning;
    } finally {
      this.#running = null;
    }
    this.#begin(progress);
    return 'started';
  }

  /** Ends after the page in hand; the next start goes on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #begin(progress: ReclassifyProgress): void {
    const { judged, changed, startedAt } = progress;
    this.#state = { ...IDLE, state: 'running', judged, changed, startedAt };
    this.#running = this.#run(progress).finally(() => {
      this.#running = null;
    });
  }

  async #run(begun: ReclassifyProgress): Promise<void> {
    const { signal } = this.#stop;
    let progress: ReclassifyProgress | null = begun;
    while (progress !== null && !signal.aborted) {
      try {
        progress = await this.#goOn(progress);
      } catch (error) {
        this.#failed(error);
        progress = (await this.#parts.file.read().catch(() => null)) ?? progress;
        await pause(LOAD_RETRY_MS_MAX, signal);
      }
    }
  }

  /** Page after page until the end, which is null, or until it is to stop. Throws what the store throws. */
  async #goOn(from: ReclassifyProgress): Promise<ReclassifyProgress | null> {
    const { store, judging: newJudging, alone } = this.#parts;
    const judging = await newJudging();
    const { opens, visits } = await store.totals();
    this.#state = { ...this.#state, total: opens + visits };
    await this.#warmUp(judging, from.place);
    let progress: ReclassifyProgress | null = from;
    while (progress !== null && !this.#stop.signal.aborted) {
      const page: ReclassifyProgress = progress;
      progress = await alone(() => this.#page(judging, page));
      this.#state = { ...this.#state, failure: null };
    }
    if (progress === null) await this.#finish();
    return progress;
  }

  /**
   * Hits just before the place at which it goes on are judged again and left as they are: what they asked
   * for still counts.
   */
  async #warmUp(judging: RunJudging, done: HitPlace | null): Promise<void> {
    if (done === null) return;
    const { store, windowSeconds } = this.#parts;
    let place = { at: Math.max(0, done.at - windowSeconds * 1e6), id: done.id };
    while (!this.#stop.signal.aborted) {
      const hits = await nextHits(store, place);
      const earlier = hits.filter((hit) => !isBehind(hit, done));
      await judging.judge(earlier, []);
      const last = earlier.at(-1);
      if (last === undefined || earlier.length < hits.length) return;
      place = { at: last.event.at, id: formatEventId(last.id) };
    }
  }

  /** One page, judged, in the store and noted; null when there was none. */
  async #page(
    judging: RunJudging,
    progress: ReclassifyProgress,
  ): Promise<ReclassifyProgress | null> {
    const { store, file } = this.#parts;
    const hits = await nextHits(store, progress.place);
    const last = hits.at(-1);
    if (last === undefined) return null;
    judging.forgetSentTimes();
    const judged = await judging.judge(hits, []);
    const changed = judged.filter((hit, i) => differs(hit, hits[i] as JudgedHit));
    if (changed.length > 0) await store.rejudge(changed);
    const next: ReclassifyProgress = {
      ...progress,
      place: { at: last.event.at, id: formatEventId(last.id) },
      judged: progress.judged + hits.length,
      changed: progress.changed + changed.length,
    };
    await file.write(next);
    this.#state = { ...this.#state, judged: next.judged, changed: next.changed };
    return next;
  }

  async #finish(): Promise<void> {
    await this.#parts.file.remove();
    this.#state = { ...this.#state, state: 'done', finishedAt: nowMicros() };
    const { judged, changed } = this.#state;
    this.#parts.log.info({ judged, changed }, 'all hits are judged anew');
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== this.#state.failure) {
      const detail = error instanceof StoreError ? { reason } : { err: error };
      this.#parts.log.error(detail, 'judging anew waits and is tried again');
    }
    this.#state = { ...this.#state, failure: reason };
  }
}

/** Less than REJUDGE_HITS only when there are no more. */
async function nextHits(
  store: Pick<Store, 'hits'>,
  place: HitPlace | null,
): Promise<readonly JudgedHit[]> {
  const query = { selection: EVERY_HIT, order: 'oldest', place, limit: REJUDGE_HITS } as const;
  return (await store.hits(query)).hits;
}

function isBehind({ id, event }: JudgedHit, place: HitPlace): boolean {
  if (event.at !== place.at) return event.at > place.at;
  const other = parseEventId(place.id);
  return other === null || compareIds(id, other) > 0;
}

/** Somebody's word stays whatever is judged, so it makes no difference. */
function differs({ judgement }: JudgedHit, { judgement: before }: JudgedHit): boolean {
  const isClaimed = before.own === 'claimed' || before.own === 'disclaimed';
  const own = isClaimed ? before.own : judgement.own;
  return !isDeepStrictEqual({ ...judgement, own }, before);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
