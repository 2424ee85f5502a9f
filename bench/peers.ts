// Other programs that answer tracking pixels, beside Truepixel with the same load on the same core. Only what
// can be had from a package registry is measured; of the others it is said why not.
//
// GoatCounter is built from the Go module proxy, or taken from where GOATCOUNTER says it lies. Its limits of
// requests are set so high that they are none, and it has one thread for its code (GOMAXPROCS=1), as a
// collector has. It ends each connection of `/count`, so all are measured with a connection for every
// request. It answers when a hit is in its memory, and writes what it has there to SQLite every ten seconds
// (its default): a crash loses these, where Truepixel answers after its fsync. All of that is from its source
// (2.7); starting it here is untried, as its modules could not be had.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endAll, freePort, get } from '../test/server.ts';
import { pathOf, SERVER_CORE } from './machine.ts';
import { Meter, type Timed } from './meter.ts';
import { startNginx } from './nginx.ts';
import { startPinned } from './pinned.ts';
import { type RoundsAsked, WARM_UP_SECONDS } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

interface PeerFigures {
  readonly name: string;
  /** What has become of a hit when it is answered. */
  readonly answersWhen: string;
  readonly repliesPerSecond: Spread;
  readonly repliesPerProcessorSecond: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface PeersResult {
  readonly connections: number;
  readonly measured: readonly PeerFigures[];
  readonly missing: Readonly<Record<string, string>>;
}

interface Peer {
  readonly name: string;
  readonly answersWhen: string;
  readonly url: string;
  readonly pids: readonly number[];
}

const GOATCOUNTER = 'zgo.at/goatcounter/v2/cmd/goatcounter@latest';
const BUILD_MS_MAX = 600_000;
const START_MS_MAX = 20_000;
const NO_LIMIT = ['count', 'api', 'api2', 'api-count', 'export', 'login']
  .map((name) => `${name}:1000000000/1`)
  .join(',');
const NOT_IN_A_REGISTRY: Readonly<Record<string, string>> = {
  Matomo: 'in no registry of packages (PHP with MySQL, from builds.matomo.org)',
  Umami:
    'only its clients are in npm; the server is built from its Git repository, with PostgreSQL',
  TrackPixel: 'in no registry of packages (its Git repository only)',
};
const run = promisify(execFile);

/** Throws when a reply of one that was started was not 200. */
export async function measurePeers(options: RoundsAsked): Promise<PeersResult> {
  const { folder, connections, onProgress } = options;
  const dataDir = join(folder, 'beside-peers');
  const missing: Record<string, string> = { ...NOT_IN_A_REGISTRY };
  const nginx = await startNginx(join(folder, 'nginx-peers'));
  let goatcounter: ChildProcess | null = null;
  try {
    const server = await startPinned({ dataDir, command: 'collect' });
    const peers: Peer[] = [
      {
        name: 'nginx',
        answersWhen: 'a line is in its buffer',
        url: `${nginx.baseUrl}/track`,
        pids: [nginx.pid],
      },
      {
        name: 'Truepixel',
        answersWhen: 'the hit is on the disk',
        url: `${server.baseUrl}/track`,
        pids: server.pids('collector'),
      },
    ];
    onProgress('building GoatCounter …');
    const program = await findGoatcounter(join(folder, 'go'));
    if ('reason' in program) missing['GoatCounter'] = program.reason;
    else {
      const started = await startGoatcounter(program.path, join(folder, 'goatcounter'));
      goatcounter = started.child;
      peers.push(started.peer);
    }
    const measured = await measureAll(peers, options, () => nginx.emptyLog());
    return { connections, measured, missing };
  } finally {
    goatcounter?.kill('SIGKILL');
    await nginx.stop();
    await endAll(dataDir);
  }
}

async function measureAll(
  peers: readonly Peer[],
  { rounds, seconds, connections, onProgress }: RoundsAsked,
  afterRound: () => void,
): Promise<PeerFigures[]> {
  const timed = new Map<Peer, Timed[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [peer, runs] of timed) {
      const { url, pids } = peer;
      const load = { url, pids, connections, newConnections: true };
      // The first is to warm up.
      if (round === 0) await new Meter().run({ ...load, seconds: WARM_UP_SECONDS });
      else runs.push(await new Meter().run({ ...load, seconds }));
    }
    afterRound();
    onProgress(`peers, round ${round}`);
  }
  return [...timed].map(([{ name, answersWhen }, runs]) => ({
    name,
    answersWhen,
    repliesPerSecond: spreadOf(runs.map(({ rate }) => rate)),
    repliesPerProcessorSecond: spreadOf(runs.map(({ work }) => work)),
    p50Ms: spreadOf(runs.map(({ p50Ms }) => p50Ms)).median,
    p99Ms: spreadOf(runs.map(({ p99Ms }) => p99Ms)).median,
  }));
}

async function findGoatcounter(folder: string): Promise<{ path: string } | { reason: string }> {
  const given = process.env['GOATCOUNTER'];
  if (given !== undefined) return { path: given };
  if (pathOf('go') === null) return { reason: 'Go is not installed (Debian: golang-go)' };
  const bin = join(folder, 'bin');
  // No toolchain is fetched: what the Go that is there cannot build is not measured.
  const env = { ...process.env, GOBIN: bin, GOTOOLCHAIN: 'local' };
  try {
    await run('go', ['install', GOATCOUNTER], { env, timeout: BUILD_MS_MAX });
    return { path: join(bin, 'goatcounter') };
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const said = stderr.trim().split('\n').slice(-2).join(' ').replaceAll(/\s+/g, ' ');
    return { reason: `go install fails: ${said}` };
  }
}

/** A site of its own in a new SQLite database; GoatCounter takes any host for its only site. */
async function startGoatcounter(
  program: string,
  folder: string,
): Promise<{ child: ChildProcess; peer: Peer }> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const db = ['-db', `sqlite+${join(folder, 'db.sqlite3')}`];
  const site = ['-vhost', 'stats.example', '-user.email', 'a@example.com', '-user.password'];
  await run(program, ['db', 'create', 'site', '-createdb', ...db, ...site, 'a-long-password']);
  const listen = ['-listen', `127.0.0.1:${port}`, '-tls', 'http'];
  const words = [program, 'serve', ...db, ...listen, '-automigrate', '-ratelimit', NO_LIMIT];
  const child = spawn('taskset', ['-c', String(SERVER_CORE), ...words], {
    env: { ...process.env, GOMAXPROCS: '1' },
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  const url = `http://127.0.0.1:${port}/count?p=/x`;
  const until = Date.now() + START_MS_MAX;
  while ((await get(url).catch(() => null))?.status !== 200) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`GoatCounter did not start: ${words.join(' ')}`);
    }
    await sleep(50);
  }
  const answersWhen = 'the hit is in its memory';
  const peer = { name: 'GoatCounter', answersWhen, url, pids: [child.pid ?? -1] };
  return { child, peer };
}

export function describePeers({ connections, measured, missing }: PeersResult): string[] {
  const round = (value: number): string => Math.round(value).toLocaleString('en-US');
  return [
    `Beside others, one core each, a connection for every request, ${connections} at a time:`,
    ...measured.map(({ name, answersWhen, repliesPerSecond, p50Ms, p99Ms }) => {
      const { median, lowest, highest } = repliesPerSecond;
      const rates = `${round(median)}/s (${round(lowest)} to ${round(highest)})`;
      const latency = `median ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
      return `  ${name.padEnd(12)}${rates}, ${latency}; answers when ${answersWhen}`;
    }),
    ...Object.entries(missing).map(
      ([name, reason]) => `  ${name.padEnd(12)}not measured: ${reason}`,
    ),
  ];
}
