// Durable replies per second of one collector on one core, against nginx on the same core in the same run.
// Rounds alternate, so that a machine's moods hit both; the ratio is taken within a round.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodeAuthority } from '../src/hit/code.ts';
import { readJournal } from '../test/read-journal.ts';
import { endAll, freePort, startServer, type Server } from '../test/server.ts';
import { processorSeconds, SERVER_CORE } from './machine.ts';
import { startNginx, type Nginx } from './nginx.ts';
import { spreadOf, type Spread } from './spread.ts';
import { wrk, type WrkRun } from './wrk.ts';

export interface RepliesOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly onProgress: (text: string) => void;
}

export interface RouteResult {
  readonly route: string;
  /** Replies a second. */
  readonly nginx: Spread;
  readonly truepixel: Spread;
  /** Truepixel's rate over nginx's, round by round. */
  readonly ratio: Spread;
  /** The same per second of processor time used: what is left of the ratio on a machine with other work. */
  readonly ratioOfWork: Spread;
  readonly truepixelP50Ms: number;
  readonly truepixelP99Ms: number;
  /** How much of its core each kept busy; a figure below 0.95 says that the load was the limit. */
  readonly nginxBusy: number;
  readonly truepixelBusy: number;
}

export interface RepliesResult {
  readonly connections: number;
  readonly routes: readonly RouteResult[];
  /** `serve` with supervisor, collector and store process, all of them on that one core. */
  readonly serveOnOneCore: Spread;
  readonly durable: DurableCount;
}

/** The proof that every reply was durable: what wrk saw, and what was in the journal afterwards. */
export interface DurableCount {
  readonly acknowledged: number;
  readonly inJournal: number;
  /** Requests that were under way when wrk stopped listening: kept perhaps, though nobody counted them. */
  readonly inFlightMax: number;
  readonly honest: boolean;
}

const SECRET = 'a-secret-for-benchmarks-only-0123456789';
const WARM_UP_SECONDS = 2;

/** Measures all routes and counts the journal afterwards. Throws when a reply was not 200. */
export async function measureReplies(options: RepliesOptions): Promise<RepliesResult> {
  const nginx = await startNginx(join(options.folder, 'nginx'));
  const dataDir = join(options.folder, 'collect');
  try {
    const meter = new Meter(options);
    const code = new CodeAuthority(Buffer.from(SECRET)).mint();
    const server = await startPinned(dataDir, 'collect');
    const routes: RouteResult[] = [];
    routes.push(await meter.compare('/track', '/track', nginx, server));
    routes.push(await meter.compare('/image/CODE.png', `/image/${code}.png`, nginx, server));
    await server.stop();
    const durable = await meter.countDurable(dataDir);
    const serveOnOneCore = await measureServe(options);
    return { connections: options.connections, routes, serveOnOneCore, durable };
  } finally {
    await nginx.stop();
    await endAll(dataDir);
  }
}

async function startPinned(dataDir: string, command: 'collect' | 'serve'): Promise<Server> {
  const env = { COLLECTORS: '1', CODE_SECRET: SECRET, LOG_LEVEL: 'warn' };
  const prefix = ['taskset', '-c', String(SERVER_CORE)];
  return startServer({ dataDir, port: await freePort(), command, env, prefix });
}

async function measureServe(options: RepliesOptions): Promise<Spread> {
  const dataDir = join(options.folder, 'serve');
  const server = await startPinned(dataDir, 'serve');
  try {
    const meter = new Meter(options);
    const rates: number[] = [];
    await meter.run(`${server.baseUrl}/track`, WARM_UP_SECONDS);
    for (let round = 1; round <= options.rounds; round += 1) {
      rates.push(rateOf(await meter.run(`${server.baseUrl}/track`, options.seconds)));
      options.onProgress(`serve, round ${round}: ${Math.round(rates.at(-1) ?? 0)}/s`);
    }
    return spreadOf(rates);
  } finally {
    await endAll(dataDir);
  }
}

/** Replies per second of processor time. */
const work = (timed: Timed | undefined): number =>
  timed === undefined ? Number.NaN : timed.rate / timed.busy;

const rateOf = (run: WrkRun): number => run.replies / run.seconds;

class Meter {
  readonly #options: RepliesOptions;
  #acknowledged = 0;
  #runs = 0;

  constructor(options: RepliesOptions) {
    this.#options = options;
  }

  async run(url: string, seconds: number): Promise<WrkRun> {
    const run = await wrk(url, this.#options.connections, seconds);
    if (run.notOk + run.broken > 0)
      throw new Error(`${url}: not all were 200: ${JSON.stringify(run)}`);
    return run;
  }

  /** `route` is the path's name in the report. */
  async compare(route: string, path: string, nginx: Nginx, server: Server): Promise<RouteResult> {
    const [collector = -1] = server.pids('collector');
    const theirs: Timed[] = [];
    const ours: Timed[] = [];
    await this.#ours(server, collector, path, WARM_UP_SECONDS);
    for (let round = 1; round <= this.#options.rounds; round += 1) {
      theirs.push(await this.#theirs(nginx, path));
      ours.push(await this.#ours(server, collector, path, this.#options.seconds));
      const [their, our] = [theirs.at(-1)?.rate ?? 0, ours.at(-1)?.rate ?? 0];
      const ratio = (our / their).toFixed(3);
      this.#options.onProgress(
        `${route}, round ${round}: nginx ${Math.round(their)}/s, truepixel ${Math.round(our)}/s, ${ratio}`,
      );
    }
    const middle = (select: (timed: Timed) => number, of: readonly Timed[]): number =>
      spreadOf(of.map(select)).median;
    return {
      route,
      nginx: spreadOf(theirs.map((timed) => timed.rate)),
      truepixel: spreadOf(ours.map((timed) => timed.rate)),
      ratio: spreadOf(ours.map((timed, round) => timed.rate / (theirs[round]?.rate ?? Number.NaN))),
      ratioOfWork: spreadOf(ours.map((timed, round) => work(timed) / work(theirs[round]))),
      truepixelP50Ms: middle((timed) => timed.p50Ms, ours),
      truepixelP99Ms: middle((timed) => timed.p99Ms, ours),
      nginxBusy: middle((timed) => timed.busy, theirs),
      truepixelBusy: middle((timed) => timed.busy, ours),
    };
  }

  /** Counts the stopped collector's journal against what wrk acknowledged. */
  async countDurable(dataDir: string): Promise<DurableCount> {
    let inJournal = 0;
    const damage = await readJournal(dataDir, () => {
      inJournal += 1;
    });
    const acknowledged = this.#acknowledged;
    const inFlightMax = this.#runs * this.#options.connections;
    const surplus = inJournal - acknowledged;
    const honest = damage.length === 0 && surplus >= 0 && surplus <= inFlightMax;
    return { acknowledged, inJournal, inFlightMax, honest };
  }

  async #theirs(nginx: Nginx, path: string): Promise<Timed> {
    const url = nginx.baseUrl + path;
    const timed = await this.#timed(nginx.pid, url, this.#options.seconds);
    nginx.emptyLog();
    return timed;
  }

  async #ours(server: Server, pid: number, path: string, seconds: number): Promise<Timed> {
    const timed = await this.#timed(pid, server.baseUrl + path, seconds);
    this.#acknowledged += timed.replies;
    this.#runs += 1;
    return timed;
  }

  async #timed(pid: number, url: string, seconds: number): Promise<Timed> {
    await sleep(200); // Whatever the run before left behind is done by then.
    const usedBefore = processorSeconds(pid);
    const run = await this.run(url, seconds);
    const busy = (processorSeconds(pid) - usedBefore) / run.seconds;
    return { rate: rateOf(run), busy, replies: run.replies, p50Ms: run.p50Ms, p99Ms: run.p99Ms };
  }
}

interface Timed {
  readonly rate: number;
  readonly replies: number;
  /** Processor seconds a second. */
  readonly busy: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
