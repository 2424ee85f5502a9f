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
import type { IpPolicy } from '../config/config.ts';
import { applyAddressPolicy } from '../hit/address.ts';
import { formatEventId, isHit, type Recorded } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { LOAD_RETRY_MS_MIN, UNREADABLE_REMEMBERED_MAX } from '../limits.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ConsumerStats } from './consumer-stats.ts';

export interface IntakeParts {
  /** Of the role `bus`, which no relay sends on. */
  readonly journal: JournalWriter;
  readonly store: Pick<Store, 'known'>;
  /** The loader's: resolves true once everything in the journal is in the store. */
  readonly barrier: () => Promise<boolean>;
  /** This machine's, applied to whatever another left of an address. */
  readonly ipPolicy: IpPolicy;
  readonly log: Logger;
}

export class Intake {
  readonly #parts: IntakeParts;
  readonly #stats: ConsumerStats;
  /** Names of messages that cannot be read, oldest first. */
  readonly #unreadable = new Set<string>();
  #failure: string | null = null;
  #isStuck = false;

  constructor(parts: IntakeParts, stats: ConsumerStats) {
    this.#parts = parts;
    this.#stats = stats;
  }

  /** Whether the round under way has failed and begins anew: more messages would only wait too. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Resolves when the store works; a message that is received before that is received in vain. */
  async isReady(isOver: () => boolean): Promise<void> {
    while (!isOver() && !(await this.#parts.barrier())) await sleep(LOAD_RETRY_MS_MIN);
  }

  /**
   * Resolves with the messages whose events are in the store: all but the unreadable ones. Null when `isLate`
   * said before that there is no time left; nothing is known of the messages then. One call at a time.
   */
  async take(
    messages: readonly ReceivedMessage[],
    isLate: () => boolean,
  ): Promise<readonly ReceivedMessage[] | null> {
    const began = performance.now();
    const events = new Map<string, Recorded>();
    const readable = messages.filter((message) => {
      const recorded = this.#read(message);
      if (recorded !== null) events.set(formatEventId(recorded.id), recorded);
      return recorded !== null;
    });
    let kept = 0;
    for (;;) {
      const attempt = await this.#attempt(events);
      kept += attempt.kept;
      if (attempt.done) break;
      if (isLate()) return null;
      this.#isStuck = true;
      await sleep(LOAD_RETRY_MS_MIN);
    }
    this.#isStuck = false;
    this.#stats.kept += kept;
    this.#stats.duplicates += readable.length - kept;
    this.#stats.onRound?.(performance.now() - began);
    return readable;
  }

  async #attempt(
    events: ReadonlyMap<string, Recorded>,
  ): Promise<{ readonly done: boolean; readonly kept: number }> {
    const { store, barrier } = this.#parts;
    try {
      if (!(await barrier())) return { done: false, kept: 0 };
      const known = await store.known([...events.values()]);
      const fresh = [...events].filter(([id]) => !known.has(id)).map(([, recorded]) => recorded);
      if (fresh.length === 0) return this.#succeeded(0);
      const kept = await this.#append(fresh);
      const all = kept === fresh.length && (await barrier());
      return all ? this.#succeeded(kept) : { done: false, kept };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#report(`the store cannot be asked: ${error.message}`);
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
    if (refusal !== undefined) this.#report(`the journal does not keep them: ${refusal}`);
    return outcomes.filter((outcome) => outcome === 'kept').length;
  }

  #read(message: ReceivedMessage): Recorded | null {
    try {
      const { id, event } = readMessage(message);
      if (!isHit(event)) return { id, event };
      const address = applyAddressPolicy(event.address, this.#parts.ipPolicy);
      return { id, event: { ...event, address } };
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

  /** Said once for each cause, not at each attempt. */
  #report(reason: string): void {
    if (reason !== this.#failure) this.#parts.log.error({ reason }, 'messages wait to be stored');
    this.#failure = reason;
  }
}
