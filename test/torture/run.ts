// A whole torture: load from a process of its own, blows at random moments, and then the reckoning between
// what was acknowledged and what the journal, the store and the visit log hold.

import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { QuestdbServer } from '../questdb-server.ts';
import { freePort, TEST_TOKEN } from '../server.ts';
import { Installation, isKill, type Blow } from './installation.ts';
import type { LoadCounts, LoadMessage, LoadOrder } from './load.ts';
import { Chance } from './random.ts';
import { isKept, reckon, type Evidence, type Reckoning } from './reckoning.ts';

export interface TortureOptions {
  /** An empty folder. The installation is left in it, stopped. */
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly collectors: number;
  readonly rate: number;
  /** Whether `folder/data` is a small disk of its own (small-disk.ts), which is then filled now and then. */
  readonly smallDisk: boolean;
  /** Blows end after so long, however many kills are left. */
  readonly secondsMax: number;
  /** The store, when it is not the embedded one. */
  readonly questdb?: QuestdbServer;
  /** Told about each blow, for those who watch. */
  readonly onBlow: (text: string) => void;
}

export interface TortureReport {
  readonly seed: number;
  readonly seconds: number;
  readonly kills: number;
  readonly blows: Readonly<Partial<Record<Blow, number>>>;
  /** How often the supervisor ended though nobody had told it to: no loss, but no service either. */
  readonly gaveUp: number;
  readonly client: LoadCounts;
  readonly reckoning: Reckoning;
  /** Anything else that may not happen: replies that no client may see, a last exit that was not clean. */
  readonly surprises: readonly string[];
}

/** Whether the promise was kept in everything. */
export const isAcceptable = (report: TortureReport): boolean =>
  isKept(report.reckoning) && report.surprises.length === 0;

const LOAD = fileURLToPath(new URL('load.ts', import.meta.url));
const CONNECTIONS = 40;
const MARKERS_MAX = 16 * 1024 * 1024;
/** Between two blows: at least so many replies, so that there is always something to lose… */
const ACKNOWLEDGED_MIN = 20;
/** …and so long at most, because an installation that answers nobody is worth a blow as well. */
const BLOW_MS_MAX = 12_000;
const PAUSE_MS_MAX = 1_500;

/** Tortures one installation; {@link isAcceptable} says whether it kept its promise. */
export async function torture(
  options: TortureOptions,
): Promise<{ report: TortureReport; evidence: Evidence }> {
  const began = performance.now();
  const chance = new Chance(options.seed);
  const port = await freePort();
  const dataDir = join(options.folder, 'data');
  const settings = { dataDir, port, env: environment(options) };
  const installation = new Installation(settings, options.smallDisk, chance);
  const fatesPath = join(options.folder, 'fates');
  try {
    await installation.recovered();
    const load = new LoadProcess({
      port,
      token: TEST_TOKEN,
      seed: options.seed,
      rate: options.rate,
      connections: CONNECTIONS,
      markersMax: MARKERS_MAX,
      fatesPath,
    });
    const blows = await strikeOften(options, installation, load, chance);
    await installation.recovered();
    const client = await load.stop();
    await installation.settled();
    const code = await installation.stop();

    const { visitLogs } = installation;
    const connString = options.questdb?.connString ?? null;
    const fates = readFileSync(fatesPath);
    const evidence = { dataDir, connString, visitLogs, fates, codes: client.codes };
    const surprises = [...client.strange];
    if (code !== 0) surprises.push(`the last SIGTERM ended with exit code ${code}`);
    const report = {
      seed: options.seed,
      seconds: Math.round((performance.now() - began) / 1_000),
      kills: killsOf(blows),
      blows,
      gaveUp: installation.gaveUp.length,
      client: client.counts,
      reckoning: await reckon(evidence),
      surprises,
    };
    return { report, evidence };
  } finally {
    installation.abandon();
  }
}

function environment(options: TortureOptions): Record<string, string> {
  return {
    COLLECTORS: String(options.collectors),
    TRUSTED_PROXIES: '127.0.0.1/32',
    // The smallest, so that segments are closed and archived all the time.
    SEGMENT_BYTES: '1MiB',
    LOG_LEVEL: 'warn',
    ...options.questdb?.env,
    // Without a reserve the disk is full in earnest, in the middle of whatever is written.
    ...(options.smallDisk && { DISK_FREE_BYTES_MIN: '0' }),
  };
}

type Blows = Partial<Record<Blow, number>>;

const killsOf = (blows: Blows): number =>
  (Object.entries(blows) as [Blow, number][])
    .filter(([blow]) => isKill(blow))
    .reduce((sum, [, count]) => sum + count, 0);

async function strikeOften(
  options: TortureOptions,
  installation: Installation,
  load: LoadProcess,
  chance: Chance,
): Promise<Blows> {
  const blows: Blows = {};
  let gaveUp = 0;
  const until = Date.now() + options.secondsMax * 1_000;
  while (killsOf(blows) < options.kills && Date.now() < until) {
    await load.acknowledges(ACKNOWLEDGED_MIN, BLOW_MS_MAX);
    await sleep(chance.between(0, PAUSE_MS_MAX));
    for (const text of installation.gaveUp.slice(gaveUp)) options.onBlow(text);
    gaveUp = installation.gaveUp.length;
    const blow = installation.chooseBlow();
    if (!installation.strike(blow)) continue;
    blows[blow] = (blows[blow] ?? 0) + 1;
    const { acknowledged, refused } = load.counts;
    options.onBlow(
      `kill ${killsOf(blows)}: ${blow} (${acknowledged} acknowledged, ${refused} refused)`,
    );
  }
  return blows;
}

/** The load in its own process; `counts` are those of a moment ago. */
export class LoadProcess {
  readonly #process: ChildProcess;
  readonly #done: Promise<Extract<LoadMessage, { type: 'done' }>>;
  #counts: LoadCounts = { sent: 0, acknowledged: 0, refused: 0, broken: 0, minted: 0, reports: 0 };

  constructor(order: LoadOrder) {
    this.#process = fork(LOAD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.send(order);
    this.#done = new Promise((resolve, reject) => {
      this.#process.on('message', (message: LoadMessage) => {
        this.#counts = message.counts;
        if (message.type === 'done') resolve(message);
      });
      this.#process.once('exit', (code) => reject(new Error(`the load ended early: ${code}`)));
    });
    this.#done.catch(() => undefined); // stop() reports it.
  }

  /** Throws when the load has died: it is no victim, so that is a fault of the torture itself. */
  get counts(): LoadCounts {
    if (this.#process.exitCode !== null) throw new Error('the load has died');
    return this.#counts;
  }

  /** Waits for so many more complete replies, but not for ever. */
  async acknowledges(more: number, milliseconds: number): Promise<void> {
    const goal = this.counts.acknowledged + more;
    const until = Date.now() + milliseconds;
    while (this.#counts.acknowledged < goal && Date.now() < until) await sleep(20);
  }

  stop(): Promise<Extract<LoadMessage, { type: 'done' }>> {
    this.#process.send('stop');
    return this.#done;
  }
}
