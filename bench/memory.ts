// The resident memory of every process of the server under full load, hit by hit million: a bound that is
// only stated is no bound.

import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { endAll, freePort, processesOf, startServer, type Server } from '../test/server.ts';
import { residentBytes } from './machine.ts';
import { wrk } from './wrk.ts';

export interface MemorySample {
  readonly millionHits: number;
  /** Mebibytes by process: `supervisor`, `collector`, `store`. */
  readonly residentMiB: Readonly<Record<string, number>>;
}

export interface MemoryResult {
  readonly hits: number;
  readonly seconds: number;
  /** From the end of the load until the store had everything. */
  readonly catchUpSeconds: number;
  readonly samples: readonly MemorySample[];
  /** The most that each process ever had. */
  readonly highestMiB: Readonly<Record<string, number>>;
}

const RUN_SECONDS = 5;
const WATCH_MS = 250;
const MIB = 1024 * 1024;
/** Journal, store and visit log of one hit together, with room to spare. */
const BYTES_PER_HIT = 1_200;

/** Loads the whole server with so many million hits. Throws when the disk has no room for them. */
export async function measureMemory(
  folder: string,
  millions: number,
  onProgress: (text: string) => void,
): Promise<MemoryResult> {
  const { bavail, bsize } = await statfs(folder);
  const needed = millions * 1e6 * BYTES_PER_HIT;
  if (bavail * bsize < needed) throw new Error(`${millions} million hits need ${needed / 1e9} GB`);
  const dataDir = join(folder, 'memory');
  const env = { COLLECTORS: '1', LOG_LEVEL: 'warn' };
  const server = await startServer({ dataDir, port: await freePort(), env });
  try {
    return await load(server, millions, onProgress);
  } finally {
    await endAll(dataDir);
  }
}

async function load(
  server: Server,
  millions: number,
  onProgress: (text: string) => void,
): Promise<MemoryResult> {
  const minted = JSON.parse((await server.api('/v1/api/gen-image')).body.toString()) as {
    unique_code: string;
  };
  const highest: Record<string, number> = {};
  const watch = setInterval(() => raise(highest, residentOf(server.dataDir)), WATCH_MS);
  const samples: MemorySample[] = [];
  const began = performance.now();
  let hits = 0;
  for (let turn = 0; hits < millions * 1e6; turn += 1) {
    const path = turn % 2 === 0 ? '/track' : `/image/${minted.unique_code}.png`;
    const run = await wrk(server.baseUrl + path, 256, RUN_SECONDS);
    hits += run.replies - run.notOk;
    const residentMiB = residentOf(server.dataDir);
    samples.push({ millionHits: Math.round(hits / 1e4) / 100, residentMiB });
    onProgress(`${(hits / 1e6).toFixed(2)} million hits: ${JSON.stringify(residentMiB)} MiB`);
  }
  const seconds = (performance.now() - began) / 1_000;
  while ((await server.api(`/v1/api/info/${minted.unique_code}?limit=1`)).status !== 200);
  const catchUpSeconds = (performance.now() - began) / 1_000 - seconds;
  clearInterval(watch);
  return { hits, seconds, catchUpSeconds, samples, highestMiB: highest };
}

function residentOf(dataDir: string): Record<string, number> {
  const resident: Record<string, number> = {};
  for (const { pid, role } of processesOf(dataDir)) {
    const bytes = residentBytes(pid);
    if (bytes !== null) resident[role === 'serve' ? 'supervisor' : role] = Math.round(bytes / MIB);
  }
  return resident;
}

function raise(highest: Record<string, number>, now: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(now)) {
    highest[name] = Math.max(highest[name] ?? 0, value);
  }
}
