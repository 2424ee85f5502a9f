// `npm run bench`: what one core gives, measured against nginx in the same run, with the proof that every
// reply that was counted was durable; how fast hits come into the store; how soon one can be read back.
//
//   npm run bench -- --rounds 5 --seconds 5 --json
//   npm run bench -- --memory 10

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchLoad, describeLoad, type LoadFigures } from './load.ts';
import { positive, runTool } from '../test/tool.ts';
import { describeMachine, missingTools, type Machine } from './machine.ts';
import { measureMemory, type MemoryResult } from './memory.ts';
import { measureReplies, type RepliesResult } from './replies.ts';
import type { Spread } from './spread.ts';
import { measureVisible, type VisibleResult } from './visible.ts';

const USAGE = `usage: npm run bench -- [OPTION]…

  --rounds N         rounds, each nginx and then Truepixel (5)
  --seconds N        length of each measurement (5)
  --connections N    keep-alive connections (256)
  --memory MILLIONS  only this: memory of each process under so many million hits at full load
  --folder FOLDER    where journals and logs are written (the temporary folder)
  --json             print one JSON object only
`;
const EXIT_MISSING = 3;

interface Results {
  readonly machine: Machine;
  readonly replies?: RepliesResult;
  readonly load?: LoadFigures;
  readonly visible?: VisibleResult;
  readonly memory?: MemoryResult;
}

interface Order {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly memory: number | null;
  readonly onProgress: (text: string) => void;
}

async function measure(order: Order, folder: string): Promise<Results> {
  const machine = await describeMachine(folder);
  const { onProgress } = order;
  if (order.memory !== null) {
    return { machine, memory: await measureMemory(folder, order.memory, onProgress) };
  }
  const replies = await measureReplies({ folder, ...order });
  onProgress('journal to store …');
  const load = await benchLoad();
  onProgress('reply to report …');
  const visible = await measureVisible(folder);
  return { machine, replies, load, visible };
}

const rate = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`;
const rates = ({ median, lowest, highest }: Spread): string =>
  `${rate(median).padStart(10)}  (${rate(lowest)} to ${rate(highest)})`;

function describeReplies(replies: RepliesResult): string[] {
  const lines = [
    `Replies on one core, ${replies.connections} keep-alive connections, median of rounds:`,
  ];
  for (const route of replies.routes) {
    const { median, lowest, highest } = route.ratio;
    lines.push(
      `  ${route.route}`,
      `    nginx      ${rates(route.nginx)}  core ${percent(route.nginxBusy)} busy`,
      `    truepixel  ${rates(route.truepixel)}  core ${percent(route.truepixelBusy)} busy`,
      `    ratio      ${median.toFixed(3)}  (${lowest.toFixed(3)} to ${highest.toFixed(3)})`,
      `    per processor second: ratio ${route.ratioOfWork.median.toFixed(3)}`,
      `    truepixel's latency: median ${route.truepixelP50Ms} ms, p99 ${route.truepixelP99Ms} ms`,
    );
  }
  const { acknowledged, inJournal, inFlightMax, honest } = replies.durable;
  lines.push(
    `  serve, all of its processes on that core  ${rates(replies.serveOnOneCore)}`,
    `  acknowledged ${acknowledged}, in the journal ${inJournal} (at most ${inFlightMax} more are right): ` +
      (honest ? 'every reply was durable' : 'THIS IS NOT HONEST'),
  );
  return lines;
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;

function describe(results: Results): string {
  const { machine, replies, load, visible, memory } = results;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ` +
      `Node ${machine.node}, ${machine.fileSystem}`,
    '',
  ];
  if (replies !== undefined) lines.push(...describeReplies(replies));
  if (load !== undefined) lines.push('', describeLoad(load), '');
  if (visible !== undefined) {
    const { times, p50Ms, p99Ms, maxMs } = visible;
    lines.push(
      `Reply to report, ${times} times: median ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ` +
        `longest ${maxMs.toFixed(1)} ms`,
    );
  }
  if (memory !== undefined) {
    lines.push(
      `Resident memory under ${memory.hits} hits in ${Math.round(memory.seconds)} s, in MiB:`,
      `  (the store had them all ${memory.catchUpSeconds.toFixed(1)} s later)`,
      ...memory.samples.map(
        (sample) => `  ${sample.millionHits} M  ${JSON.stringify(sample.residentMiB)}`,
      ),
      `  highest  ${JSON.stringify(memory.highestMiB)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '256' },
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
  const order = {
    rounds: positive(values.rounds, 'rounds'),
    seconds: positive(values.seconds, 'seconds'),
    connections: positive(values.connections, 'connections'),
    memory: values.memory === undefined ? null : positive(values.memory, 'memory'),
    onProgress: (text: string) => void (values.json || process.stderr.write(`${text}\n`)),
  };
  const folder = await mkdtemp(join(values.folder, 'truepixel-bench-'));
  try {
    const results = await measure(order, folder);
    process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : describe(results));
    return results.replies?.durable.honest === false ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await runTool(USAGE, main);
