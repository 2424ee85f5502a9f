// Live hits: how long after its reply a hit is seen, with the whole server running; and what clients that
// watch cost the loader when it loads as fast as it can.

import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { LiveFeed } from '../src/api/live-feed.ts';
import { LiveStream } from '../src/api/live-stream.ts';
import { STORE_MEMORY_BYTES_DEFAULT } from '../src/limits.ts';
import { openDuckdb } from '../src/store/duckdb.ts';
import { ErasedCodes } from '../src/store/erased.ts';
import { EVERY_HIT } from '../src/store/selection.ts';
import { createLog } from '../src/telemetry/log.ts';
import { EventStream } from '../test/event-stream.ts';
import { endAll, freePort, startServer, TEST_TOKEN } from '../test/server.ts';
import { someHit } from '../test/contracts/store-events.ts';
import { quantile } from './spread.ts';

export interface LiveFigures {
  /** From an image's complete reply to the event. */
  readonly seenMs: { readonly median: number; readonly p99: number; readonly worst: number };
  readonly stored: readonly Stored[];
}

/** What storing costs, by how many clients watch. */
interface Stored {
  readonly watching: number;
  readonly hitsPerSecond: number;
  /** Processor time of all threads: says more than the rate where a machine is shared. */
  readonly processorMicrosPerHit: number;
}

const LOOKS = 300;
const WATCHING = [0, 20, 100];
const HITS = 600_000;
/** As many as a loader has after a tenth of a second at 60,000 hits a second. */
const HITS_PER_LOAD = 6_000;

export async function measureLive(folder: string): Promise<LiveFigures> {
  const seenMs = await seen(join(folder, 'live'));
  const stored: Stored[] = [];
  for (const watching of WATCHING) {
    stored.push(await loadWatched(join(folder, `watched-${watching}.duckdb`), watching));
  }
  return { seenMs, stored };
}

async function seen(dataDir: string): Promise<LiveFigures['seenMs']> {
  try {
    const env = { LOG_LEVEL: 'error' };
    const server = await startServer({ dataDir, port: await freePort(), env });
    const headers = { Authorization: `Bearer ${TEST_TOKEN}` };
    const stream = await EventStream.open(`${server.baseUrl}/v1/live`, headers);
    const waits: number[] = [];
    for (let look = 1; look <= LOOKS; look++) {
      await server.get('/track');
      const replied = performance.now();
      await stream.until(() => stream.events.length === look, 'the hit');
      waits.push((stream.events.at(-1)?.at ?? Number.NaN) - replied);
    }
    stream.close();
    const sorted = waits.toSorted((a, b) => a - b);
    return {
      median: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      worst: sorted.at(-1) ?? Number.NaN,
    };
  } finally {
    await endAll(dataDir);
  }
}

/** What the loader does once hits are judged, as fast as it goes. */
async function loadWatched(path: string, watching: number): Promise<Stored> {
  const log = createLog('error', 'bench');
  const store = await openDuckdb({ path, memoryBytes: STORE_MEMORY_BYTES_DEFAULT }, log);
  const feed = new LiveFeed({ store, erased: new ErasedCodes(), inOrder: true });
  const streams = Array.from(
    { length: watching },
    () => new LiveStream({ feed, store, selection: EVERY_HIT, from: null }),
  );
  const reading = streams.map(async (stream) => {
    for await (const _ of stream.pieces());
  });
  await turn();
  const loads = Array.from({ length: HITS / HITS_PER_LOAD }, (_, load) =>
    Array.from({ length: HITS_PER_LOAD }, (__, i) => someHit(load * HITS_PER_LOAD + i)),
  );
  const processorBefore = process.cpuUsage();
  const began = performance.now();
  for (const hits of loads) {
    await store.load({ hits, notes: [], progress: '' });
    feed.take(hits);
  }
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(processorBefore);
  feed.close();
  await Promise.all(reading);
  await store.close();
  return { watching, hitsPerSecond: HITS / seconds, processorMicrosPerHit: (user + system) / HITS };
}

/** A line a figure, for people. */
export function describeLive({ seenMs, stored }: LiveFigures): string[] {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return [
    `a hit is seen ${ms(seenMs.median)} after its reply (p99 ${ms(seenMs.p99)}, worst ${ms(seenMs.worst)})`,
    ...stored.map(({ watching, hitsPerSecond, processorMicrosPerHit }) => {
      const rate = Math.round(hitsPerSecond).toLocaleString('en');
      const cost = `processor ${processorMicrosPerHit.toFixed(1)} µs each`;
      return `${rate} hits/s stored (${cost}) while ${watching} clients watch`;
    }),
  ];
}
