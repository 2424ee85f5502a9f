// The benchmark's results for people: a few lines for each part that was measured.

import type { AllocationResult } from './allocation.ts';
import type { TwoCoresResult } from './cores.ts';
import type { LatencyFigures, LoadingFigures } from './latency.ts';
import type { LimitResult } from './limit.ts';
import { describeLoad, type LoadFigures } from './load.ts';
import type { Machine } from './machine.ts';
import type { MemoryResult } from './memory.ts';
import type { DurableCount } from './meter.ts';
import { describePeers, type PeersResult } from './peers.ts';
import { type Comparison, nameOf } from './replies.ts';
import type { Spread } from './spread.ts';
import type { VisibleResult } from './visible.ts';

/** What `--json` prints; a part that was not measured is not there. */
export interface Results {
  readonly machine: Machine;
  /** `/track` with the usual number of connections; also among the comparisons, like the next. */
  readonly keepAlive?: Comparison;
  readonly newConnection?: Comparison;
  readonly comparisons?: readonly Comparison[];
  readonly durable?: DurableCount;
  /** Replies a second of supervisor, collector and store process, all of them on one core. */
  readonly serveOnOneCore?: Spread;
  readonly limit?: LimitResult;
  readonly twoCores?: TwoCoresResult;
  readonly halfPeak?: LatencyFigures;
  readonly halfPeakWhileLoading?: LoadingFigures;
  readonly allocatedBytesPerHit?: number;
  readonly allocation?: AllocationResult;
  readonly load?: LoadFigures;
  readonly visible?: VisibleResult;
  readonly memory?: MemoryResult;
  readonly peers?: PeersResult;
}

export function describe(results: Results): string {
  const { machine, allocation, load, memory, peers, serveOnOneCore } = results;
  const {
    comparisons = [],
    durable,
    halfPeak,
    halfPeakWhileLoading,
    limit,
    twoCores,
    visible,
  } = results;
  const blocks = [
    [
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ` +
        `Node ${machine.node}, ${machine.fileSystem}`,
    ],
    ...comparisons.map(describeComparison),
    durable && [describeDurable(durable)],
    serveOnOneCore && [`serve, all of its processes on one core  ${rates(serveOnOneCore)}`],
    limit && describeLimit(limit),
    twoCores && describeCores(twoCores),
    halfPeak && ['At half of the highest rate:', ...describeLatency(halfPeak)],
    halfPeakWhileLoading && describeLoading(halfPeakWhileLoading),
    allocation && [
      `Allocated per hit: ${Math.round(allocation.bytesPerHit)} bytes ` +
        `(${allocation.hits} hits, ${allocation.collections} collections; without ${allocation.without})`,
    ],
    load && [describeLoad(load)],
    visible && [describeVisible(visible)],
    memory && describeMemory(memory),
    peers && describePeers(peers),
  ];
  return `${blocks
    .filter((block) => block !== undefined)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function describeComparison(comparison: Comparison): string[] {
  const { nginxBusy, truepixelBusy, nginxLatency, truepixelLatency, ratioOfWork } = comparison;
  const latency = ({ p50Ms, p99Ms, p999Ms }: Comparison['nginxLatency']): string =>
    `median ${ms(p50Ms)}, p99 ${ms(p99Ms)}, p99.9 ${ms(p999Ms)}`;
  return [
    `${nameOf(comparison)}, one core each; median of rounds (lowest to highest):`,
    `  nginx      ${rates(comparison.nginx)}  core ${percent(nginxBusy)} busy`,
    `  truepixel  ${rates(comparison.truepixel)}  core ${percent(truepixelBusy)} busy`,
    `  ratio      ${spread(comparison.ratioSpread, 3)}; per processor second ${spread(ratioOfWork, 3)}`,
    `  latency    nginx ${latency(nginxLatency)}`,
    `             truepixel ${latency(truepixelLatency)}`,
  ];
}

const describeDurable = ({ acknowledged, inJournal, inFlightMax, honest }: DurableCount): string =>
  `acknowledged ${acknowledged}, in the journal ${inJournal} (at most ${inFlightMax} more are right): ` +
  (honest ? 'every reply was durable' : 'THIS IS NOT HONEST');

const describeLimit = (limit: LimitResult): string[] => [
  `A bare server over net beside nginx: ${spread(limit.ratioSpread, 3)}`,
  `  per processor second: ${spread(limit.ratioOfWork, 3)}`,
  `  processor per reply: nginx ${spread(limit.nginxMicros, 2)} µs, bare ${spread(limit.bareMicros, 2)} µs`,
];

const describeCores = ({ ratioSpread, how, one, two }: TwoCoresResult): string[] => [
  `Two collectors against one: ${spread(ratioSpread, 2)}`,
  `  that is ${how}`,
  `  one  ${rates(one.repliesPerSecond)}, per processor second ${rates(one.repliesPerProcessorSecond)}`,
  `  two  ${rates(two.repliesPerSecond)}, per processor second ${rates(two.repliesPerProcessorSecond)}`,
];

const describeLatency = (figures: LatencyFigures): string[] => [
  `  ${rate(figures.requestsPerSecond)} by an open loop, ${figures.connections} connections`,
  `  truepixel  median ${ms(figures.p50Ms)}, p99 ${ms(figures.p99Ms)}, p99.9 ${ms(figures.p999Ms)}`,
  `             p99 by rounds ${spread(figures.p99SpreadMs, 2)}`,
  `  nginx      median ${ms(figures.nginxP50Ms)}, p99 ${ms(figures.nginxP99Ms)}, ` +
    `p99.9 ${ms(figures.nginxP999Ms)}`,
  `  sent late  p99 ${ms(figures.sentLateP99Ms)}; ${figures.repeated} runs repeated`,
];

const describeLoading = (figures: LoadingFigures): string[] => [
  'The same while the store loads and answers the dashboard:',
  ...describeLatency(figures),
  `  the store  ${rate(figures.loadedPerSecond)} loaded, ${percent(figures.storeBusy)} of a core, ` +
    `${figures.behindMin} hits or more behind all the while`,
  `  dashboard  ${figures.answered} questions answered, ${figures.refused} not in time`,
];

const describeVisible = ({ times, p50Ms, p99Ms, maxMs }: VisibleResult): string =>
  `Reply to report, ${times} times: median ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ` +
  `longest ${maxMs.toFixed(1)} ms`;

const describeMemory = (memory: MemoryResult): string[] => [
  `Resident memory under ${memory.hits} hits in ${Math.round(memory.seconds)} s, in MiB:`,
  `  (the store had them all ${memory.catchUpSeconds.toFixed(1)} s later)`,
  ...memory.samples.map(
    (sample) => `  ${sample.millionHits} M  ${JSON.stringify(sample.residentMiB)}`,
  ),
  `  highest  ${JSON.stringify(memory.highestMiB)}`,
];

const rate = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`;
const rates = ({ median, lowest, highest }: Spread): string =>
  `${rate(median).padStart(9)} (${rate(lowest)} to ${rate(highest)})`;
const spread = ({ median, lowest, highest }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
const percent = (part: number): string => `${Math.round(part * 100)} %`;
const ms = (value: number): string => `${value.toFixed(2)} ms`;
