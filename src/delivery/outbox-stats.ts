// What the outbox counts; bus-metrics.ts tells it in the words of Prometheus.

import type { BusFault } from '../bus/bus.ts';

export class OutboxStats {
  sent = 0;
  requests = 0;
  readonly failures = new Map<BusFault, number>();
  /** Called after each request, with the milliseconds that it took. */
  onRequest: ((milliseconds: number) => void) | null = null;

  failed(fault: BusFault): void {
    this.failures.set(fault, (this.failures.get(fault) ?? 0) + 1);
  }
}
