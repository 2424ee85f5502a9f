// How many verdicts one core gives a second: realistic agents (a few are common, many are rare), every hit
// from an address of its own, countries looked up, and a list of Apple's size. `node bench/verdict.ts`.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openCountries } from '../src/verdict/countries.ts';
import { judgeAgent } from '../src/verdict/agent.ts';
import { Judge } from '../src/verdict/judge.ts';
import { loadScannerNetworks } from '../src/verdict/networks/network-files.ts';
import { type Prefix, PrefixTable } from '../src/verdict/networks/prefix-table.ts';
import type { Evidence } from '../src/hit/verdict.ts';
import { expectedAgents } from '../test/agents/agents.ts';

const HITS = 500_000;
const ROUNDS = 5;
/** Apple's list has about so many networks, nine in ten of them IPv6. */
const APPLE_NETWORKS = 280_000;
const IPV6_SHARE = 0.3;
const SEED = 20261121;

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function agents(): string[] {
  const path = createRequire(import.meta.url).resolve('user-agents');
  const text = readFileSync(path.replace(/[^/]*$/, 'user-agents.json'), 'utf8');
  const browsers = (JSON.parse(text) as { userAgent: string }[]).map(({ userAgent }) => userAgent);
  return [...new Set([...expectedAgents().map(({ agent }) => agent), ...browsers])];
}

function hits(random: () => number): Evidence[] {
  const all = agents().toSorted(() => random() - 0.5);
  const part = (): number => Math.floor(random() * 65_536);
  const address = (): string => {
    if (random() < IPV6_SHARE) {
      const groups = Array.from({ length: 6 }, () => part().toString(16));
      return `2a02:${part().toString(16)}:${groups.join(':')}`;
    }
    return `${1 + (part() % 223)}.${part() % 256}.${part() % 256}.${part() % 256}`;
  };
  // The cube makes the first agents common: half of the hits come from an eighth of the agents' list.
  const agent = (): string => all[Math.floor(random() ** 3 * all.length)] ?? '';
  return Array.from({ length: HITS }, () => ({
    agent: agent(),
    address: address(),
    purpose: null,
  }));
}

function appleNetworks(random: () => number): PrefixTable<string> {
  const rows: [Prefix, string][] = [];
  for (let i = 0; i < APPLE_NETWORKS; i++) {
    const high = Math.floor(random() * 2 ** 32);
    const start = i % 10 !== 0 ? [0x2a02_26f7, high, 0, 0] : [((0xac00_0000 | high) & ~0xf) >>> 0];
    const end = start.map((word, at) => (at < 2 ? word : 0xffff_ffff));
    if (start.length === 1) end[0] = (start[0] as number) + 0xf;
    rows.push([{ start, end }, 'US']);
  }
  return new PrefixTable(rows);
}

const random = randomOf(SEED);
const evidence = hits(random);
const scanners = new URL('../src/verdict/networks/scanners.csv', import.meta.url).pathname;
const judge = new Judge({
  apple: appleNetworks(random),
  scanners: await loadScannerNetworks(scanners),
  countries: await openCountries('shipped'),
});

const rates: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const began = performance.now();
  for (const one of evidence) judge.judge(one);
  rates.push((1_000 * evidence.length) / (performance.now() - began));
}
const distinct = [...new Set(evidence.map(({ agent }) => agent))];
const began = performance.now();
for (const agent of distinct) judgeAgent(agent);
const coldMicros = (1_000 * (performance.now() - began)) / distinct.length;

const sorted = rates.toSorted((a, b) => a - b);
const median = Math.round(sorted[Math.floor(ROUNDS / 2)] ?? 0);
const result = {
  verdictsPerSecond: median,
  slowest: Math.round(sorted[0] ?? 0),
  fastest: Math.round(sorted.at(-1) ?? 0),
  distinctAgents: distinct.length,
  newAgentMicros: Math.round(coldMicros),
  appleNetworks: APPLE_NETWORKS,
  node: process.version,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
