// `npm run bench:bus`: how many hits a second go from one machine's journal through SNS and SQS into
// another's store, and how soon a hit can be read there, with all processes and the emulator on this one
// machine.
//
//   npm run bench:bus -- --hits 50000 --rate 500 --json

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Event } from '../src/hit/event.ts';
import { appendEvent } from '../src/journal/append.ts';
import { openJournal } from '../src/journal/open.ts';
import { createLog } from '../src/telemetry/log.ts';
import {
  awsEnvironment,
  makePlace,
  type Place,
  pointAwsAt,
  startFauxqs,
} from '../test/bus/emulator.ts';
import { endAll, freePort, type Server, startServer, TEST_TOKEN } from '../test/server.ts';
import { positive, runTool } from '../test/tool.ts';
import { LoadProcess } from '../test/torture/run.ts';
import { describeMachine, processorSeconds } from './machine.ts';
import { quantile } from './spread.ts';

const USAGE = `usage: npm run bench:bus -- [OPTION]…

  --hits N     hits that wait in the journal when the relay starts (50000)
  --rate N     hits a second while it is measured how soon one can be read (500)
  --json       print one JSON object only
`;
const MIB = 1024 * 1024;
const SECRET = 'a-secret-that-both-machines-share-here';
const SAMPLES = 100;
const APPEND_AT_ONCE = 500;
const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';

interface Through {
  readonly hits: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly messagesPerRequest: number;
  /** Microseconds of processor time that a hit took in each process. */
  readonly processorMicros: Readonly<Record<string, number>>;
}

interface Visible {
  readonly rate: number;
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Machines {
  readonly collect: Server;
  readonly store: Server;
  readonly apiBase: string;
}

async function measure(folder: string, hits: number, rate: number): Promise<[Through, Visible]> {
  const emulator = await startFauxqs();
  pointAwsAt(emulator.endpoint);
  try {
    await fill(join(folder, 'collect'), hits);
    const machines = await start(folder, await makePlace('bench'), emulator.endpoint);
    const through = await measureThrough(machines, hits, emulator.process.pid ?? 0);
    return [through, await measureVisible(machines, folder, rate)];
  } finally {
    for (const machine of ['collect', 'store']) await endAll(join(folder, machine));
    await emulator.stop();
  }
}

/** Visits in the journal of the machine that collects, as its collector would have written them. */
async function fill(dataDir: string, hits: number): Promise<void> {
  const limits = { segmentBytes: 64 * MIB, journalBytesMax: 8_192 * MIB, diskFreeBytesMin: 0 };
  const journal = await openJournal(
    { dataDir, ...limits },
    'collector',
    createLog('warn', 'bench'),
  );
  const visit = (number: number): Event => ({
    kind: 'visit',
    at: Date.now() * 1_000 + (number % 1_000),
    code: null,
    address: `198.51.100.${number % 250}`,
    referrer: `https://site.example/articles/${number}?utm_source=mail`,
    agent: AGENT,
    purpose: null,
  });
  for (let from = 0; from < hits; from += APPEND_AT_ONCE) {
    const count = Math.min(APPEND_AT_ONCE, hits - from);
    await Promise.all(
      Array.from({ length: count }, (_, i) => appendEvent(journal, visit(from + i))),
    );
  }
  await journal.close();
}

async function start(folder: string, place: Place, endpoint: string): Promise<Machines> {
  const apiPort = await freePort();
  const port = await freePort();
  const shared = { ...awsEnvironment(endpoint), CODE_SECRET: SECRET, LOG_LEVEL: 'warn' };
  const store = await startServer({
    command: 'store',
    dataDir: join(folder, 'store'),
    port: apiPort,
    env: { ...shared, API_PORT: String(apiPort), SQS_QUEUE: place.queueUrl },
  });
  const collect = await startServer({
    command: 'collect',
    dataDir: join(folder, 'collect'),
    port,
    env: { ...shared, COLLECTORS: '1', SNS_TOPIC: place.topicArn, TRUSTED_PROXIES: '127.0.0.1' },
  });
  return { collect, store, apiBase: `http://127.0.0.1:${apiPort}` };
}

/** From the moment when the relay runs until the last hit is in the store. */
async function measureThrough(
  { collect, store, apiBase }: Machines,
  hits: number,
  emulatorPid: number,
): Promise<Through> {
  const pids: Record<string, number> = {
    relay: collect.pids('relay')[0] ?? 0,
    store: store.pid,
    emulator: emulatorPid,
  };
  const before = Object.entries(pids).map(([role, pid]) => [role, processorSeconds(pid)] as const);
  const began = performance.now();
  while ((await metric(store, 'consumer_messages_total', 'outcome="kept"', apiBase)) < hits) {
    await sleep(50);
  }
  const seconds = (performance.now() - began) / 1_000;
  const requests = await metric(collect, 'relay_requests_total', '', collect.baseUrl);
  const processorMicros = Object.fromEntries(
    before.map(([role, spent]) => {
      const used = processorSeconds(pids[role] ?? 0) - spent;
      return [role, Math.round((used * 1e6) / hits)];
    }),
  );
  const messagesPerRequest = hits / requests;
  return { hits, seconds, perSecond: hits / seconds, messagesPerRequest, processorMicros };
}

/** From an image's complete reply at one machine to the report of the other that shows it. */
async function measureVisible(machines: Machines, folder: string, rate: number): Promise<Visible> {
  const { collect, store, apiBase } = machines;
  const mint = async (): Promise<string> => {
    const { body } = await store.api('/v1/api/gen-image', apiBase);
    return (JSON.parse(body.toString()) as { unique_code: string }).unique_code;
  };
  const codes = await Promise.all(Array.from({ length: SAMPLES }, mint));
  const load = new LoadProcess({
    port: Number(new URL(collect.baseUrl).port),
    token: TEST_TOKEN,
    seed: 1,
    rate,
    connections: 20,
    markersMax: rate * 600,
    codes: [await mint()],
    fatesPath: join(folder, 'fates'),
  });
  await sleep(3_000);
  const waits: number[] = [];
  for (const code of codes) {
    await collect.get(`/image/${code}.png`);
    const replied = performance.now();
    for (;;) {
      const { body } = await store.api(`/v1/api/info/${code}?limit=1`, apiBase);
      if ((JSON.parse(body.toString()) as { total_opens?: number }).total_opens === 1) break;
      await sleep(5);
    }
    waits.push(performance.now() - replied);
  }
  await load.stop();
  const sorted = waits.toSorted((a, b) => a - b);
  return {
    rate,
    samples: SAMPLES,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}

async function metric(server: Server, name: string, label: string, base: string): Promise<number> {
  const text = (await server.api('/metrics', base)).body.toString();
  const line = text
    .split('\n')
    .find((one) => one.startsWith(`truepixel_${name}{`) && one.includes(label));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hits: { type: 'string', default: '50000' },
      rate: { type: 'string', default: '500' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-bench-bus-'));
  try {
    const machine = await describeMachine(folder);
    const [through, visible] = await measure(
      folder,
      positive(values.hits, 'hits'),
      positive(values.rate, 'rate'),
    );
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ machine, through, visible })}\n`
        : `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; fauxqs on the same machine
Journal to store through SNS and SQS: ${through.hits} hits in ${through.seconds.toFixed(1)} s, \
${Math.round(through.perSecond)} a second, ${through.messagesPerRequest.toFixed(1)} messages a request; \
processor time of a hit in microseconds: ${JSON.stringify(through.processorMicros)}
Reply to report at ${visible.rate} hits a second, ${visible.samples} times: median \
${visible.p50Ms.toFixed(0)} ms, p99 ${visible.p99Ms.toFixed(0)} ms, longest ${visible.maxMs.toFixed(0)} ms
`,
    );
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await runTool(USAGE, main);
