// What a second core gives: two collectors on two cores against one on one.
//
// Four cores and more: rates by the clock, with the load on the cores that are left. With fewer, the load
// itself needs most of a core, so that a machine of two cannot show by the clock what two collectors could
// do. There it is measured by processor work: replies per second of processor time that the collectors used,
// times the cores that they may use. One collector is measured on one core with the load on the other; two
// with the load spread over the same two cores. That says whether a second collector makes replies dearer
// (locks of the kernel, the disk, the port that they share); it does not say that the disk keeps up with
// twice the rate, which only the clock can.

import { join } from 'node:path';
import { endAll, type Server } from '../test/server.ts';
import { allCores, LOAD_CORE, SERVER_CORE } from './machine.ts';
import { Meter, type Timed } from './meter.ts';
import { startPinned } from './pinned.ts';
import { type RoundsAsked, WARM_UP_SECONDS } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

export interface TwoCoresResult {
  /** 2 would be a second core that gives as much as the first; the median of the rounds. */
  readonly ratio: number;
  readonly ratioSpread: Spread;
  /** What the ratio compares, in words. */
  readonly how: string;
  readonly one: CoresFigures;
  readonly two: CoresFigures;
}

interface CoresFigures {
  readonly repliesPerSecond: Spread;
  readonly repliesPerProcessorSecond: Spread;
  /** Processor seconds a second of the collectors together. */
  readonly busy: number;
}

const CLOCK_CORES_MIN = 4;
const BY_CLOCK =
  'rate of two collectors on two cores / rate of one on one core, load on other cores';
const BY_WORK =
  '2 × replies per processor second of two collectors (both cores, load spread over the same two) / ' +
  'replies per processor second of one (one core, load on the other): processor work, not the clock';

/** Throws when a reply was not 200. */
export async function measureCores(options: RoundsAsked): Promise<TwoCoresResult> {
  const byClock = allCores().length >= CLOCK_CORES_MIN;
  const both = [SERVER_CORE, LOAD_CORE];
  const others = allCores().filter((core) => !both.includes(core));
  const dataDirs = [join(options.folder, 'one-core'), join(options.folder, 'two-cores')] as const;
  try {
    const one = await startPinned({ dataDir: dataDirs[0], command: 'collect' });
    const two = await startPinned({ dataDir: dataDirs[1], command: 'collect', cores: both });
    const run = async (server: Server, cores: readonly number[], seconds: number): Promise<Timed> =>
      await new Meter().run({
        url: `${server.baseUrl}/track`,
        connections: options.connections,
        seconds,
        pids: server.pids('collector'),
        cores: byClock ? others : cores,
      });
    await run(one, [LOAD_CORE], WARM_UP_SECONDS);
    await run(two, both, WARM_UP_SECONDS);
    const ones: Timed[] = [];
    const twos: Timed[] = [];
    const ratios: number[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const single = await run(one, [LOAD_CORE], options.seconds);
      const double = await run(two, both, options.seconds);
      const ratio = byClock ? double.rate / single.rate : (2 * double.work) / single.work;
      ones.push(single);
      twos.push(double);
      ratios.push(ratio);
      options.onProgress(`two collectors against one, round ${round}: ${ratio.toFixed(2)}`);
    }
    const ratioSpread = spreadOf(ratios);
    const how = byClock ? BY_CLOCK : BY_WORK;
    return { ratio: ratioSpread.median, ratioSpread, how, one: figures(ones), two: figures(twos) };
  } finally {
    for (const dataDir of dataDirs) await endAll(dataDir);
  }
}

const figures = (timed: readonly Timed[]): CoresFigures => ({
  repliesPerSecond: spreadOf(timed.map(({ rate }) => rate)),
  repliesPerProcessorSecond: spreadOf(timed.map(({ work }) => work)),
  busy: spreadOf(timed.map(({ busy }) => busy)).median,
});
