// How fast hits get from the journal into the embedded store and the visit log, how much room they take,
// and how long a question about one pixel takes afterwards. Run it alone or as part of `npm run bench`:
//
//   node bench/load.ts [--hits N] [--json]

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Judging } from '../src/delivery/judging.ts';
import { Loader } from '../src/delivery/loader.ts';
import { Retention } from '../src/delivery/retention.ts';
import { VisitLog } from '../src/delivery/visit-log.ts';
import { VisitProgressFile } from '../src/delivery/visit-progress.ts';
import { encodeEvent, RecordEncoder } from '../src/hit/encoding.ts';
import type { Event } from '../src/hit/event.ts';
import type { JournalWriter } from '../src/journal/journal.ts';
import { openJournal } from '../src/journal/open.ts';
import { journalDirs } from '../src/journal/places.ts';
import { JournalReader } from '../src/journal/reader.ts';
import {
  REPEAT_SECONDS_DEFAULT,
  SCAN_CODES_SECONDS_DEFAULT,
  SCAN_NETWORK_SECONDS_DEFAULT,
  SCAN_SENT_SECONDS_DEFAULT,
  SEGMENT_BYTES_DEFAULT,
  STORE_MEMORY_BYTES_DEFAULT,
} from '../src/limits.ts';
import { openDuckdb } from '../src/store/duckdb.ts';
import type { Store } from '../src/store/store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { Judge } from '../src/verdict/judge.ts';
import { ReferenceFiles } from '../src/verdict/references.ts';
import { Traffic } from './traffic.ts';

export interface LoadFigures {
  readonly hits: number;
  readonly pixels: number;
  /** Share of the hits that are visits, each of which is a line of the visit log too. */
  readonly visitShare: number;
  readonly seconds: number;
  readonly hitsPerSecond: number;
  /** Processor time of all threads: says more than the rate where a machine is shared. */
  readonly processorMicrosPerHit: number;
  readonly journalBytesPerHit: number;
  readonly storeBytesPerHit: number;
  /** Of this process, which loads, at its highest. */
  readonly memoryMegabytes: number;
  /** Milliseconds for what `info` asks of the store: the pixel, its counts and its newest hits. */
  readonly infoMs: { readonly median: number; readonly worst: number };
  /** Milliseconds from an acknowledged hit to a barrier's answer, one hit at a time. */
  readonly barrierMs: { readonly median: number; readonly worst: number };
}

const HITS_DEFAULT = 1_000_000;
const QUESTIONS = 100;
const log = createLog('error', 'bench');

export async function benchLoad(hits: number = HITS_DEFAULT): Promise<LoadFigures> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-bench-'));
  try {
    const traffic = new Traffic(Math.ceil(hits / 20));
    const journal = await openJournal(
      {
        dataDir: dir,
        segmentBytes: SEGMENT_BYTES_DEFAULT,
        journalBytesMax: Number.MAX_SAFE_INTEGER,
        diskFreeBytesMin: 0,
      },
      'collector',
      log,
    );
    await fill(journal, traffic, hits);
    const figures = await measure(dir, journal, traffic, hits);
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(
  dir: string,
  journal: JournalWriter,
  traffic: Traffic,
  hits: number,
): Promise<LoadFigures> {
  const path = join(dir, 'store.duckdb');
  const store = await openDuckdb({ path, memoryBytes: STORE_MEMORY_BYTES_DEFAULT }, log);
  const reader = new JournalReader(journalDirs(dir));
  const visitLog = new VisitLog(join(dir, 'visits.log'), log);
  const visitProgress = new VisitProgressFile(join(dir, 'visits.progress'));
  const judging = await realJudging(store);
  const retention = new Retention(0);
  const onNotes = (): Promise<void> => Promise.resolve();
  const sink = { visitLog, visitProgress, log };
  const loader = new Loader({ store, journal: reader, judging, retention, onNotes, ...sink });
  const processorBefore = process.cpuUsage();
  const began = performance.now();
  loader.start();
  while (!(await loader.barrier()));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(processorBefore);
  const { opens, visits } = await store.totals();
  if (opens + visits !== hits) throw new Error(`${opens + visits} of ${hits} hits were loaded`);

  const infoMs = await timed(() => ask(store, traffic.someCode()));
  const encoder = new RecordEncoder();
  const barrierMs = await timed(async () => {
    await keep(journal, encoder, traffic.hit());
    await loader.barrier();
  });
  await loader.stop();
  const journalBytes = journal.stats.bytes;
  await journal.close();
  await store.close();
  return {
    hits,
    pixels: traffic.pixels,
    visitShare: visits / hits,
    seconds,
    hitsPerSecond: hits / seconds,
    processorMicrosPerHit: (user + system) / hits,
    journalBytesPerHit: journalBytes / hits,
    storeBytesPerHit: (await bytesOf(dir, 'store.duckdb')) / hits,
    memoryMegabytes: process.resourceUsage().maxRSS / 1_024,
    infoMs,
    barrierMs,
  };
}

/** As an installation judges that sets nothing: by the networks and countries that are shipped. */
async function realJudging(store: Store): Promise<Judging> {
  const files = new ReferenceFiles({
    appleEgressFile: null,
    scannerNetworksFile: 'shipped',
    countryFile: 'shipped',
  });
  await files.refresh();
  const windows = {
    scanNetworkSeconds: SCAN_NETWORK_SECONDS_DEFAULT,
    scanSentSeconds: SCAN_SENT_SECONDS_DEFAULT,
    scanCodesSeconds: SCAN_CODES_SECONDS_DEFAULT,
  };
  return new Judging(new Judge(files.loaded), { ...windows, ignoredAddresses: [] }, store);
}

async function fill(journal: JournalWriter, traffic: Traffic, hits: number): Promise<void> {
  const encoder = new RecordEncoder();
  for (const event of traffic.minted()) await append(journal, encoder, event);
  for (let i = 0; i < hits; i++) await append(journal, encoder, traffic.hit());
  await keep(journal, encoder, { kind: 'pixel-minted', at: 0, code: 'the last one' });
}

/** Queues an event; waits only while the journal is busy, so that batches get as large as they may. */
export async function append(
  journal: JournalWriter,
  encoder: RecordEncoder,
  event: Event,
): Promise<void> {
  const length = encodeEvent(encoder, event);
  const ignored = { settled: () => undefined };
  while (journal.append(encoder.bytes, length, ignored) !== 'queued') {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function keep(journal: JournalWriter, encoder: RecordEncoder, event: Event): Promise<void> {
  const kept = Promise.withResolvers<boolean>();
  const length = encodeEvent(encoder, event);
  const waiter = { settled: kept.resolve };
  while (journal.append(encoder.bytes, length, waiter) !== 'queued') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!(await kept.promise)) throw new Error('the journal failed');
}

async function ask(store: Store, code: string): Promise<void> {
  await store.pixel(code);
  await store.counts(code, REPEAT_SECONDS_DEFAULT);
  await store.pixelHits({ code, limit: 1_000, before: null });
}

async function timed(work: () => Promise<void>): Promise<{ median: number; worst: number }> {
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { median: times[QUESTIONS / 2] ?? NaN, worst: times.at(-1) ?? NaN };
}

async function bytesOf(dir: string, prefix: string): Promise<number> {
  const names = (await readdir(dir)).filter((name) => name.startsWith(prefix));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** One line a figure, for people. */
export function describeLoad(figures: LoadFigures): string {
  const { infoMs, barrierMs } = figures;
  const round = (value: number): string => Math.round(value).toLocaleString('en');
  return [
    `journal to store      ${round(figures.hitsPerSecond)} hits/s (${round(figures.hits)} hits)`,
    `  of which visits     ${round(figures.visitShare * 100)} %, written to the visit log too`,
    `processor, per hit    ${figures.processorMicrosPerHit.toFixed(1)} µs`,
    `on disk, per hit      journal ${round(figures.journalBytesPerHit)} bytes, store ${round(
      figures.storeBytesPerHit,
    )} bytes`,
    `memory at most        ${round(figures.memoryMegabytes)} MiB`,
    `info of one pixel     ${infoMs.median.toFixed(1)} ms (worst ${infoMs.worst.toFixed(1)} ms)`,
    `hit to store          ${barrierMs.median.toFixed(1)} ms (worst ${barrierMs.worst.toFixed(1)} ms)`,
  ].join('\n');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      hits: { type: 'string', default: String(HITS_DEFAULT) },
      json: { type: 'boolean', default: false },
    },
  });
  const figures = await benchLoad(Number(values.hits));
  process.stdout.write(`${values.json ? JSON.stringify(figures) : describeLoad(figures)}\n`);
}
