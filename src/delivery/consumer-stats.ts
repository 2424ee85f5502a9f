// What a consumer has done, as plain numbers; bus-metrics.ts puts them in Prometheus' words.

import type { BusFault } from '../bus/bus.ts';

export class ConsumerStats {
  received = 0;
  /** New events. */
  kept = 0;
  /** Deliveries of events that were known already. */
  duplicates = 0;
  /** Messages, each counted once. */
  unreadable = 0;
  /** Messages whose events are not to be kept here, by their pixel's mode. */
  unkept = 0;
  /** Messages that were taken back from the queue's dead letters; their events are counted above, too. */
  revived = 0;
  acknowledged = 0;
  readonly failures = new Map<BusFault, number>();
  /** Called after each round, with the milliseconds from its first look at the store to its last. */
  onRound: ((milliseconds: number) => void) | null = null;

  failed(fault: BusFault): void {
    this.failures.set(fault, (this.failures.get(fault) ?? 0) + 1);
  }
}
