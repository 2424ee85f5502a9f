// Tails a machine's journal and brings every event to the bus, at least once. A reply never waits for
// it: what the bus does not take stays in the journal, whose disk is the buffer.
//
// Memory: one reading of the journal per slot (4 MiB, some six times as much decoded) and RELAY_MESSAGES_MAX
// messages, whatever the bus does.

import { setTimeout as sleep } from 'node:timers/promises';
import { nowMicros } from '../hit/clock.ts';
import { RELAY_CURSOR_MS, RELAY_DRAIN_MS_MAX, RELAY_IDLE_MS, RELAY_LOOK_MS } from '../limits.ts';
import type { Readiness } from '../telemetry/control.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Outbox } from './outbox.ts';
import type { RelayCursors } from './relay-cursors.ts';
import { type RelayJournal, RelaySlot } from './relay-slot.ts';

export interface RelayParts {
  /** A new reader of the machine's journal at each call. */
  readonly journal: () => RelayJournal;
  readonly outbox: Outbox;
  readonly cursors: RelayCursors;
  /** Whose events are relayed: `collector` for slots such as `collector-0`. Never what came from a bus. */
  readonly role: 'collector' | 'api';
  readonly log: Logger;
}

export class Relay {
  readonly #parts: RelayParts;
  readonly #slots = new Map<string, RelaySlot>();
  readonly #running: Promise<void>[] = [];
  #behind: { readonly bytes: number; readonly segments: number } | null = null;
  /** Slots that had nothing left when they were read last, since the drain began. */
  readonly #caughtUp = new Set<string>();
  #isDraining = false;
  #drained: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.outbox.start();
    this.#running.push(this.#look(), this.#keepCursors());
  }

  /** In the words that anybody may read; the log has the rest. Ready: events reach the bus. */
  readiness(): Readiness {
    const { failure, isChecked } = this.#parts.outbox;
    if (failure !== null) {
      return { ready: false, reason: `events wait for the bus: ${failure.fault}` };
    }
    return { ready: isChecked, reason: isChecked ? null : 'the bus has not answered yet' };
  }

  /** What is left in the journal, as it was a moment ago; null before it was measured for the first time. */
  get behind(): { readonly bytes: number; readonly segments: number } | null {
    return this.#behind;
  }

  /** Age of the oldest event that waits for the bus; null before any was looked for. */
  get lagSeconds(): number | null {
    if (this.#behind === null) return null;
    const times = [...this.#slots.values()].map(({ oldestAt }) => oldestAt ?? Infinity);
    const oldest = Math.min(...times);
    return oldest === Infinity ? 0 : Math.max(0, (nowMicros() - oldest) / 1_000_000);
  }

  /**
   * Goes on for a while with what the journal holds, so that a machine may be removed after a drain; gives up
   * at once while the bus fails. The rest waits for the next start.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    const { outbox, cursors, log } = this.#parts;
    const deadline = performance.now() + RELAY_DRAIN_MS_MAX;
    await this.#addSlots();
    while (!this.#isThrough() && !outbox.isFailing && performance.now() < deadline) {
      await sleep(RELAY_IDLE_MS);
    }
    if (![...this.#slots.values()].every(({ isDone }) => isDone))
      log.warn('events that wait for the bus stay in the journal until the next start');
    this.#stop.abort();
    await outbox.stop();
    await Promise.all(this.#running);
    await cursors.close();
  }

  /** Whether the bus has all that it takes. */
  #isThrough(): boolean {
    const { held, stuck } = this.#parts.outbox;
    return held === stuck && [...this.#slots.keys()].every((slot) => this.#caughtUp.has(slot));
  }

  async #run(slot: string, relaySlot: RelaySlot): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const wasDraining = this.#isDraining;
      try {
        if (await relaySlot.read()) {
          if (wasDraining) this.#caughtUp.add(slot);
          await this.#sleep(RELAY_IDLE_MS);
        }
      } catch (error) {
        this.#parts.log.error(
          { slot, err: error },
          'the journal cannot be read; it is tried again',
        );
        await this.#sleep(RELAY_LOOK_MS);
      }
    }
    await relaySlot.close();
  }

  /** Finds new slots, and measures what is left, now and then. */
  async #look(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#addSlots();
        await this.#measure();
      } catch (error) {
        this.#parts.log.error({ err: error }, 'the journal cannot be listed; it is tried again');
      }
      await this.#sleep(RELAY_LOOK_MS);
    }
  }

  async #addSlots(): Promise<void> {
    const { journal, outbox, cursors, role, log } = this.#parts;
    const lister = journal();
    const slots = await lister.slots();
    await lister.close();
    for (const slot of slots) {
      if (!slot.startsWith(`${role}-`) || this.#slots.has(slot)) continue;
      const passed = cursors.set.bind(cursors, slot);
      const from = cursors.get(slot);
      const relaySlot = new RelaySlot({ slot, journal: journal(), outbox, from, passed, log });
      this.#slots.set(slot, relaySlot);
      this.#running.push(this.#run(slot, relaySlot));
    }
  }

  async #measure(): Promise<void> {
    const all = await Promise.all([...this.#slots.values()].map((slot) => slot.behind()));
    this.#behind = {
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      segments: all.reduce((sum, { segments }) => sum + segments, 0),
    };
  }

  async #keepCursors(): Promise<void> {
    let failed = false;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#parts.cursors.save();
        failed = false;
      } catch (error) {
        if (!failed) this.#parts.log.error({ err: error }, 'the relay’s place could not be kept');
        failed = true;
      }
      await this.#sleep(RELAY_CURSOR_MS);
    }
  }

  /** Ends early when the relay stops. */
  async #sleep(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
