// Durable replies per second of one collector on one core, against nginx on the same core in the same run.
// Rounds alternate, so that a machine's moods hit both; the ratio is taken within a round.

import { join } from 'node:path';
import { CodeAuthority } from '../src/hit/code.ts';
import { endAll, type Server } from '../test/server.ts';
import { type DurableCount, Meter, type Timed } from './meter.ts';
import { startNginx, type Nginx } from './nginx.ts';
import { BENCH_SECRET, startPinned } from './pinned.ts';
import { ratios, type RoundsAsked, WARM_UP_SECONDS } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

/** One of the comparisons that are asked for. */
export interface Case {
  readonly route: '/track' | '/image/CODE.png';
  readonly connections: number;
  /** Every request has a connection of its own. */
  readonly newConnections: boolean;
}

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export interface Comparison extends Case {
  /** Truepixel's rate over nginx's within a round; the median of the rounds. */
  readonly ratio: number;
  readonly ratioSpread: Spread;
  /** The same per second of processor time used: what is left of the ratio on a machine with other work. */
  readonly ratioOfWork: Spread;
  /** Replies a second. */
  readonly nginx: Spread;
  readonly truepixel: Spread;
  readonly nginxLatency: Latency;
  readonly truepixelLatency: Latency;
  /** How much of its core each kept busy; a figure below 0.95 says that the load was the limit. */
  readonly nginxBusy: number;
  readonly truepixelBusy: number;
}

export interface RepliesResult {
  readonly comparisons: readonly Comparison[];
  readonly durable: DurableCount;
}

/** Measures all cases with one collector, then counts its journal. Throws when a reply was not 200. */
export async function measureReplies(
  options: Omit<RoundsAsked, 'connections'>,
  cases: readonly Case[],
): Promise<RepliesResult> {
  const nginx = await startNginx(join(options.folder, 'nginx'));
  const dataDir = join(options.folder, 'collect');
  try {
    const server = await startPinned({ dataDir, command: 'collect' });
    const meter = new Meter();
    const comparisons: Comparison[] = [];
    for (const each of cases) {
      comparisons.push(await compare({ ...options, ...each, nginx, server, meter }));
    }
    await server.stop();
    return { comparisons, durable: await meter.countDurable(dataDir) };
  } finally {
    await nginx.stop();
    await endAll(dataDir);
  }
}

/** Replies a second of `serve` with supervisor, collector and store process, all of them on that one core. */
export async function measureServe(options: RoundsAsked): Promise<Spread> {
  const { folder, rounds, seconds, connections, onProgress } = options;
  const dataDir = join(folder, 'serve');
  try {
    const server = await startPinned({ dataDir, command: 'serve' });
    const meter = new Meter();
    const run = { url: `${server.baseUrl}/track`, connections, pids: [] };
    const rates: number[] = [];
    await meter.run({ ...run, seconds: WARM_UP_SECONDS });
    for (let round = 1; round <= rounds; round += 1) {
      const { rate } = await meter.run({ ...run, seconds });
      rates.push(rate);
      onProgress(`serve, round ${round}: ${Math.round(rate)}/s`);
    }
    return spreadOf(rates);
  } finally {
    await endAll(dataDir);
  }
}

interface Compared extends RoundsAsked, Case {
  readonly nginx: Nginx;
  readonly server: Server;
  readonly meter: Meter;
}

async function compare(options: Compared): Promise<Comparison> {
  const { route, connections, newConnections, nginx, server, seconds } = options;
  const code = new CodeAuthority(Buffer.from(BENCH_SECRET)).mint();
  const path = route.replace('CODE', code);
  const load = { connections, newConnections, seconds };
  const theirRun = { ...load, url: nginx.baseUrl + path, pids: [nginx.pid] };
  const ourRun = { ...load, url: server.baseUrl + path, pids: server.pids('collector') };
  // What nginx acknowledged is in no journal.
  const theirMeter = new Meter();
  const theirs: Timed[] = [];
  const ours: Timed[] = [];
  await options.meter.run({ ...ourRun, seconds: WARM_UP_SECONDS });
  for (let round = 1; round <= options.rounds; round += 1) {
    const their = await theirMeter.run(theirRun);
    nginx.emptyLog();
    const our = await options.meter.run(ourRun);
    theirs.push(their);
    ours.push(our);
    options.onProgress(
      `${nameOf(options)}, round ${round}: nginx ${Math.round(their.rate)}/s, ` +
        `truepixel ${Math.round(our.rate)}/s, ${(our.rate / their.rate).toFixed(3)}`,
    );
  }
  const ratioSpread = ratios(ours, theirs, ({ rate }) => rate);
  return {
    route,
    connections,
    newConnections,
    ratio: ratioSpread.median,
    ratioSpread,
    ratioOfWork: ratios(ours, theirs, ({ work }) => work),
    nginx: spreadOf(theirs.map(({ rate }) => rate)),
    truepixel: spreadOf(ours.map(({ rate }) => rate)),
    nginxLatency: latencyOf(theirs),
    truepixelLatency: latencyOf(ours),
    nginxBusy: middle(theirs, ({ busy }) => busy),
    truepixelBusy: middle(ours, ({ busy }) => busy),
  };
}

export const nameOf = ({ route, connections, newConnections }: Case): string =>
  newConnections
    ? `${route}, a new connection for every request, ${connections} at a time`
    : `${route}, ${connections} keep-alive connections`;

const middle = (of: readonly Timed[], select: (timed: Timed) => number): number =>
  spreadOf(of.map(select)).median;

const latencyOf = (of: readonly Timed[]): Latency => ({
  p50Ms: middle(of, ({ p50Ms }) => p50Ms),
  p99Ms: middle(of, ({ p99Ms }) => p99Ms),
  p999Ms: middle(of, ({ p999Ms }) => p999Ms),
});
