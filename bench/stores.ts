// The stores side by side in one run, on the same hits: how fast they load, what a hit takes on the disk,
// how long `info` takes for a small and for a large pixel, and hits by day over all of them.
//
//   npm run bench:stores -- --hits 10000000 --json
//
// QuestDB is a server of its own, started for this with a heap of 1 GiB; the embedded store gets 1 GiB too.

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { REPEAT_SECONDS_DEFAULT, STORE_MEMORY_BYTES_DEFAULT } from '../src/limits.ts';
import { openDuckdb } from '../src/store/duckdb.ts';
import { Connections } from '../src/store/questdb-connection.ts';
import { openQuestdb } from '../src/store/questdb.ts';
import type { Store } from '../src/store/store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { noQuestdb, QuestdbServer } from '../test/questdb-server.ts';
import { positive, runTool } from '../test/tool.ts';
import { HITS_PER_PIXEL, judgedLoads, LARGE, timed, type Times } from './judged-loads.ts';
import { describeMachine, type Machine } from './machine.ts';
import { Traffic } from './traffic.ts';

const USAGE = `usage: npm run bench:stores -- [OPTION]…

  --hits N         hits that are loaded into each store (10000000)
  --folder FOLDER  where the stores lie (the temporary folder)
  --json           print one JSON object only
`;

const DAYS = 30;
const QUESTIONS = 100;
const LARGE_QUESTIONS = 20;
const log = createLog('error', 'bench');

interface StoreFigures {
  readonly hitsPerSecond: number;
  readonly bytesPerHit: number;
  readonly smallInfoMs: Times;
  readonly largeInfoMs: Times;
  readonly largeHits: number;
  readonly byDayMs: Times;
}

interface Results {
  readonly machine: Machine;
  readonly hits: number;
  readonly pixels: number;
  readonly duckdb: StoreFigures;
  readonly questdb: StoreFigures;
}

/** A store that is open, and what the port does not have. */
interface Candidate {
  readonly store: Store;
  /** Hits by day and kind; resolves with the number of rows. */
  byDay(): Promise<number>;
  bytes(): Promise<number>;
  end(): Promise<void>;
}

async function measure(candidate: Candidate, hits: number): Promise<StoreFigures> {
  const { store } = candidate;
  const traffic = new Traffic(Math.ceil(hits / HITS_PER_PIXEL));
  let loadMs = 0;
  for (const load of judgedLoads(traffic, hits, DAYS)) {
    const began = performance.now();
    await store.load(load);
    loadMs += performance.now() - began;
  }
  const { opens, visits } = await store.totals();
  if (opens + visits !== hits) throw new Error(`${opens + visits} of ${hits} hits were loaded`);
  const smallInfoMs = await timed(QUESTIONS, () => ask(store, traffic.someCode()));
  const largeInfoMs = await timed(LARGE_QUESTIONS, () => ask(store, LARGE));
  const largeHits = await store.countOpens(LARGE);
  const rows = await candidate.byDay();
  if (rows < DAYS) throw new Error(`${rows} rows for ${DAYS} days`);
  const byDayMs = await timed(LARGE_QUESTIONS, async () => void (await candidate.byDay()));
  return {
    hitsPerSecond: hits / (loadMs / 1_000),
    bytesPerHit: (await candidate.bytes()) / hits,
    smallInfoMs,
    largeInfoMs,
    largeHits,
    byDayMs,
  };
}

/** What `info` asks of a store. */
async function ask(store: Store, code: string): Promise<void> {
  await store.pixel(code);
  await store.counts(code, REPEAT_SECONDS_DEFAULT);
  await store.pixelHits({ code, limit: 1_000, before: null });
}

async function duckdb(folder: string): Promise<Candidate> {
  const path = join(folder, 'store.duckdb');
  const store = await openDuckdb({ path, memoryBytes: STORE_MEMORY_BYTES_DEFAULT }, log);
  // A file is open once at a time: from the first call of byDay on it is not the store that has it.
  let reading: Promise<DuckDBInstance> | null = null;
  return {
    store,
    byDay: async () => {
      await (reading === null ? store.close() : undefined);
      reading ??= DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
      const connection = await (await reading).connect();
      const rows = await connection.runAndReadAll(
        `SELECT date_trunc('day', occurred_at), kind, count(*) FROM hits GROUP BY ALL`,
      );
      connection.closeSync();
      return rows.currentRowCount;
    },
    bytes: () => bytesOf(folder, /^store\.duckdb/),
    end: async () => {
      await store.close();
      if (reading !== null) (await reading).closeSync();
    },
  };
}

async function questdb(folder: string): Promise<Candidate> {
  const server = await QuestdbServer.start({ folder: join(folder, 'questdb') });
  const { connString, ilpUrl } = server;
  const store = await openQuestdb({ connString, ilpUrl, installation: '00000000000000be' }, log);
  const connections = new Connections(connString, 1, log);
  return {
    store,
    byDay: async () => {
      const sql = 'SELECT occurred_at, kind, count() FROM truepixel_hits SAMPLE BY 1d';
      return (await connections.query(sql)).length;
    },
    bytes: () => bytesOf(join(server.folder, 'db'), /^truepixel_(hits|pixels)~/),
    end: async () => {
      await connections.close();
      await store.close();
      await server.end();
    },
  };
}

/**
 * Blocks on the disk, with everything below the entries that match; WAL that is already applied is not
 * counted.
 */
async function bytesOf(folder: string, names: RegExp): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!names.test(entry.name) || /^wal\d+$|^txn_seq$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await bytesOf(path, /./) : (await stat(path)).blocks * 512;
  }
  return bytes;
}

function describe({ machine, hits, pixels, duckdb: d, questdb: q }: Results): string {
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const ms = ({ median, worst }: Times): string =>
    `${median.toFixed(1)} ms (worst ${worst.toFixed(0)})`;
  const rows: [string, string, string][] = [
    [`${count(hits)} hits, ${count(pixels)} pixels`, 'DuckDB', 'QuestDB'],
    ['load', `${count(d.hitsPerSecond)}/s`, `${count(q.hitsPerSecond)}/s`],
    ['on disk, per hit', `${count(d.bytesPerHit)} bytes`, `${count(q.bytesPerHit)} bytes`],
    [`info, about ${HITS_PER_PIXEL} hits`, ms(d.smallInfoMs), ms(q.smallInfoMs)],
    [`info, ${count(d.largeHits)} hits`, ms(d.largeInfoMs), ms(q.largeInfoMs)],
    ['hits by day and kind', ms(d.byDayMs), ms(q.byDayMs)],
  ];
  const lines = rows.map(
    ([name, ...values]) => name.padEnd(34) + values.map((v) => v.padEnd(26)).join(''),
  );
  const { cpu, cores, memoryGiB, fileSystem } = machine;
  return [`${cpu}, ${cores} cores, ${memoryGiB} GiB, ${fileSystem}`, ...lines].join('\n');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hits: { type: 'string', default: '10000000' },
      folder: { type: 'string', default: tmpdir() },
      json: { type: 'boolean', default: false },
    },
  });
  if (noQuestdb !== false) throw new Error(`QuestDB cannot be started: ${noQuestdb}`);
  const hits = positive(values.hits, 'hits');
  const folder = await mkdtemp(join(values.folder, 'truepixel-stores-'));
  const figures: StoreFigures[] = [];
  try {
    for (const open of [duckdb, questdb]) {
      const candidate = await open(folder);
      try {
        figures.push(await measure(candidate, hits));
      } finally {
        await candidate.end();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const [first, second] = figures;
  if (first === undefined || second === undefined) throw new Error('not measured');
  const results: Results = {
    machine: await describeMachine(values.folder),
    hits,
    pixels: Math.ceil(hits / HITS_PER_PIXEL),
    duckdb: first,
    questdb: second,
  };
  process.stdout.write(`${values.json ? JSON.stringify(results) : describe(results)}\n`);
  return 0;
}

await runTool(USAGE, main);
