// What an export costs, with the whole server running and the client behind a collector: how long a million
// hits out of many take in each format, what the store process needs for it in memory at its highest, what a
// client costs that reads slowly, and what is left when clients go away. And of live hits: how long after
// its reply a hit is seen, and what watching costs the loader (bench/live.ts).
//
//   npm run bench:export -- --hits 10000000 --export 1000000
//   npm run bench:export -- --data FOLDER      (a DATA_DIR that an earlier run has filled, and that stays)
//
// Memory is all that is resident of the store process (Linux only), the embedded store's own cache
// included, which may grow to STORE_MEMORY whatever is asked.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { storePath } from '../src/config/paths.ts';
import { formatProgress } from '../src/delivery/progress.ts';
import type { JudgedHit, PixelMinted, Recorded } from '../src/hit/event.ts';
import { EXPORTS_MAX, STORE_MEMORY_BYTES_DEFAULT } from '../src/limits.ts';
import { openDuckdb } from '../src/store/duckdb.ts';
import { createLog } from '../src/telemetry/log.ts';
import { endAll, freePort, type Server, startServer, TEST_TOKEN } from '../test/server.ts';
import { positive, runTool } from '../test/tool.ts';
import { describeLive, measureLive } from './live.ts';
import { describeMachine, processorSeconds, residentBytes } from './machine.ts';
import { Traffic } from './traffic.ts';

const USAGE = `usage: npm run bench:export -- [OPTION]…

  --hits N       hits in the store (10000000)
  --export N     hits that are exported (1000000)
  --data FOLDER  the DATA_DIR: filled unless it is there, and left there
  --json         print one JSON object only
`;

const HITS_PER_LOAD = 50_000;
const HITS_PER_PIXEL = 20;
const MIB = 1024 * 1024;
const FORMATS = ['csv', 'ndjson', 'parquet'] as const;
const SLOW_BYTES_PER_SECOND = MIB;
const SLOW_SECONDS = 10;
const GONE = 40;

interface FileFigures {
  readonly format: string;
  readonly seconds: number;
  /** Of the store process: says more than the time where a machine is shared. */
  readonly processorSeconds: number;
  readonly megabytes: number;
  /** Of the store process: before it, and the most while it went on. */
  readonly residentMiB: { readonly before: number; readonly highest: number };
}

/** Fills a store as the loader would, in the order of time. */
async function fill(dataDir: string, hits: number): Promise<void> {
  const path = storePath(dataDir);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const log = createLog('error', 'bench');
  const store = await openDuckdb({ path, memoryBytes: STORE_MEMORY_BYTES_DEFAULT }, log);
  const traffic = new Traffic(Math.ceil(hits / HITS_PER_PIXEL));
  const progress = formatProgress(new Map());
  const notes: Recorded<PixelMinted>[] = [];
  for (const pixel of traffic.minted()) {
    const position = notes.length;
    const id = { writer: '00000000000000bf', segment: 1, position };
    notes.push({ id, event: named(pixel, position) });
  }
  for (let i = 0; i < notes.length; i += HITS_PER_LOAD) {
    await store.load({ hits: [], notes: notes.slice(i, i + HITS_PER_LOAD), progress });
  }
  for (let done = 0; done < hits; done += HITS_PER_LOAD) {
    const count = Math.min(HITS_PER_LOAD, hits - done);
    const load = Array.from({ length: count }, (_, i) => judged(traffic, done + i));
    await store.load({ hits: load, notes: [], progress });
  }
  await store.close();
}

const named = (pixel: PixelMinted, number: number): PixelMinted => ({
  ...pixel,
  properties: { label: `mail ${number}`, campaign: `campaign ${number % 50}` },
});

function judged(traffic: Traffic, number: number): JudgedHit {
  return {
    id: { writer: '00000000000000be', segment: 1 + (number >> 20), position: number & 0xfffff },
    event: traffic.hit(),
    judgement: {
      verdict: {
        class: 'human-browser',
        reason: 'browser-agent',
        client: 'Chrome',
        os: 'Windows',
        device: 'desktop',
        country: ['DE', 'FR', 'US', 'GB'][number % 4] ?? null,
      },
      own: null,
      viewer: number.toString(16).padStart(16, '0'),
    },
  };
}

/** The answer's beginning; its body is the caller's to take. */
function open(server: Server, query: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${TEST_TOKEN}` };
    const sent = request(
      `${server.baseUrl}/v1/export/${query}`,
      { agent: false, headers },
      resolve,
    );
    sent.on('error', reject);
    sent.end();
  });
}

const residentOf = (server: Server): number => {
  const [pid] = server.pids('store');
  return Math.round((residentBytes(pid ?? -1) ?? Number.NaN) / MIB);
};

/** Runs `work`, and tells the most that the store process had meanwhile. */
async function watched(server: Server, work: () => Promise<void>): Promise<number> {
  let highest = residentOf(server);
  const watch = setInterval(() => {
    highest = Math.max(highest, residentOf(server));
  }, 20);
  await work();
  clearInterval(watch);
  return highest;
}

async function exportOne(server: Server, format: string, range: string): Promise<FileFigures> {
  const [pid = -1] = server.pids('store');
  const before = residentOf(server);
  const processorBefore = processorSeconds(pid);
  const began = performance.now();
  let bytes = 0;
  const highest = await watched(server, async () => {
    const answer = await open(server, `hits?format=${format}${range}`);
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    for await (const chunk of answer) bytes += (chunk as Buffer).length;
    if (!answer.complete) throw new Error('the export was cut');
  });
  const seconds = (performance.now() - began) / 1_000;
  return {
    format,
    seconds,
    processorSeconds: processorSeconds(pid) - processorBefore,
    megabytes: bytes / 1e6,
    residentMiB: { before, highest },
  };
}

/** So many clients that read a mebibyte a second, for a while; then they go. */
async function slowly(server: Server): Promise<number> {
  return await watched(server, async () => {
    const answers = await Promise.all(
      Array.from({ length: EXPORTS_MAX }, () => open(server, 'hits?format=csv')),
    );
    for (let tick = 0; tick < SLOW_SECONDS * 10; tick++) {
      for (const answer of answers) answer.read(SLOW_BYTES_PER_SECOND / 10);
      await sleep(100);
    }
    for (const answer of answers) answer.destroy();
  });
}

/** How long after clients went away everything is let go: when the last place is free. */
async function gone(server: Server): Promise<{ highest: number; freeMs: number }> {
  let freeMs = Number.NaN;
  const highest = await watched(server, async () => {
    for (let round = 0; round < GONE / EXPORTS_MAX; round++) {
      const answers = await Promise.all(
        Array.from({ length: EXPORTS_MAX }, () => open(server, 'hits?format=ndjson')),
      );
      for (const answer of answers) {
        answer.on('error', () => undefined);
        answer.destroy();
      }
      const began = performance.now();
      let free = 0;
      while (free < EXPORTS_MAX) {
        const again = await Promise.all(
          Array.from({ length: EXPORTS_MAX }, () => open(server, 'hits?format=csv&to=1971-01-01')),
        );
        free = again.filter(({ statusCode }) => statusCode === 200).length;
        for (const answer of again) answer.resume();
        await sleep(20);
      }
      freeMs = Math.max(Number.isNaN(freeMs) ? 0 : freeMs, performance.now() - began);
    }
  });
  return { highest, freeMs };
}

async function measure(dataDir: string, count: number) {
  const env = { COLLECTORS: '1', LOG_LEVEL: 'error' };
  try {
    const server = await startServer({ dataDir, port: await freePort(), env });
    const range = await rangeOf(server, count);
    const files: FileFigures[] = [];
    for (const format of FORMATS) files.push(await exportOne(server, format, range));
    const before = residentOf(server);
    const slow = await slowly(server);
    const left = await gone(server);
    await server.stop();
    return { files, slow: { before, highest: slow }, gone: left };
  } finally {
    await endAll(dataDir);
  }
}

/** A range of time in the middle that holds about so many hits. */
async function rangeOf(server: Server, count: number): Promise<string> {
  const edge = async (query: string): Promise<number> => {
    const answer = await server.api(query);
    const { hits } = JSON.parse(answer.body.toString()) as { hits: { time_stamp: string }[] };
    return Date.parse(hits[0]?.time_stamp ?? '');
  };
  const last = await edge('/v1/hits?limit=1');
  const first = Date.parse('2026-06-01T00:00:00Z');
  const all = await server.api('/v1/statistics/opens?from=2026-06-01');
  const visits = await server.api('/v1/statistics/visits?from=2026-06-01');
  const total = [all, visits]
    .map(({ body }) => (JSON.parse(body.toString()) as { totals: { hits: number } }).totals.hits)
    .reduce((sum, hits) => sum + hits, 0);
  const length = (last - first) * Math.min(1, count / total);
  const from = first + (last - first - length) / 2;
  const text = (at: number): string => new Date(at).toISOString();
  return `&from=${text(from)}&to=${text(from + length)}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hits: { type: 'string', default: '10000000' },
      export: { type: 'string', default: '1000000' },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const hits = positive(values.hits, 'hits');
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-bench-'));
  try {
    const dataDir = values.data ?? join(folder, 'data');
    if (!existsSync(storePath(dataDir))) await fill(dataDir, hits);
    const figures = await measure(dataDir, positive(values.export, 'export'));
    const live = await measureLive(folder);
    const machine = await describeMachine(folder);
    const results = { machine, hits, ...figures, live };
    process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : describe(results));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return 0;
}

type Results = Awaited<ReturnType<typeof measure>> & {
  readonly live: Awaited<ReturnType<typeof measureLive>>;
};

function describe({ files, slow, gone: left, live }: Results): string {
  const lines = files.map(
    ({
      format,
      seconds,
      processorSeconds: processor,
      megabytes,
      residentMiB: { before, highest },
    }) =>
      [
        format.padEnd(8),
        `${seconds.toFixed(1)} s`.padStart(8),
        ` (processor ${processor.toFixed(1)} s)`,
        `${megabytes.toFixed(0)} MB`.padStart(8),
        `   store process ${before} MiB before, ${highest} MiB at most`,
      ].join(''),
  );
  return [
    ...lines,
    `${EXPORTS_MAX} slow clients: ${slow.before} MiB before, ${slow.highest} MiB at most`,
    `${GONE} clients that went: ${left.highest} MiB at most, all let go ${left.freeMs.toFixed(0)} ms later`,
    ...describeLive(live),
    '',
  ].join('\n');
}

await runTool(USAGE, main);
