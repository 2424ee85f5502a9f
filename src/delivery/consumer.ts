// Takes messages from a bus and hands them to the intake; removes them from the bus when their events
// are in the store. One receiver waits while messages are few, several work while they are many.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BusDeadLetters,
  BusError,
  type BusFault,
  type BusReceiver,
  type ReceivedMessage,
} from '../bus/bus.ts';
import { CONSUMER_DRAIN_MS_MAX, CONSUMER_RECEIVERS_MAX, LOAD_RETRY_MS_MIN } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { backoffMs } from './backoff.ts';
import { ConsumerStats } from './consumer-stats.ts';
import { DeadLetters } from './dead-letters.ts';
import { Hands } from './hands.ts';
import { Intake, type IntakeFailure, type IntakeParts } from './intake.ts';

export interface ConsumerParts extends IntakeParts {
  readonly receiver: BusReceiver;
  readonly deadLetters: BusDeadLetters;
  /** How often these are looked for; left out but in tests. */
  readonly lookMs?: number;
}

/** Why events wait in the queue: `fault` is for anybody, the line is for the log. */
interface ConsumerFailure {
  readonly fault: BusFault | IntakeFailure['fault'];
  readonly message: string;
}

/** What is asked of the bus: each may fail while the others work. */
type Act = 'receive' | 'remove' | 'hold' | 'release';

export class Consumer {
  readonly stats = new ConsumerStats();
  readonly #receiver: BusReceiver;
  readonly #log: Logger;
  readonly #intake: Intake;
  readonly #hands: Hands;
  readonly #deadLetters: DeadLetters;
  /** Whether a round has gone through: before that a message may be one that nothing can be done with. */
  #isProven = false;
  readonly #stop = new AbortController();
  #receivers = 0;
  #failures = 0;
  readonly #faults = new Map<Act, BusError>();
  #deadline = Infinity;
  #working: Promise<void> | null = null;

  constructor(parts: ConsumerParts) {
    this.#receiver = parts.receiver;
    this.#log = parts.log;
    this.#intake = new Intake(parts, this.stats);
    this.#hands = new Hands(parts.receiver, (error) => this.#failed('hold', error));
    const { deadLetters: letters, log, lookMs } = parts;
    const looks = lookMs === undefined ? {} : { lookMs };
    this.#deadLetters = new DeadLetters({
      letters,
      intake: this.#intake,
      stats: this.stats,
      log,
      ...looks,
    });
  }

  start(): void {
    if (this.#working !== null) return;
    this.#working = this.#work();
    void this.#check();
    void this.#begin();
  }

  /** Why nothing comes from the bus into the store; null when all is well. */
  get failure(): ConsumerFailure | null {
    const [failure = null] = this.#faults.values();
    return failure ?? this.#intake.failure;
  }

  /** About how many messages lie in the queue's dead letters; null when that is not known. */
  get deadLetters(): number | null {
    return this.#deadLetters.count;
  }

  /** What is wrong, or worth a look, in words that /ready can show to anybody. */
  get reason(): string | null {
    const { failure, deadLetters } = this;
    if (failure !== null) return `events wait in the queue: ${failure.fault}`;
    if (deadLetters === null || deadLetters === 0) return null;
    return `the queue has dead letters: ${deadLetters}`;
  }

  get inHand(): number {
    return this.#hands.messages;
  }

  /** Takes no more messages, completes for a while what is in hand, and gives the rest back to the bus. */
  async drain(): Promise<void> {
    this.#deadline = performance.now() + CONSUMER_DRAIN_MS_MAX;
    this.#stop.abort();
    this.#hands.wake();
    // A barrier may take longer than there is time; what it waits for is in the journal or comes again.
    const working = Promise.all([this.#working, this.#deadLetters.drain(this.#deadline)]);
    await Promise.race([working, sleep(CONSUMER_DRAIN_MS_MAX, undefined, { ref: false })]);
    await this.#release(this.#hands.close());
    this.#receiver.close();
  }

  /** A delivery counts against a message: none is asked for that could not be stored. */
  async #begin(): Promise<void> {
    await this.#intake.isReady(() => this.#stop.signal.aborted);
    this.#addReceiver();
    if (!this.#stop.signal.aborted) this.#deadLetters.start();
  }

  async #check(): Promise<void> {
    try {
      for (const line of await this.#receiver.check()) this.#log.warn(line);
    } catch (error) {
      // What keeps it from being asked keeps it from receiving too, which says so until it is mended.
      if (!(error instanceof BusError)) throw error;
    }
  }

  #addReceiver(): void {
    if (this.#receivers >= CONSUMER_RECEIVERS_MAX || this.#stop.signal.aborted) return;
    this.#receivers++;
    void this.#receive();
  }

  async #receive(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#hands.isFull || !(this.#isProven || this.#hands.messages === 0)) {
        await this.#hands.change();
        continue;
      }
      if (!this.#intake.takes) {
        await sleep(LOAD_RETRY_MS_MIN, undefined, { ref: false });
        continue;
      }
      const messages = await this.#receiveOnce();
      if (this.#stop.signal.aborted) {
        await this.#release(messages ?? []);
        break;
      }
      if (messages !== null && messages.length > 0) {
        this.stats.received += messages.length;
        this.#hands.add(messages);
        if (this.#isProven && messages.length === this.#receiver.messagesMax) this.#addReceiver();
        continue;
      }
      if (this.#receivers > 1) break;
      if (messages === null) await sleep(backoffMs(this.#failures), undefined, { ref: false });
    }
    this.#receivers--;
  }

  /** Null after a failure. */
  async #receiveOnce(): Promise<readonly ReceivedMessage[] | null> {
    try {
      const messages = await this.#receiver.receive(this.#stop.signal);
      if (!this.#stop.signal.aborted) this.#succeeded('receive');
      this.#failures = 0;
      return messages;
    } catch (error) {
      this.#failures++;
      this.#failed('receive', error);
      return null;
    }
  }

  async #work(): Promise<void> {
    const isLate = (): boolean => performance.now() >= this.#deadline;
    for (;;) {
      if (this.#hands.isEmpty) {
        if (this.#stop.signal.aborted) return;
        await this.#hands.change();
        continue;
      }
      const messages = this.#hands.take();
      const stored = isLate() ? null : await this.#intake.take(messages, isLate);
      if (stored === null) return;
      this.#isProven = true;
      await this.#acknowledge(stored);
      this.#hands.drop(messages);
    }
  }

  /** What is not removed comes again, and is known then. */
  async #acknowledge(messages: readonly ReceivedMessage[]): Promise<void> {
    try {
      await this.#receiver.acknowledge(messages);
      this.stats.acknowledged += messages.length;
      this.#succeeded('remove');
    } catch (error) {
      this.#failed('remove', error);
    }
  }

  /** Else they come back by themselves, later. */
  async #release(messages: readonly ReceivedMessage[]): Promise<void> {
    try {
      await this.#receiver.release(messages);
    } catch (error) {
      this.#failed('release', error);
    }
  }

  #failed(act: Act, error: unknown): void {
    if (!(error instanceof BusError)) throw error;
    this.stats.failed(error.fault);
    const known = this.#faults.get(act);
    this.#faults.set(act, error);
    // Said once for each cause, not at each attempt.
    if (known?.trouble === error.trouble) return;
    this.#log.error({ fault: error.fault }, `events wait in the queue: ${error.message}`);
  }

  #succeeded(act: Act): void {
    // To hide messages is asked for seldom: whoever can remove them has them hidden in time.
    if (act === 'remove') this.#faults.delete('hold');
    if (this.#faults.delete(act)) this.#log.info({ act }, 'the queue works again');
  }
}
