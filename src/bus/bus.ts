// The port to an existing distributed queue between machines. An adapter is one vendor's few files;
// test/contracts/bus.ts is the suite that every adapter passes. A bus delivers at least once and in any
// order: that each event counts once is delivery/consumer.ts's work, not the bus's.

/** Why a bus refuses, as a closed set that metrics and /ready can show to anybody. */
export type BusFault =
  /** Nobody answers, or not in time. */
  | 'unreachable'
  /** Too much at once. */
  | 'throttled'
  /** The bus has a failure of its own. */
  | 'failed'
  /** Credentials are missing or wrong, or a policy forbids it. */
  | 'denied'
  /** There is no such topic or queue. */
  | 'missing'
  /** It does not accept what it was asked. */
  | 'invalid'
  /** Something answers, but not as this bus does. */
  | 'not-a-bus';

const RETRYABLE: ReadonlySet<BusFault> = new Set(['unreachable', 'throttled', 'failed']);

/** A bus's refusal. The message is one line that says what an operator can do about it. */
export class BusError extends Error {
  readonly fault: BusFault;
  /** Whether trying again can help before somebody has changed something. */
  readonly retryable: boolean;
  /**
   * The same whenever the same thing fails for the same reason, as `message` need not be, which may hold the
   * time or a request's id. What has been said of one failure need not be said again of the next.
   */
  readonly trouble: string;

  constructor(
    fault: BusFault,
    message: string,
    options?: ErrorOptions & { readonly trouble?: string },
  ) {
    super(message, options);
    this.name = 'BusError';
    this.fault = fault;
    this.retryable = RETRYABLE.has(fault);
    this.trouble = options?.trouble ?? message;
  }
}

export interface OutgoingMessage {
  /** What subscriptions can filter by. */
  readonly type: string;
  /** ASCII. */
  readonly body: string;
}

/** The side that relays events. */
export interface BusSender {
  /** What one {@link send} takes at most. A message's size is that of its body and its type. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /**
   * Whether sending can work, as far as it can be told without sending. Rejects with {@link BusError} when it
   * cannot.
   */
  check(): Promise<void>;
  /**
   * Sends once, without retries. One outcome for each message, in their order: null when the bus has it
   * durably. Rejects with {@link BusError} when nothing is known of any of them.
   */
  send(messages: readonly OutgoingMessage[]): Promise<readonly (BusError | null)[]>;
  /** Ends what is under way, which rejects by that: whether it was done is not known. */
  close(): void;
}

export interface ReceivedMessage {
  /** The bus's own name of the message, the same at each delivery. */
  readonly id: string;
  /** Of this delivery: what {@link BusReceiver.acknowledge} needs. */
  readonly receipt: string;
  readonly body: string;
}

/** The side that takes events in. A received message is hidden from other receivers for a while. */
export interface BusReceiver {
  /** What one {@link receive} gives at most. */
  readonly messagesMax: number;
  /** How long a message is hidden after its delivery or a {@link hold}. */
  readonly hiddenMs: number;
  /** What is wrong with the queue though it works, one line each. */
  check(): Promise<readonly string[]>;
  /** Waits for messages, some 20 seconds at most. Ends early, with none, when `signal` says so. */
  receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]>;
  /** Removes messages for good. Rejects when one of them was not; those come again. */
  acknowledge(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Hides messages for another {@link hiddenMs} from now on. Rejects when one of them was not. */
  hold(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Gives messages back at once. Rejects when one of them was not; those come back later. */
  release(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Ends what is under way, which rejects by that. */
  close(): void;
}

/**
 * Where a queue puts what was delivered too often: what nobody can read, and what receivers had in hand
 * when they were killed. Every call rejects with {@link BusError}.
 */
export interface BusDeadLetters {
  /** About how many there are, hidden ones too; null: the queue has no such place. */
  count(): Promise<number | null>;
  /** As {@link BusReceiver} has them; after a {@link count} that was not null. */
  receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]>;
  acknowledge(messages: readonly ReceivedMessage[]): Promise<void>;
  release(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Hides messages for so long that looking at them again costs nothing. */
  shelve(messages: readonly ReceivedMessage[]): Promise<void>;
  close(): void;
}
