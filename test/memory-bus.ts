// A bus in memory, for tests of what stands on the port: it hides, brings back and delivers twice as it
// is told.

import {
  type BusDeadLetters,
  BusError,
  type BusFault,
  type BusReceiver,
  type BusSender,
  type OutgoingMessage,
  type ReceivedMessage,
} from '../src/bus/bus.ts';

export class MemorySender implements BusSender {
  readonly messagesMax = 10;
  readonly bytesMax = 256 * 1024;
  readonly sent: OutgoingMessage[] = [];
  readonly batches: number[] = [];
  inFlight = 0;
  inFlightMax = 0;
  /** When set, every call rejects with it. */
  fault: BusFault | null = null;
  /** Whether one message of a batch is refused, each time it is sent. */
  refuses: (message: OutgoingMessage) => boolean = () => false;
  /** What every call waits for. */
  gate: Promise<unknown> = Promise.resolve();

  async check(): Promise<void> {
    this.#mayFail();
  }

  async send(messages: readonly OutgoingMessage[]): Promise<readonly (BusError | null)[]> {
    this.inFlight++;
    this.inFlightMax = Math.max(this.inFlight, this.inFlightMax);
    this.batches.push(messages.length);
    try {
      await this.gate;
      // No bus answers within the turn in which it was asked.
      await new Promise((resolve) => setTimeout(resolve, 1));
      this.#mayFail();
      return messages.map((message) => {
        if (this.refuses(message)) return new BusError('failed', 'refused by the test');
        this.sent.push(message);
        return null;
      });
    } finally {
      this.inFlight--;
    }
  }

  close(): void {}

  #mayFail(): void {
    if (this.fault !== null) throw new BusError(this.fault, `${this.fault} by the test`);
  }
}

interface Held {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receipt: string;
}

export class MemoryReceiver implements BusReceiver {
  readonly messagesMax = 10;
  readonly hiddenMs: number;
  /** What is not removed yet, by id. */
  readonly messages = new Map<string, Held>();
  readonly removed: string[] = [];
  deliveries = 0;
  /** When set, every call rejects with it. */
  fault: BusFault | null = null;
  /** Nothing may be removed. */
  keepsAll = false;
  #receipts = 0;

  constructor(hiddenMs = 60_000) {
    this.hiddenMs = hiddenMs;
  }

  /** Puts a message in; one that was removed comes back by this. */
  put(id: string, body: string): void {
    this.messages.set(id, { id, body, visibleAt: 0, receipt: '' });
  }

  /** As SQS may at any time: whatever was delivered is delivered again. */
  redeliver(): void {
    for (const message of this.messages.values()) message.visibleAt = 0;
  }

  async check(): Promise<readonly string[]> {
    return [];
  }

  async receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    while (!signal.aborted) {
      this.#mayFail();
      const now = performance.now();
      const visible = [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= now);
      if (visible.length > 0)
        return visible.slice(0, this.messagesMax).map((one) => this.#take(one));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return [];
  }

  async acknowledge(messages: readonly ReceivedMessage[]): Promise<void> {
    this.#mayFail();
    if (this.keepsAll) throw new BusError('denied', 'removing is denied by the test');
    for (const { id } of messages) {
      this.messages.delete(id);
      this.removed.push(id);
    }
  }

  async hold(messages: readonly ReceivedMessage[]): Promise<void> {
    this.#mayFail();
    this.#hide(messages, this.hiddenMs);
  }

  async release(messages: readonly ReceivedMessage[]): Promise<void> {
    this.#mayFail();
    this.#hide(messages, 0);
  }

  close(): void {}

  #take(message: Held): ReceivedMessage {
    message.visibleAt = performance.now() + this.hiddenMs;
    message.receipt = String(this.#receipts++);
    this.deliveries++;
    return { id: message.id, receipt: message.receipt, body: message.body };
  }

  #hide(messages: readonly ReceivedMessage[], milliseconds: number): void {
    for (const { id, receipt } of messages) {
      const held = this.messages.get(id);
      if (held?.receipt === receipt) held.visibleAt = performance.now() + milliseconds;
    }
  }

  #mayFail(): void {
    if (this.fault !== null) throw new BusError(this.fault, `${this.fault} by the test`);
  }
}

/** Dead letters in memory: what is put there is received as from any queue. */
export class MemoryDeadLetters implements BusDeadLetters {
  readonly queue = new MemoryReceiver();
  readonly shelved: string[] = [];

  async count(): Promise<number | null> {
    if (this.queue.fault !== null) throw new BusError(this.queue.fault, 'by the test');
    return this.queue.messages.size;
  }

  /** At once, as whoever asks has counted. */
  async receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    return await this.queue.receive(AbortSignal.any([signal, AbortSignal.timeout(20)]));
  }

  acknowledge(messages: readonly ReceivedMessage[]): Promise<void> {
    return this.queue.acknowledge(messages);
  }

  release(messages: readonly ReceivedMessage[]): Promise<void> {
    return this.queue.release(messages);
  }

  async shelve(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.queue.hold(messages);
    this.shelved.push(...messages.map(({ id }) => id));
  }

  close(): void {}
}
