// How many bytes a collector allocates per hit, from the lines that V8 writes of its collections of garbage:
// what the heap grew by from the end of one collection to the beginning of the next, all of it together.
//
// That is V8's heap alone. Memory outside (the two batches of the journal, which are made once, and buffers
// that sockets read into) is left out. V8 rounds to 0.1 MB a line, which evens out over many.

import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { endAll } from '../test/server.ts';
import { Meter } from './meter.ts';
import { startPinned } from './pinned.ts';
import { WARM_UP_SECONDS } from './rounds.ts';

export interface AllocationResult {
  readonly bytesPerHit: number;
  readonly hits: number;
  readonly collections: number;
  /** What the figure leaves out, in words. */
  readonly without: string;
}

interface Collection {
  readonly pid: number;
  readonly beforeMiB: number;
  readonly afterMiB: number;
}

const MIB = 1024 * 1024;
const WITHOUT = "memory outside V8's heap: the journal's batches, buffers that sockets read into";
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'trace-gc.ts')).href;

/** `[42:0x2c1:0]     1234 ms: Scavenge (…) 20.1 (24.0) -> 18.3 (25.0) MB, …`, one of each collection. */
const LINE =
  /^\[(\d+):0x[0-9a-f]+(?::\d+)?\] +\d+ ms: .*?(\d+(?:\.\d+)?) \(\d+(?:\.\d+)?\) -> (\d+(?:\.\d+)?) \(/gm;

export function readCollections(trace: string): Collection[] {
  return [...trace.matchAll(LINE)].map(([, pid, before, after]) => ({
    pid: Number(pid),
    beforeMiB: Number(before),
    afterMiB: Number(after),
  }));
}

/** From the end of the first collection to the beginning of the last. */
export function allocatedBytes(collections: readonly Collection[]): number {
  let mebibytes = 0;
  for (const [i, { beforeMiB }] of collections.entries()) {
    const previous = collections[i - 1];
    if (previous !== undefined) mebibytes += beforeMiB - previous.afterMiB;
  }
  return mebibytes * MIB;
}

/** Throws when a reply was not 200, or the collector wrote no trace. */
export async function measureAllocation(options: {
  readonly folder: string;
  readonly seconds: number;
  readonly connections: number;
}): Promise<AllocationResult> {
  const dataDir = join(options.folder, 'allocation');
  try {
    const env = { NODE_OPTIONS: `--import ${PRELOAD}` };
    const server = await startPinned({ dataDir, command: 'collect', env });
    const pids = server.pids('collector');
    const run = { url: `${server.baseUrl}/track`, connections: options.connections, pids };
    await new Meter().run({ ...run, seconds: WARM_UP_SECONDS });
    const warm = collectionsOf(pids, server.stderr).length;
    const { replies } = await new Meter().run({ ...run, seconds: options.seconds });
    // From the last of the warm-up, so that each allocation of the run is in.
    const collections = collectionsOf(pids, server.stderr).slice(Math.max(0, warm - 1));
    if (collections.length < 3) throw new Error(`no trace of collections:\n${server.stderr}`);
    return {
      bytesPerHit: allocatedBytes(collections) / replies,
      hits: replies,
      collections: collections.length,
      without: WITHOUT,
    };
  } finally {
    await endAll(dataDir);
  }
}

const collectionsOf = (pids: readonly number[], trace: string): Collection[] =>
  readCollections(trace).filter(({ pid }) => pids.includes(pid));
