// What waits for the bus and what is on its way there: forms full batches, has several under way, sends again
// what was refused and nothing else. Nothing is ever given up: the journal keeps what does not fit in here.

import { BusError, type BusFault, type BusSender, type OutgoingMessage } from '../bus/bus.ts';
import { RELAY_MESSAGES_MAX, RELAY_REQUESTS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { backoffMs } from './backoff.ts';

/** A message that was refused this often while others went through is a trouble of its own. */
const STUCK_ATTEMPTS = 5;

interface Entry {
  readonly message: OutgoingMessage;
  readonly bytes: number;
  readonly acknowledged: () => void;
  attempts: number;
}

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

export class Outbox {
  readonly stats = new OutboxStats();
  readonly #sender: BusSender;
  readonly #log: Logger;
  #waiting: Entry[] = [];
  /** Waiting, on their way, or refused and soon to wait again. */
  #held = 0;
  /** Refused again and again, each by itself. */
  readonly #stuck = new Set<Entry>();
  #requests = 0;
  #failures = 0;
  #failure: BusError | null = null;
  #isChecked = false;
  #isPaused = false;
  #isStopped = false;
  #room: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(sender: BusSender, log: Logger) {
    this.#sender = sender;
    this.#log = log;
  }

  /**
   * Asks the bus whether sending can work, so that a wrong setting shows before there is anything to
   * send.
   */
  start(): void {
    this.#pump();
  }

  /** Why nothing, or one message, goes through; null when all is well. */
  get failure(): BusError | null {
    return this.#failure;
  }

  get held(): number {
    return this.#held;
  }

  /** Resolves true when there is room for another message, false when it is stopped. */
  async room(): Promise<boolean> {
    while (this.#held >= RELAY_MESSAGES_MAX && !this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#room.push(resolve);
      });
    }
    return !this.#isStopped;
  }

  /** `acknowledged` is called once, when the bus has the message; never when it is stopped before that. */
  add(message: OutgoingMessage, acknowledged: () => void): void {
    const bytes = message.body.length + message.type.length;
    this.#waiting.push({ message, bytes, acknowledged, attempts: 0 });
    this.#held++;
    // Its turn comes when this one's work is done: what is added together goes out together.
    if (this.#waiting.length === 1) setImmediate(() => this.#pump());
    else if (this.#waiting.length >= this.#sender.messagesMax) this.#pump();
  }

  /** Sends nothing more, and resolves when no request is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const resolve of this.#room.splice(0)) resolve();
    while (this.#requests > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
      });
    }
    this.#sender.close();
  }

  #pump(): void {
    if (this.#isStopped || this.#isPaused) return;
    if (!this.#isChecked) {
      if (this.#requests === 0) void this.#request(() => this.#check());
      return;
    }
    // While the bus fails, one request at a time finds out whether it works again.
    const requestsMax = this.#failures > 0 ? 1 : RELAY_REQUESTS_MAX;
    while (this.#waiting.length > 0 && this.#requests < requestsMax) {
      // A batch that is not full waits for the answer to another: fewer requests, and hardly any delay.
      if (this.#requests > 0 && this.#waiting.length < this.#sender.messagesMax) return;
      const batch = this.#takeBatch();
      void this.#request(() => this.#send(batch));
    }
  }

  #takeBatch(): Entry[] {
    const { messagesMax, bytesMax } = this.#sender;
    let bytes = 0;
    let count = 0;
    for (const entry of this.#waiting.slice(0, messagesMax)) {
      bytes += entry.bytes;
      if (count > 0 && bytes > bytesMax) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #request(work: () => Promise<void>): Promise<void> {
    this.#requests++;
    const began = performance.now();
    try {
      await work();
    } finally {
      this.#requests--;
      this.stats.onRequest?.(performance.now() - began);
      this.#pump();
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #check(): Promise<void> {
    try {
      await this.#sender.check();
      this.#isChecked = true;
      this.#succeeded();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #send(batch: readonly Entry[]): Promise<void> {
    this.stats.requests++;
    let outcomes: readonly (BusError | null)[];
    try {
      outcomes = await this.#sender.send(batch.map(({ message }) => message));
    } catch (error) {
      this.#waiting.unshift(...batch);
      this.#failed(error);
      return;
    }
    const refused = batch.filter((entry, index) => {
      if (outcomes[index] !== null) return true;
      this.#acknowledge(entry);
      return false;
    });
    for (const outcome of outcomes) if (outcome !== null) this.stats.failed(outcome.fault);
    const refusal = outcomes.find((outcome) => outcome !== null);
    if (refusal === undefined) this.#succeeded();
    else if (refused.length === batch.length && batch.length > 1) {
      // Hardly the fault of so many messages at once.
      this.#waiting.unshift(...refused);
      this.#pause(refusal);
    } else this.#sendLater(refused, refusal);
  }

  #acknowledge(entry: Entry): void {
    this.#held--;
    this.#stuck.delete(entry);
    this.stats.sent++;
    entry.acknowledged();
    if (this.#held < RELAY_MESSAGES_MAX) for (const resolve of this.#room.splice(0)) resolve();
  }

  /** These alone wait, and nobody else waits for them. */
  #sendLater(refused: readonly Entry[], refusal: BusError): void {
    for (const entry of refused) if (++entry.attempts >= STUCK_ATTEMPTS) this.#stuck.add(entry);
    if (refused.some((entry) => this.#stuck.has(entry))) this.#report(refusal);
    const attempts = Math.max(...refused.map((entry) => entry.attempts));
    setTimeout(() => {
      this.#waiting.unshift(...refused);
      this.#pump();
    }, backoffMs(attempts)).unref();
  }

  #failed(error: unknown): void {
    if (!(error instanceof BusError)) throw error;
    this.stats.failed(error.fault);
    this.#pause(error);
  }

  #pause(failure: BusError): void {
    this.#report(failure);
    this.#failures++;
    this.#isPaused = true;
    setTimeout(() => {
      this.#isPaused = false;
      this.#pump();
    }, backoffMs(this.#failures)).unref();
  }

  #report(failure: BusError): void {
    // Said once for each cause, not at each attempt.
    if (this.#failure?.message !== failure.message) {
      const { fault, message } = failure;
      this.#log.error({ fault }, `events wait in the journal: ${message}`);
    }
    this.#failure = failure;
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.#failure === null || this.#stuck.size > 0) return;
    this.#failure = null;
    this.#log.info('the bus accepts events');
  }
}
