// What waits for the bus and what is on its way there: forms full batches, has several under way, sends again
// what was refused and nothing else. Nothing is ever given up: the journal keeps what does not fit in here.
//
// A bus that fails and a message that it does not want are two things. While the bus fails, everything waits.
// A message that is refused waits by itself, and after ALONE_ATTEMPTS refusals it is sent by itself too, so
// that it can be told from the bus: others that were refused together with it get through.

import { BusError, type BusSender, type OutgoingMessage } from '../bus/bus.ts';
import { RELAY_MESSAGES_MAX, RELAY_REQUESTS_MAX, RELAY_STOP_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { backoffMs } from './backoff.ts';
import { OutboxStats } from './outbox-stats.ts';

/** A message that was refused this often is sent alone. */
const ALONE_ATTEMPTS = 3;
/** One that was refused this often is a trouble of its own, which is said. */
const STUCK_ATTEMPTS = 5;

interface Entry {
  readonly message: OutgoingMessage;
  readonly bytes: number;
  readonly acknowledged: () => void;
  attempts: number;
}

export class Outbox {
  readonly stats = new OutboxStats();
  readonly #sender: BusSender;
  readonly #log: Logger;
  #waiting: Entry[] = [];
  /** Waiting, on their way, or refused and soon to wait again. */
  #held = 0;
  /** Refused again and again, each by itself, and why it was the last time. */
  readonly #stuck = new Map<Entry, BusError>();
  #requests = 0;
  /** In a row. Those of requests that were under way together are one. */
  #failures = 0;
  /** Counts the pauses: what began before the last of them says nothing new. */
  #round = 0;
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

  /** Whether the bus has once answered that sending can work. */
  get isChecked(): boolean {
    return this.#isChecked;
  }

  /** Whether nothing at all goes through at the moment. */
  get isFailing(): boolean {
    return this.#failure !== null;
  }

  /** Why nothing, or one message, goes through; null when all is well. */
  get failure(): BusError | null {
    const [refusal = null] = this.#stuck.values();
    return this.#failure ?? refusal;
  }

  get held(): number {
    return this.#held;
  }

  /** How many of those that are held were refused again and again, while others were not. */
  get stuck(): number {
    return this.#stuck.size;
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

  /**
   * Sends nothing more, and resolves when no request is under way. One that has no answer for
   * RELAY_STOP_MS_MAX is given up: what was in it is sent again by the next start.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const resolve of this.#room.splice(0)) resolve();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, RELAY_STOP_MS_MAX);
    await Promise.race([late.promise, this.#allAnswered()]);
    clearTimeout(timer);
    this.#sender.close();
  }

  async #allAnswered(): Promise<void> {
    while (this.#requests > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
      });
    }
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
      const isAlone = entry.attempts >= ALONE_ATTEMPTS;
      bytes += entry.bytes;
      if (count > 0 && (isAlone || bytes > bytesMax)) break;
      count++;
      if (isAlone) break;
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
    const round = this.#round;
    try {
      await this.#sender.check();
      this.#isChecked = true;
      this.#succeeded(round);
    } catch (error) {
      this.#failed(error, round);
    }
  }

  async #send(batch: readonly Entry[]): Promise<void> {
    const round = this.#round;
    this.stats.requests++;
    let outcomes: readonly (BusError | null)[];
    try {
      outcomes = await this.#sender.send(batch.map(({ message }) => message));
    } catch (error) {
      this.#rejected(batch, error, round);
      return;
    }
    const refusals = new Map<Entry, BusError>();
    for (const [index, entry] of batch.entries()) {
      const outcome = outcomes[index] ?? null;
      if (outcome === null) this.#acknowledge(entry);
      else refusals.set(entry, outcome);
    }
    for (const { fault } of refusals.values()) this.stats.failed(fault);
    if (refusals.size < batch.length) this.#succeeded(round);
    if (refusals.size === 0) return;
    for (const entry of refusals.keys()) entry.attempts++;
    if (refusals.size === batch.length && batch.length > 1) {
      // Hardly the fault of so many messages at once, unless it happens again and again.
      this.#waiting.unshift(...batch);
      this.#pause(round);
    } else this.#sendLater(refusals);
  }

  /** Nothing is known of the batch. One of its messages may be to blame where the bus did not like it. */
  #rejected(batch: readonly Entry[], error: unknown, round: number): void {
    const [entry] = batch;
    if (error instanceof BusError && error.fault === 'invalid') {
      const wasAlone = entry !== undefined && entry.attempts >= ALONE_ATTEMPTS;
      for (const each of batch) each.attempts++;
      if (wasAlone) {
        this.stats.failed(error.fault);
        this.#sendLater(new Map([[entry, error]]));
        return;
      }
    }
    this.#waiting.unshift(...batch);
    this.#failed(error, round);
  }

  #acknowledge(entry: Entry): void {
    this.#held--;
    this.stats.sent++;
    if (this.#stuck.delete(entry) && this.#stuck.size === 0) {
      this.#log.info('the bus has accepted what it refused');
    }
    entry.acknowledged();
    if (this.#held < RELAY_MESSAGES_MAX) for (const resolve of this.#room.splice(0)) resolve();
  }

  /** These alone wait, and nobody else waits for them. */
  #sendLater(refusals: ReadonlyMap<Entry, BusError>): void {
    const refused = [...refusals.keys()];
    for (const [entry, refusal] of refusals) {
      if (entry.attempts >= STUCK_ATTEMPTS) this.#reportStuck(entry, refusal);
    }
    const attempts = Math.max(...refused.map((entry) => entry.attempts));
    setTimeout(() => {
      this.#waiting.unshift(...refused);
      this.#pump();
    }, backoffMs(attempts)).unref();
  }

  #reportStuck(entry: Entry, refusal: BusError): void {
    const said = [...this.#stuck.values()].some(({ trouble }) => trouble === refusal.trouble);
    this.#stuck.set(entry, refusal);
    if (said) return;
    const { fault, message } = refusal;
    this.#log.error(
      { fault },
      `the bus refuses some events, which wait in the journal: ${message}`,
    );
  }

  #failed(error: unknown, round: number): void {
    if (!(error instanceof BusError)) throw error;
    if (this.#isStopped) return;
    this.stats.failed(error.fault);
    if (!this.#pause(round)) return;
    // Said once for each cause, not at each attempt.
    if (this.#failure?.trouble !== error.trouble) {
      const { fault, message } = error;
      this.#log.error({ fault }, `events wait in the journal: ${message}`);
    }
    this.#failure = error;
  }

  /** False where another request of the same time has found out the same. */
  #pause(round: number): boolean {
    if (round !== this.#round) return false;
    this.#round++;
    this.#failures++;
    this.#isPaused = true;
    setTimeout(() => {
      this.#isPaused = false;
      this.#pump();
    }, backoffMs(this.#failures)).unref();
    return true;
  }

  #succeeded(round: number): void {
    if (round !== this.#round) return;
    this.#failures = 0;
    if (this.#failure === null) return;
    this.#failure = null;
    this.#log.info('the bus accepts events');
  }
}
