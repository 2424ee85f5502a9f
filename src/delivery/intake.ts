// From messages to events in the store, each once, though a bus may deliver it any number of times and at any
// time. What is new goes to the journal of this machine and from there the way of all events, so that store,
// visit log, archive and rebuild know nothing of a bus.
//
// A round: pass the barrier, ask the store which events it knows, append the others to the journal, pass
// the barrier again. Only one round is under way, so an event is either known to the store or in this
// round. After a failure the round begins anew, and finds in the store what the failed attempt did
// append.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ReceivedMessage } from '../bus/bus.ts';
import { readMessage, UnreadableMessage } from '../bus/message.ts';
import { formatEventId, type Recorded } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import type { AppendOutcome, JournalWriter } from '../journal/journal.ts';
import { LOAD_RETRY_MS_MIN, UNREADABLE_REMEMBERED_MAX } from '../limits.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import type { Reduction } from './reduction.ts';

export interface IntakeParts {
  /** Of the role `bus`, which no relay sends on. */
  readonly journal: JournalWriter;
  readonly store: Pick<Store, 'known'>;
  /** The loader's: resolves true once everything in the journal is in the store. */
  readonly barrier: () => Promise<boolean>;
  /** What this machine may keep of what others send. */
  readonly reduction: Pick<Reduction, 'apply'>;
  readonly log: Logger;
}

/** Why messages wait though the bus gives them, as a closed set that /ready can show to anybody. */
type IntakeFault = 'store-behind' | 'store-failed' | 'journal-failed' | Refusal;
type Refusal = Exclude<AppendOutcome, 'queued'>;

export interface IntakeFailure {
  readonly fault: IntakeFault;
  readonly message: string;
}

/** The events of some messages, by their ids. */
interface Reading {
  readonly events: ReadonlyMap<string, Recorded>;
  readonly readable: readonly ReceivedMessage[];
  readonly unkept: number;
}

export class Intake {
  readonly #parts: IntakeParts;
  readonly #stats: ConsumerStats;
  /** Names of messages that cannot be read, oldest first. */
  readonly #unreadable = new Set<string>();
  #failure: IntakeFailure | null = null;
  #isStuck = false;
  #round: Promise<unknown> = Promise.resolve();

  constructor(parts: IntakeParts, stats: ConsumerStats) {
    this.#parts = parts;
    this.#stats = stats;
  }

  /**
   * Whether a message that is received now could be stored. False while the round under way has failed and
   * begins anew, and while the journal keeps nothing: more messages would only wait, and a delivery counts.
   */
  get takes(): boolean {
    return !this.#isStuck && this.#parts.journal.stats.state === 'open';
  }

  /** Why messages cannot be stored; null when they can, as far as is known. */
  get failure(): IntakeFailure | null {
    const { state, lastError } = this.#parts.journal.stats;
    if (this.#failure !== null || state === 'open') return this.#failure;
    const fault = state === 'full' ? 'journal-full' : 'journal-down';
    return { fault, message: lastError ?? fault };
  }

  /** Resolves when journal and store work; a message that is received before that is received in vain. */
  async isReady(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const hasPassed = await this.#parts.barrier();
      if (hasPassed && this.takes) {
        this.#failure = null;
        return;
      }
      if (!hasPassed) this.#report('store-behind', 'the store does not load the journal');
      else if (this.failure !== null) this.#report(this.failure.fault, this.failure.message);
      await sleep(LOAD_RETRY_MS_MIN);
    }
  }

  /**
   * Resolves with the messages whose events are in the store, or are not to be kept: all but the unreadable
   * ones. Null when `isLate` said before that there is no time left; nothing is known of the messages
   * then. Calls wait for each other.
   */
  take(
    messages: readonly ReceivedMessage[],
    isLate: () => boolean,
  ): Promise<readonly ReceivedMessage[] | null> {
    const round = this.#round.then(() => this.#take(messages, isLate));
    // Whoever asked for the last one is told of its failure.
    this.#round = round.catch(() => undefined);
    return round;
  }

  async #take(
    messages: readonly ReceivedMessage[],
    isLate: () => boolean,
  ): Promise<readonly ReceivedMessage[] | null> {
    const began = performance.now();
    const { events, readable, unkept } = await this.#readAll(messages);
    let kept = 0;
    for (;;) {
      if (isLate()) return null;
      const attempt = await this.#attempt(events);
      kept += attempt.kept;
      if (attempt.done) break;
      this.#isStuck = true;
      await sleep(LOAD_RETRY_MS_MIN);
    }
    this.#isStuck = false;
    this.#stats.kept += kept;
    this.#stats.unkept += unkept;
    this.#stats.duplicates += readable.length - unkept - kept;
    this.#stats.onRound?.(performance.now() - began);
    return readable;
  }

  async #attempt(
    events: ReadonlyMap<string, Recorded>,
  ): Promise<{ readonly done: boolean; readonly kept: number }> {
    const { store, barrier } = this.#parts;
    try {
      if (!(await barrier())) return this.#behind(0);
      const known = await store.known([...events.values()]);
      const fresh = [...events].filter(([id]) => !known.has(id)).map(([, recorded]) => recorded);
      if (fresh.length === 0) return this.#succeeded(0);
      const kept = await this.#append(fresh);
      if (kept < fresh.length) return { done: false, kept };
      return (await barrier()) ? this.#succeeded(kept) : this.#behind(kept);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#report('store-failed', `the store cannot be asked: ${error.message}`);
      return { done: false, kept: 0 };
    }
  }

  /** How many are durable. The others may be or not: the next attempt asks the store. */
  async #append(events: readonly Recorded[]): Promise<number> {
    const { journal } = this.#parts;
    const outcomes = await Promise.all(
      events.map(({ id, event }) => appendEvent(journal, event, id)),
    );
    const refusal = outcomes.find((outcome) => outcome !== 'kept');
    if (refusal !== undefined) {
      const fault = refusal === 'failed' ? 'journal-failed' : refusal;
      this.#report(fault, `the journal does not keep them: ${fault}`);
    }
    return outcomes.filter((outcome) => outcome === 'kept').length;
  }

  async #readAll(messages: readonly ReceivedMessage[]): Promise<Reading> {
    const events = new Map<string, Recorded>();
    const readable: ReceivedMessage[] = [];
    let unkept = 0;
    for (const message of messages) {
      const recorded = this.#read(message);
      if (recorded === null) continue;
      readable.push(message);
      const event = await this.#parts.reduction.apply(recorded.event);
      if (event === null) unkept++;
      else events.set(formatEventId(recorded.id), { id: recorded.id, event });
    }
    return { events, readable, unkept };
  }

  #read(message: ReceivedMessage): Recorded | null {
    try {
      return readMessage(message);
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      this.#leave(message, error.message);
      return null;
    }
  }

  /** It comes back until the queue moves it to its dead letters; nothing waits for it. */
  #leave({ id }: ReceivedMessage, reason: string): void {
    if (this.#unreadable.has(id)) return;
    const [oldest] = this.#unreadable;
    if (oldest !== undefined && this.#unreadable.size >= UNREADABLE_REMEMBERED_MAX) {
      this.#unreadable.delete(oldest);
    }
    this.#unreadable.add(id);
    this.#stats.unreadable++;
    this.#parts.log.error(
      { message: id, reason },
      'a message cannot be read; it is left to the queue’s dead letters',
    );
  }

  #succeeded(kept: number): { readonly done: true; readonly kept: number } {
    this.#failure = null;
    return { done: true, kept };
  }

  #behind(kept: number): { readonly done: false; readonly kept: number } {
    this.#report('store-behind', 'the store does not load the journal');
    return { done: false, kept };
  }

  /** Said once for each cause, not at each attempt. */
  #report(fault: IntakeFault, reason: string): void {
    const known = this.#failure?.message;
    this.#failure = { fault, message: reason };
    if (reason !== known) this.#parts.log.error({ reason }, 'messages wait to be stored');
  }
}
