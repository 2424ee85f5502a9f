// What the parts of the benchmark that load a server have in common: how long and with how much they do it,
// and that two servers are compared within a round, as a machine's moods hit both of them there.

import type { Timed } from './meter.ts';
import { spreadOf, type Spread } from './spread.ts';

export interface RoundsAsked {
  /** An empty folder. */
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly onProgress: (text: string) => void;
}

/** Until what is compiled as it runs has been compiled. */
export const WARM_UP_SECONDS = 2;

export const ratios = (
  ours: readonly Timed[],
  theirs: readonly Timed[],
  select: (timed: Timed) => number,
): Spread =>
  spreadOf(
    ours.map((timed, round) => {
      const their = theirs[round];
      return their === undefined ? Number.NaN : select(timed) / select(their);
    }),
  );
