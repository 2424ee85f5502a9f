// How far Node.js itself is from nginx: a server that reads and keeps nothing (bare-net.ts) beside nginx, on
// the same core in alternating rounds. What a collector could reach at most, were reading requests and
// keeping hits for nothing.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, get } from '../test/server.ts';
import { SERVER_CORE } from './machine.ts';
import { Meter, type Timed } from './meter.ts';
import { startNginx } from './nginx.ts';
import { ratios, type RoundsAsked, WARM_UP_SECONDS } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

export interface LimitResult {
  /** The bare server's rate over nginx's within a round; the median of the rounds. */
  readonly ratio: number;
  readonly ratioSpread: Spread;
  /** The same per second of processor time. */
  readonly ratioOfWork: Spread;
  /** Replies a second. */
  readonly nginx: Spread;
  readonly bare: Spread;
  /** Microseconds of processor time per reply. */
  readonly nginxMicros: Spread;
  readonly bareMicros: Spread;
}

const BARE = fileURLToPath(new URL('bare-net.ts', import.meta.url));
const START_MS_MAX = 5_000;

/** Throws when a reply was not 200, and when a server does not start. */
export async function measureLimit(options: RoundsAsked): Promise<LimitResult> {
  const { connections, seconds, rounds, onProgress } = options;
  const nginx = await startNginx(join(options.folder, 'nginx-limit'));
  try {
    const bare = await startBare();
    try {
      const meter = new Meter();
      const load = { connections, seconds };
      const theirRun = { ...load, url: `${nginx.baseUrl}/track`, pids: [nginx.pid] };
      const bareRun = { ...load, url: `${bare.baseUrl}/track`, pids: [bare.pid] };
      await meter.run({ ...bareRun, seconds: WARM_UP_SECONDS });
      const [theirs, bares]: [Timed[], Timed[]] = [[], []];
      for (let round = 1; round <= rounds; round += 1) {
        theirs.push(await meter.run(theirRun));
        nginx.emptyLog();
        bares.push(await meter.run(bareRun));
        onProgress(`a bare server, round ${round}: ${Math.round(bares.at(-1)?.rate ?? 0)}/s`);
      }
      return resultOf(theirs, bares);
    } finally {
      await bare.stop();
    }
  } finally {
    await nginx.stop();
  }
}

function resultOf(theirs: readonly Timed[], bares: readonly Timed[]): LimitResult {
  const micros = ({ work }: Timed): number => 1_000_000 / work;
  const ratioSpread = ratios(bares, theirs, ({ rate }) => rate);
  return {
    ratio: ratioSpread.median,
    ratioSpread,
    ratioOfWork: ratios(bares, theirs, ({ work }) => work),
    nginx: spreadOf(theirs.map(({ rate }) => rate)),
    bare: spreadOf(bares.map(({ rate }) => rate)),
    nginxMicros: spreadOf(theirs.map(micros)),
    bareMicros: spreadOf(bares.map(micros)),
  };
}

interface Bare {
  readonly baseUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startBare(): Promise<Bare> {
  const port = await freePort();
  const words = ['-c', String(SERVER_CORE), process.execPath, BARE, String(port)];
  // taskset becomes what it starts, so its process id is the server's.
  const server = spawn('taskset', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
  };
  const baseUrl = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS_MAX;
  while ((await get(`${baseUrl}/track`).catch(() => null))?.status !== 200) {
    if (server.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error('the bare server did not start');
    }
    await sleep(50);
  }
  return { baseUrl, pid: server.pid ?? -1, stop };
}
