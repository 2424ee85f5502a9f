// The outage drill: a machine that collects and one that stores, which share nothing but a topic and a queue.
// Hits arrive while SNS is unreachable, then slow, then refusing one message in ten and losing answers, and
// processes of both machines are killed meanwhile. At the end every acknowledged hit must be in the second
// machine's store and visit log exactly once.

import { isHit } from '../../src/hit/event.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../read-journal.ts';
import {
  freePort,
  processesOf,
  Server,
  type ServerOptions,
  signal,
  TEST_TOKEN,
} from '../server.ts';
import { type Finding, Tally } from '../torture/ledger.ts';
import type { LoadCounts } from '../torture/load.ts';
import { markerOf } from '../torture/marker.ts';
import { Chance } from '../torture/random.ts';
import { reckon, type Reckoning } from '../torture/reckoning.ts';
import { LoadProcess } from '../torture/run.ts';
import {
  awsEnvironment,
  countMessages,
  type Emulator,
  makePlace,
  type Place,
  pointAwsAt,
} from './emulator.ts';
import { type Faults, FaultProxy } from './fault-proxy.ts';

export interface OutageOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly emulator: Emulator;
  /** Acknowledged hits in all. */
  readonly hits: number;
  readonly rate: number;
  readonly seed: number;
  /** Told what happens, for those who watch. */
  readonly onEvent: (text: string) => void;
}

export interface OutageReport {
  readonly seconds: number;
  readonly client: LoadCounts;
  readonly kills: Readonly<Record<string, number>>;
  readonly proxy: FaultProxy['counts'];
  /** The collecting machine's journal. */
  readonly collected: Finding;
  /** The storing machine. */
  readonly stored: Reckoning;
  /** Messages that were neither removed nor can be any more. */
  readonly leftInQueue: number;
  readonly deadLetters: number;
  /** Largest resident memory of a process, in MiB, by its role. */
  readonly memoryMib: Readonly<Record<string, number>>;
}

const CODE_SECRET = 'a secret that both machines share, for tests'.replaceAll(' ', '-');
const CONNECTIONS = 30;
const KILL_MS = 4_000;
const SETTLED_MS_MAX = 180_000;
const PHASES: readonly { readonly name: string; readonly faults: Faults }[] = [
  { name: 'SNS is unreachable', faults: { down: true } },
  { name: 'SNS is slow', faults: { delayMs: 400 } },
  {
    name: 'SNS refuses one message in ten, and one answer in twenty is lost',
    faults: { refused: 0.1, unheard: 0.05 },
  },
];
/** Whom to kill, in turn. The supervisor of `collect` takes its children along. */
const VICTIMS = ['collector', 'store', 'relay', 'store', 'collector', 'relay', 'collect'] as const;

/** A server that is started again whenever it ends, as a service manager would. */
class Kept {
  readonly #options: ServerOptions;
  #server: Server;
  #over = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = new Server(options);
    void this.#keep();
  }

  get server(): Server {
    return this.#server;
  }

  async stop(): Promise<void> {
    this.#over = true;
    const { code } = await this.#server.stop();
    if (code !== 0) throw new Error(`the last SIGTERM ended with ${code}: ${this.#server.stderr}`);
  }

  /** Nobody starts it again; whoever called this test ends what is left. */
  abandon(): void {
    this.#over = true;
  }

  async #keep(): Promise<void> {
    for (;;) {
      await this.#server.exited;
      if (this.#over) return;
      this.#server = new Server(this.#options);
    }
  }
}

export async function outage(options: OutageOptions): Promise<OutageReport> {
  const { folder, emulator, seed } = options;
  pointAwsAt(emulator.endpoint);
  const proxy = new FaultProxy(emulator.endpoint, seed);
  const place = await makePlace(`outage-${seed}`);
  const shared = {
    ...awsEnvironment(emulator.endpoint),
    AWS_ENDPOINT_URL_SNS: await proxy.start(),
    CODE_SECRET,
    SEGMENT_BYTES: '1MiB',
    LOG_LEVEL: 'warn',
  };
  const port = await freePort();
  const apiPort = await freePort();
  const collect = new Kept({
    command: 'collect',
    dataDir: join(folder, 'collect'),
    port,
    env: { ...shared, COLLECTORS: '1', TRUSTED_PROXIES: '127.0.0.1/32', SNS_TOPIC: place.topicArn },
  });
  const store = new Kept({
    command: 'store',
    dataDir: join(folder, 'store'),
    port,
    env: { ...shared, API_PORT: String(apiPort), SQS_QUEUE: place.queueUrl },
  });
  try {
    return await drill(options, { proxy, place, collect, store, port, apiPort });
  } finally {
    collect.abandon();
    store.abandon();
    await proxy.stop();
  }
}

interface Rig {
  readonly proxy: FaultProxy;
  readonly place: Place;
  readonly collect: Kept;
  readonly store: Kept;
  readonly port: number;
  readonly apiPort: number;
}

async function drill(options: OutageOptions, rig: Rig): Promise<OutageReport> {
  const began = performance.now();
  const { folder, seed } = options;
  const { proxy, place, collect, store, port, apiPort } = rig;
  await Promise.all([collect.server.ready(), store.server.ready()]);
  const codes = await mintSome(store.server, `http://127.0.0.1:${apiPort}`);
  const memory = new MemoryWatch([join(folder, 'collect'), join(folder, 'store')]);
  const fatesPath = join(folder, 'fates');
  const markersMax = options.hits * 4;
  const load = new LoadProcess({
    port,
    token: TEST_TOKEN,
    seed,
    rate: options.rate,
    connections: CONNECTIONS,
    markersMax,
    codes,
    fatesPath,
  });
  const kills = await strikeThroughPhases(options, proxy, load, [collect, store]);
  const client = await load.stop();
  options.onEvent(`SNS works; ${client.counts.acknowledged} hits are to be delivered`);
  const fates = readFileSync(fatesPath);
  const leftInQueue = await settled(store.server, apiPort, place.queueUrl, collect.server);
  await collect.stop();
  await store.stop();
  const collected = new Tally(fates, () => true);
  await readJournal(collect.server.dataDir, ({ event }) => {
    if (isHit(event)) collected.see(markerOf(event), JSON.stringify(event));
  });
  const { dataDir } = store.server;
  return {
    seconds: Math.round((performance.now() - began) / 1_000),
    client: client.counts,
    kills,
    proxy: proxy.counts,
    collected: collected.finding(),
    stored: await reckon({
      dataDir,
      visitLogs: [join(dataDir, 'visits.log')],
      fates,
      codes,
      connString: null,
    }),
    leftInQueue,
    deadLetters: await countMessages(place.deadLetterUrl),
    memoryMib: memory.stop(),
  };
}

async function mintSome(server: Server, base: string): Promise<string[]> {
  const codes: string[] = [];
  for (let i = 0; i < 20; i++) {
    const answer = await server.api('/v1/api/gen-image', base);
    codes.push((JSON.parse(answer.body.toString()) as { unique_code: string }).unique_code);
  }
  return codes;
}

/** Each phase lasts for its share of the hits; then SNS works again. */
async function strikeThroughPhases(
  { hits, seed, onEvent }: OutageOptions,
  proxy: FaultProxy,
  load: LoadProcess,
  machines: readonly Kept[],
): Promise<Record<string, number>> {
  const chance = new Chance(seed);
  const kills: Record<string, number> = {};
  let turn = 0;
  for (const [index, { name, faults }] of PHASES.entries()) {
    proxy.faults = faults;
    const goal = (hits * (index + 1)) / PHASES.length;
    onEvent(`${name} (${load.counts.acknowledged} hits acknowledged)`);
    while (load.counts.acknowledged < goal) {
      await sleep(chance.between(KILL_MS / 2, KILL_MS));
      const role = VICTIMS[turn++ % VICTIMS.length] ?? 'store';
      const victim = chance.oneOf(machines.flatMap(({ server }) => server.pids(role)));
      if (victim === undefined || !signal(victim, 'SIGKILL')) continue;
      kills[role] = (kills[role] ?? 0) + 1;
    }
  }
  proxy.faults = {};
  return kills;
}

/** Waits until everything has been relayed and taken in; resolves with what is left in the queue. */
async function settled(
  store: Server,
  apiPort: number,
  queueUrl: string,
  collect: Server,
): Promise<number> {
  const deadline = Date.now() + SETTLED_MS_MAX;
  const metric = async (text: Promise<{ body: Buffer }>, name: string): Promise<number> => {
    const found = new RegExp(`^truepixel_${name}\\{[^}]*\\} (\\S+)$`, 'm');
    const answer = await text.catch(() => null);
    return Number(found.exec(answer?.body.toString() ?? '')?.[1] ?? Number.NaN);
  };
  for (;;) {
    const behind = await metric(collect.api('/metrics'), 'relay_behind_bytes');
    const lag = await metric(collect.api('/metrics'), 'relay_lag_seconds');
    const inHand = await metric(
      store.api('/metrics', `http://127.0.0.1:${apiPort}`),
      'consumer_in_hand',
    );
    const left = await countMessages(queueUrl);
    if (behind === 0 && lag === 0 && inHand === 0 && left === 0) return 0;
    if (Date.now() > deadline) return left;
    await sleep(250);
  }
}

/** Looks at the resident memory of every process of some installations, by its role. */
class MemoryWatch {
  readonly #largest: Record<string, number> = {};
  readonly #timer: NodeJS.Timeout;

  constructor(dataDirs: readonly string[]) {
    this.#timer = setInterval(() => {
      for (const { pid, role } of dataDirs.flatMap((dataDir) => processesOf(dataDir))) {
        const mib = residentMib(pid);
        this.#largest[role] = Math.max(this.#largest[role] ?? 0, mib);
      }
    }, 250);
  }

  stop(): Readonly<Record<string, number>> {
    clearInterval(this.#timer);
    return this.#largest;
  }
}

function residentMib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0; // It has just ended.
  }
}
