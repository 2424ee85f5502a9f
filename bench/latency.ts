// How long replies take where the server is not at its limit: at half of its highest rate, by an open loop
// (open-loop.ts), and the same while the store process loads as fast as it can and answers the dashboard.
// Each beside nginx with the same generator at the same rate, which shows what of it is the generator's own.
//
// While loading, the store process shares the load's core, or has the third where there is one: it is the
// collector's core that is to be its own, as the default of COLLECTORS leaves a core for the store. On two
// cores the generator goes before the store if it may (`generatorFirst`); where it may not, they delay each
// other, and nginx's figure beside says how much of the latency that is: nginx has nothing to do with the
// store. Processor time that the generator takes is the store's loss, so `loadedPerSecond` is not its speed.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endAll, type Server } from '../test/server.ts';
import { Backlog, type Feed } from './backlog.ts';
import { allCores, LOAD_CORE, moveTo, processorSeconds } from './machine.ts';
import { Meter } from './meter.ts';
import { startNginx, type Nginx } from './nginx.ts';
import { mayGoFirst, openLoop, type OpenLoopRun, RateNotHeld } from './open-loop.ts';
import { startPinned } from './pinned.ts';
import { type RoundsAsked, WARM_UP_SECONDS } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

export interface LatencyFigures {
  readonly requestsPerSecond: number;
  readonly connections: number;
  /** The medians of the rounds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly nginxP50Ms: number;
  readonly nginxP99Ms: number;
  readonly nginxP999Ms: number;
  readonly p99SpreadMs: Spread;
  readonly nginxP99SpreadMs: Spread;
  /** How late the generator sent. */
  readonly sentLateP99Ms: number;
  /** Runs that were made again because the rate was not held: none on a quiet machine. */
  readonly repeated: number;
}

export interface LoadingFigures extends LatencyFigures {
  /** Whether the generator had the core that it shares with the store before the store. */
  readonly generatorFirst: boolean;
  /** By the store, while Truepixel was measured. */
  readonly loadedPerSecond: number;
  /** Processor seconds a second of the store process. */
  readonly storeBusy: number;
  /** The least that the store had still to load, at any look. */
  readonly behindMin: number;
  /** Questions of the dashboard; refused are those that the store could not answer in time (503). */
  readonly answered: number;
  readonly refused: number;
}

export interface LatencyResult {
  readonly peak: number;
  readonly halfPeak: LatencyFigures;
  readonly halfPeakWhileLoading: LoadingFigures;
}

interface LatencyOptions extends RoundsAsked {
  /** The highest rate that was measured with as many connections; measured first when null. */
  readonly peak: number | null;
}

/** More than a store loads in a second on one core (some 18 µs each), so that the pieces last. */
const BACKLOG_EVENTS_PER_SECOND = 60_000;
const VIEWERS = 4;
const QUESTIONS = ['opens', 'visits'].map(
  (kind) => `/v1/statistics/${kind}?from=2026-05-01&interval=day`,
);
const THINK_MS = 100;
const ATTEMPTS_MAX = 3;

/** Throws when a reply was not 200, the rate could not be held, or the store had nothing to load. */
export async function measureLatency(options: LatencyOptions): Promise<LatencyResult> {
  const nginx = await startNginx(join(options.folder, 'nginx-latency'));
  try {
    const { peak, halfPeak } = await measureQuiet(options, nginx);
    const { requestsPerSecond } = halfPeak;
    const halfPeakWhileLoading = await measureLoading(options, nginx, requestsPerSecond);
    return { peak, halfPeak, halfPeakWhileLoading };
  } finally {
    await nginx.stop();
  }
}

async function measureQuiet(
  options: LatencyOptions,
  nginx: Nginx,
): Promise<{ peak: number; halfPeak: LatencyFigures }> {
  const { folder, connections, seconds, onProgress } = options;
  const dataDir = join(folder, 'latency');
  try {
    const server = await startPinned({ dataDir, command: 'collect' });
    const run = { url: `${server.baseUrl}/track`, connections, pids: [] };
    await new Meter().run({ ...run, seconds: WARM_UP_SECONDS });
    const peak = options.peak ?? (await new Meter().run({ ...run, seconds })).rate;
    const requestsPerSecond = Math.round(peak / 2);
    onProgress(`highest rate ${Math.round(peak)}/s; latency at ${requestsPerSecond}/s …`);
    const rounds = new Rounds({ ...options, requestsPerSecond, spin: true });
    await rounds.measure(nginx, server, async (run) => await run());
    return { peak, halfPeak: rounds.figures() };
  } finally {
    await endAll(dataDir);
  }
}

async function measureLoading(
  options: LatencyOptions,
  nginx: Nginx,
  requestsPerSecond: number,
): Promise<LoadingFigures> {
  const { folder, rounds: times, seconds, onProgress } = options;
  const dataDir = join(folder, 'loading');
  onProgress('a backlog for the store …');
  // Twice a round, each with warm-up and pauses.
  const events = BACKLOG_EVENTS_PER_SECOND * 2 * times * (seconds + 3);
  const backlog = await Backlog.write(join(folder, 'backlog'), events);
  const cores = allCores();
  // This process asks and feeds meanwhile, away from the core that is measured.
  moveTo([LOAD_CORE], process.pid);
  try {
    const server = await startPinned({ dataDir, command: 'serve' });
    const [store = -1] = server.pids('store');
    moveTo([cores[2] ?? LOAD_CORE], store);
    const rounds = new Rounds({ ...options, requestsPerSecond, spin: cores.length > 2 });
    const feed = await backlog.feed(dataDir, () => rounds.sent);
    const watch = new Watch(server, feed, store);
    const viewers = Array.from({ length: VIEWERS }, async () => await watch.view());
    // Told when the rounds are over: until then, a failure must not end this process with servers running.
    for (const viewer of viewers) viewer.catch(() => undefined);
    try {
      await rounds.measure(nginx, server, async (run) => await watch.during(run));
    } finally {
      watch.end();
      await feed.stop();
      await Promise.all(viewers);
    }
    const generatorFirst = cores.length <= 2 && (await mayGoFirst());
    return { ...rounds.figures(), generatorFirst, ...watch.figures() };
  } finally {
    moveTo(cores, process.pid);
    await endAll(dataDir);
  }
}

interface RoundsOptions extends LatencyOptions {
  readonly requestsPerSecond: number;
  readonly spin: boolean;
}

type Measured = () => Promise<OpenLoopRun>;

/** nginx and Truepixel in turn, by the same generator. */
class Rounds {
  readonly #options: RoundsOptions;
  readonly #theirs: OpenLoopRun[] = [];
  readonly #ours: OpenLoopRun[] = [];
  #repeated = 0;
  #sentBefore = 0;
  #began: number | null = null;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Requests that Truepixel got so far, about: the rate is held or the measurement fails. */
  get sent(): number {
    if (this.#began === null) return this.#sentBefore;
    const seconds = (performance.now() - this.#began) / 1_000;
    return this.#sentBefore + Math.round(seconds * this.#options.requestsPerSecond);
  }

  /** `around` is given each of Truepixel's runs, and nginx's, to run. */
  async measure(
    nginx: Nginx,
    server: Server,
    around: (run: Measured) => Promise<OpenLoopRun>,
  ): Promise<void> {
    for (let round = 1; round <= this.#options.rounds; round += 1) {
      const their = await around(async () => await this.#run(nginx.baseUrl));
      nginx.emptyLog();
      const our = await around(async () => {
        this.#began = performance.now();
        const run = await this.#run(server.baseUrl);
        this.#sentBefore = this.sent;
        this.#began = null;
        return run;
      });
      this.#theirs.push(their);
      this.#ours.push(our);
      this.#options.onProgress(
        `round ${round}: p99 nginx ${their.p99Ms.toFixed(2)} ms, truepixel ${our.p99Ms.toFixed(2)} ms`,
      );
    }
  }

  async #run(baseUrl: string): Promise<OpenLoopRun> {
    const { requestsPerSecond, connections, seconds, spin, onProgress } = this.#options;
    const load = { url: `${baseUrl}/track`, requestsPerSecond, connections, seconds, spin };
    for (let attempt = 1; ; attempt += 1) {
      await sleep(200);
      try {
        return await openLoop(load);
      } catch (error) {
        if (!(error instanceof RateNotHeld) || attempt === ATTEMPTS_MAX) throw error;
        this.#repeated += 1;
        onProgress(error.message);
      }
    }
  }

  figures(): LatencyFigures {
    const of = (runs: readonly OpenLoopRun[], select: (run: OpenLoopRun) => number): Spread =>
      spreadOf(runs.map(select));
    const [ours, theirs] = [this.#ours, this.#theirs];
    const p99SpreadMs = of(ours, (run) => run.p99Ms);
    const nginxP99SpreadMs = of(theirs, (run) => run.p99Ms);
    return {
      requestsPerSecond: this.#options.requestsPerSecond,
      connections: this.#options.connections,
      p50Ms: of(ours, (run) => run.p50Ms).median,
      p99Ms: p99SpreadMs.median,
      p999Ms: of(ours, (run) => run.p999Ms).median,
      nginxP50Ms: of(theirs, (run) => run.p50Ms).median,
      nginxP99Ms: nginxP99SpreadMs.median,
      nginxP999Ms: of(theirs, (run) => run.p999Ms).median,
      p99SpreadMs,
      nginxP99SpreadMs,
      sentLateP99Ms: of(ours, (run) => run.sentLateP99Ms).median,
      repeated: this.#repeated,
    };
  }
}

/** The dashboard's viewers, and what the store did while it was measured. */
class Watch {
  readonly #server: Server;
  readonly #feed: Feed;
  readonly #store: number;
  #ended = false;
  #answered = 0;
  #refused = 0;
  #seconds = 0;
  #loaded = 0;
  #used = 0;
  #behindMin = Infinity;

  constructor(server: Server, feed: Feed, store: number) {
    this.#server = server;
    this.#feed = feed;
    this.#store = store;
  }

  /** Somebody who asks again and again, as an open overview does, and more often. */
  async view(): Promise<void> {
    for (let turn = 0; !this.#ended; turn += 1) {
      const { status } = await this.#server.api(QUESTIONS[turn % QUESTIONS.length] ?? '');
      if (status === 200) this.#answered += 1;
      else if (status === 503) this.#refused += 1;
      else throw new Error(`the dashboard got ${status}`);
      await sleep(THINK_MS);
    }
  }

  async during(run: Measured): Promise<OpenLoopRun> {
    const [loaded, used, began] = [
      this.#feed.loaded,
      processorSeconds(this.#store),
      performance.now(),
    ];
    this.#feed.beginWindow();
    const result = await run();
    this.#behindMin = Math.min(this.#behindMin, this.#feed.endWindow());
    this.#seconds += (performance.now() - began) / 1_000;
    this.#loaded += this.#feed.loaded - loaded;
    this.#used += processorSeconds(this.#store) - used;
    return result;
  }

  end(): void {
    this.#ended = true;
  }

  /** Throws when the dashboard got no answer at all. */
  figures(): Omit<LoadingFigures, keyof LatencyFigures | 'generatorFirst'> {
    if (this.#answered === 0) throw new Error('no question of the dashboard was answered');
    return {
      loadedPerSecond: this.#loaded / this.#seconds,
      storeBusy: this.#used / this.#seconds,
      behindMin: this.#behindMin,
      answered: this.#answered,
      refused: this.#refused,
    };
  }
}
