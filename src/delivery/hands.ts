// The messages that a consumer has in hand: received, hidden from other receivers, and not in the store
// yet. Keeps them hidden for as long as that takes, and has a bound.

import type { BusReceiver, ReceivedMessage } from '../bus/bus.ts';
import { BATCH_BYTES_MAX, CONSUMER_BYTES_MAX, CONSUMER_MESSAGES_MAX } from '../limits.ts';

/** How often, within the time that messages are hidden, it is looked which of them must be hidden anew. */
const LOOKS = 6;

export class Hands {
  readonly #receiver: Pick<BusReceiver, 'hold' | 'hiddenMs'>;
  readonly #onHoldFailed: (error: unknown) => void;
  /** When each message comes back, in the milliseconds of performance.now(). */
  readonly #held = new Map<ReceivedMessage, number>();
  #waiting: ReceivedMessage[] = [];
  #bytes = 0;
  #changed: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(
    receiver: Pick<BusReceiver, 'hold' | 'hiddenMs'>,
    onHoldFailed: (error: unknown) => void,
  ) {
    this.#receiver = receiver;
    this.#onHoldFailed = onHoldFailed;
    this.#timer = setInterval(() => void this.#hold(), receiver.hiddenMs / LOOKS).unref();
  }

  get messages(): number {
    return this.#held.size;
  }

  get isFull(): boolean {
    return this.#held.size >= CONSUMER_MESSAGES_MAX || this.#bytes >= CONSUMER_BYTES_MAX;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(messages: readonly ReceivedMessage[]): void {
    const until = performance.now() + this.#receiver.hiddenMs;
    for (const message of messages) {
      this.#held.set(message, until);
      this.#waiting.push(message);
      this.#bytes += message.body.length;
    }
    this.wake();
  }

  /** What waits, as much of it as one batch of the journal holds; it stays in hand until it is dropped. */
  take(): ReceivedMessage[] {
    let bytes = 0;
    let count = 0;
    for (const { body } of this.#waiting) {
      bytes += body.length;
      if (count > 0 && bytes > BATCH_BYTES_MAX) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  drop(messages: readonly ReceivedMessage[]): void {
    for (const message of messages) {
      if (this.#held.delete(message)) this.#bytes -= message.body.length;
    }
    this.wake();
  }

  /** Resolves at the next {@link add}, {@link drop} or {@link wake}. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed.push(resolve);
    });
  }

  /** Holds nothing any more; returns what was in hand. */
  close(): ReceivedMessage[] {
    clearInterval(this.#timer);
    const left = [...this.#held.keys()];
    this.#held.clear();
    this.#waiting = [];
    this.wake();
    return left;
  }

  /** Whoever waits for a {@link change} is to look again. */
  wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  async #hold(): Promise<void> {
    const { hiddenMs } = this.#receiver;
    const now = performance.now();
    const due = [...this.#held].filter(([, until]) => until - now < hiddenMs / 2);
    if (due.length === 0) return;
    const messages = due.map(([message]) => message);
    // Not asked again before its time, even if it fails: who comes back is recognised.
    for (const message of messages) this.#held.set(message, now + hiddenMs);
    try {
      await this.#receiver.hold(messages);
    } catch (error) {
      this.#onHoldFailed(error);
    }
  }
}
