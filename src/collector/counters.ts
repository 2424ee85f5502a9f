// The collector's figures as plain numbers: counting costs the hot path an addition, and metrics.ts reads
// them when somebody asks.

import type { HitKind } from '../hit/event.ts';
import { OUTCOMES, type Outcome } from './admission.ts';

/** How a request to the store process ended. */
export const FORWARD_OUTCOMES = [
  'answered',
  /** It began to answer and broke off. */
  'broken',
  'client-gone',
  /** It has its share of requests under way already. */
  'client-busy',
  /** Its body did not come. */
  'client-slow',
  'store-busy',
  'store-down',
  'store-slow',
  'invalid',
] as const;

export type ForwardOutcome = (typeof FORWARD_OUTCOMES)[number];

export class Counters {
  readonly images: Readonly<Record<HitKind, Record<Outcome, number>>> = {
    open: zeros(OUTCOMES),
    visit: zeros(OUTCOMES),
  };
  /** By the status's first digit. */
  readonly replies = [0, 0, 0, 0, 0, 0];
  readonly requests = { fast: 0, node: 0 };
  readonly forwards: Record<ForwardOutcome, number> = zeros(FORWARD_OUTCOMES);
  connectionsAccepted = 0;
  connectionsOpen = 0;
  connectionsRefused = 0;

  image(kind: HitKind, outcome: Outcome): void {
    this.images[kind][outcome]++;
  }

  reply(status: number): void {
    this.replies[Math.floor(status / 100)] = (this.replies[Math.floor(status / 100)] ?? 0) + 1;
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
