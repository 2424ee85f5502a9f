// Takes messages back from a queue's dead letters. A queue counts deliveries, whatever became of them: a
// store that is killed often enough with good messages in hand makes dead letters of them. What can be read
// goes the way of all messages; what cannot stays where it is, for people to look at.

import { setTimeout as sleep } from 'node:timers/promises';
import { type BusDeadLetters, BusError, type ReceivedMessage } from '../bus/bus.ts';
import { DEAD_LETTERS_LOOK_MS, DEAD_LETTERS_PAUSE_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import type { Intake } from './intake.ts';

interface DeadLettersParts {
  readonly letters: BusDeadLetters;
  readonly intake: Pick<Intake, 'take' | 'takes'>;
  readonly stats: ConsumerStats;
  readonly log: Logger;
  /** How often it is looked whether there are any, and how long after the start for the first time. */
  readonly lookMs?: number;
}

export class DeadLetters {
  readonly #parts: DeadLettersParts;
  readonly #stop = new AbortController();
  #count: number | null = null;
  #trouble: string | null = null;
  #deadline = Infinity;
  #working: Promise<void> | null = null;

  constructor(parts: DeadLettersParts) {
    this.#parts = parts;
  }

  /** At the last look; null: there is no such queue, or it may not be read. */
  get count(): number | null {
    return this.#count;
  }

  start(): void {
    this.#working ??= this.#work();
  }

  /** `deadline`: in the milliseconds of performance.now(). */
  async drain(deadline: number): Promise<void> {
    this.#deadline = deadline;
    this.#stop.abort();
    await this.#working;
    this.#parts.letters.close();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    const lookMs = this.#parts.lookMs ?? DEAD_LETTERS_LOOK_MS;
    while (!signal.aborted) {
      // First of all the queue: should one of these kill the store, the others get through between the kills.
      await sleep(lookMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  /** One batch at a time: there is no hurry, and the queue's own messages have the right of way. */
  async #look(): Promise<void> {
    const { letters, intake, stats, log } = this.#parts;
    const before = stats.revived;
    try {
      this.#count = await letters.count();
      // Counts are about, and old: whether there is something for us is known by asking for it.
      while (this.#count !== null && this.#count > 0 && intake.takes) {
        if ((await this.#takeSome()) === 0 || this.#stop.signal.aborted) break;
        await sleep(DEAD_LETTERS_PAUSE_MS);
        this.#count = await letters.count();
      }
      this.#trouble = null;
    } catch (error) {
      this.#failed(error);
    }
    const revived = stats.revived - before;
    if (revived > 0) log.warn({ revived }, 'dead letters that can be read were taken back');
  }

  /** Resolves with how many were received and dealt with. */
  async #takeSome(): Promise<number> {
    const { letters, intake, stats } = this.#parts;
    const messages = await letters.receive(this.#stop.signal);
    if (messages.length === 0) return 0;
    const stored = await intake.take(messages, () => performance.now() >= this.#deadline);
    if (stored === null) {
      await letters.release(messages);
      return 0;
    }
    const isStored = new Set<ReceivedMessage>(stored);
    await letters.acknowledge(stored);
    stats.revived += stored.length;
    await letters.shelve(messages.filter((message) => !isStored.has(message)));
    return messages.length;
  }

  /** Events are none the worse for it, so it is no failure of the consumer. Said once for each cause. */
  #failed(error: unknown): void {
    if (!(error instanceof BusError)) throw error;
    this.#count = null;
    if (this.#stop.signal.aborted || error.trouble === this.#trouble) return;
    this.#trouble = error.trouble;
    this.#parts.log.warn(
      { fault: error.fault },
      `dead letters are not taken back: ${error.message}`,
    );
  }
}
