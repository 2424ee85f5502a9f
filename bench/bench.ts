// `npm run bench`: what one core gives, measured against nginx in the same run, with the proof that every
// reply that was counted was durable; what a second core gives; how long replies take at half of the highest
// rate; how fast hits come into the store; how soon one can be read back. docs/benchmarks.md tells more.
//
//   npm run bench -- --rounds 5 --seconds 5 --json
//   npm run bench -- --only latency,cores
//   npm run bench -- --memory 10

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAllocation } from './allocation.ts';
import { measureCores } from './cores.ts';
import { measureLimit } from './limit.ts';
import { benchLoad } from './load.ts';
import { mistyped, positive, runTool } from '../test/tool.ts';
import { describeMachine, missingTools } from './machine.ts';
import { measureMemory } from './memory.ts';
import { measureLatency } from './latency.ts';
import { measurePeers } from './peers.ts';
import { describe, type Results } from './printed.ts';
import { type Case, type Comparison, measureReplies, measureServe } from './replies.ts';
import { measureVisible } from './visible.ts';

const USAGE = `usage: npm run bench -- [OPTION]…

  --rounds N         rounds, each nginx and then Truepixel (5)
  --seconds N        length of each measurement (5)
  --connections LIST connections at a time, for keep-alive /track each of them (64,256,1024);
                     everything else has 256, or the first one where that is not in the list
  --only LIST        only these parts: replies, connections, limit, cores, latency, allocation,
                     load, visible (those are the default), peers
  --memory MILLIONS  only this: memory of each process under so many million hits at full load
  --folder FOLDER    where journals and logs are written (the temporary folder)
  --json             print one JSON object only
`;
const EXIT_MISSING = 3;
const CONNECTIONS_PREFERRED = 256;
const PARTS = [
  'replies',
  'connections',
  'limit',
  'cores',
  'latency',
  'allocation',
  'load',
  'visible',
  'peers',
] as const;
type Part = (typeof PARTS)[number];
/** Peers are built from a package registry first, which nobody expects of a benchmark. */
const DEFAULT_PARTS: readonly Part[] = PARTS.filter((part) => part !== 'peers');

interface Order {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly parts: ReadonlySet<Part>;
  readonly memory: number | null;
  readonly onProgress: (text: string) => void;
}

async function measure(order: Order, folder: string): Promise<Results> {
  const machine = await describeMachine(folder);
  const { rounds, seconds, parts, onProgress } = order;
  if (order.memory !== null) {
    return { machine, memory: await measureMemory(folder, order.memory, onProgress) };
  }
  const connections = usualConnections(order);
  const common = { folder, rounds, seconds, connections, onProgress };
  let results: Results = { machine, ...(await measureAgainstNginx(order, folder)) };
  if (parts.has('replies')) results = { ...results, serveOnOneCore: await measureServe(common) };
  if (parts.has('limit')) results = { ...results, limit: await measureLimit(common) };
  if (parts.has('cores')) results = { ...results, twoCores: await measureCores(common) };
  if (parts.has('latency')) {
    const peak = results.keepAlive?.truepixel.median ?? null;
    results = { ...results, ...(await measureLatency({ ...common, peak })) };
  }
  if (parts.has('allocation')) {
    onProgress('allocation …');
    const allocation = await measureAllocation(common);
    results = { ...results, allocatedBytesPerHit: allocation.bytesPerHit, allocation };
  }
  if (parts.has('load')) {
    onProgress('journal to store …');
    results = { ...results, load: await benchLoad() };
  }
  if (parts.has('visible')) {
    onProgress('reply to report …');
    results = { ...results, visible: await measureVisible(folder) };
  }
  if (parts.has('peers')) results = { ...results, peers: await measurePeers(common) };
  return results;
}

async function measureAgainstNginx(
  order: Order,
  folder: string,
): Promise<Pick<Results, 'keepAlive' | 'newConnection' | 'comparisons' | 'durable'>> {
  const usual = usualConnections(order);
  const cases: Case[] = [];
  const kept = { newConnections: false } as const;
  if (order.parts.has('replies')) {
    cases.push({ route: '/track', connections: usual, ...kept });
    cases.push({ route: '/image/CODE.png', connections: usual, ...kept });
  }
  if (order.parts.has('connections')) {
    for (const connections of order.connections) {
      if (connections !== usual) cases.push({ route: '/track', connections, ...kept });
    }
    cases.push({ route: '/track', connections: usual, newConnections: true });
  }
  if (cases.length === 0) return {};
  const { comparisons, durable } = await measureReplies({ ...order, folder }, cases);
  const find = (wanted: (comparison: Comparison) => boolean): Comparison | undefined =>
    comparisons.find((comparison) => comparison.route === '/track' && wanted(comparison));
  const keepAlive = find((each) => !each.newConnections && each.connections === usual);
  const newConnection = find((each) => each.newConnections);
  return {
    ...(keepAlive && { keepAlive }),
    ...(newConnection && { newConnection }),
    comparisons,
    durable,
  };
}

const usualConnections = ({ connections }: Pick<Order, 'connections'>): number =>
  connections.includes(CONNECTIONS_PREFERRED) ? CONNECTIONS_PREFERRED : (connections[0] ?? NaN);

function partsOf(text: string): Part[] {
  return text.split(',').map((name) => {
    const part = PARTS.find((each) => each === name);
    if (part === undefined) throw mistyped(`--only: not one of ${PARTS.join(', ')}: ${name}`);
    return part;
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64,256,1024' },
      only: { type: 'string', default: DEFAULT_PARTS.join(',') },
      memory: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const missing = missingTools();
  if (missing.length > 0) {
    process.stderr.write(`The benchmark needs ${missing.join(';\n  ')}\n`);
    return EXIT_MISSING;
  }
  const order: Order = {
    rounds: positive(values.rounds, 'rounds'),
    seconds: positive(values.seconds, 'seconds'),
    connections: values.connections.split(',').map((text) => positive(text, 'connections')),
    parts: new Set(partsOf(values.only)),
    memory: values.memory === undefined ? null : positive(values.memory, 'memory'),
    onProgress: (text: string) => void (values.json || process.stderr.write(`${text}\n`)),
  };
  const folder = await mkdtemp(join(values.folder, 'truepixel-bench-'));
  try {
    const results = await measure(order, folder);
    process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : describe(results));
    return results.durable?.honest === false ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await runTool(USAGE, main);
