// Relays one slot of the journal: reads on as long as the outbox has room, and knows up to where
// everything was acknowledged, in whatever order that happens.

import { writeMessage } from '../bus/message.ts';
import { decodeRecords } from '../hit/encoding.ts';
import type { Recorded } from '../hit/event.ts';
import type { Position, RecordBatch } from '../journal/journal.ts';
import { BATCH_BYTES_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Journal } from './gather.ts';
import type { Outbox } from './outbox.ts';

/** A place in the journal that counts as passed once every event before it was acknowledged. */
interface Mark {
  position: Position;
  unacknowledged: number;
  /** The time of its first event, in microseconds since 1970. */
  readonly at: number;
}

export interface SlotParts {
  readonly slot: string;
  /** Its own: a reader serves one slot at a time. */
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly from: Position | null;
  /** Called with each place up to which everything was acknowledged. */
  readonly passed: (position: Position) => void;
  readonly log: Logger;
}

export class RelaySlot {
  readonly #parts: SlotParts;
  /** Oldest first; the first of them is not acknowledged. */
  readonly #marks: Mark[] = [];
  #position: Position | null;
  #isCaughtUp = false;

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.#position = parts.from;
  }

  /**
   * Reads once. True when nothing was left to read. Rejects with errno errors; nothing is skipped by
   * that.
   */
  async read(): Promise<boolean> {
    const { slot, journal, log } = this.#parts;
    const reading = await journal.read(slot, this.#position, BATCH_BYTES_MAX);
    for (const damage of reading.damage) log.error(damage, 'part of the journal cannot be relayed');
    for (const batch of reading.batches) await this.#relay(batch);
    if (!isSame(reading.next, this.#position)) this.#mark(reading.next, 0, 0);
    this.#position = reading.next;
    this.#isCaughtUp = reading.caughtUp;
    return reading.caughtUp;
  }

  /** Whether everything that was read was acknowledged. */
  get isDone(): boolean {
    return this.#marks.length === 0;
  }

  /** The time of the oldest event that was read and not acknowledged; null when there is none. */
  get oldestAt(): number | null {
    return this.#marks[0]?.at ?? null;
  }

  /** In bytes of the segment that is being written, and 1 or 0 whole segments more. */
  async behind(): Promise<{ bytes: number; segments: number }> {
    // Bytes may stand behind the last batch for ever: what a killed writer did not complete.
    if (this.#isCaughtUp && this.isDone) return { bytes: 0, segments: 0 };
    const end = await this.#parts.journal.end(this.#parts.slot);
    const here = this.#marks[0]?.position ?? this.#position;
    if (end === null) return { bytes: 0, segments: 0 };
    if (here === null || here.segment < end.segment) return { bytes: end.offset, segments: 1 };
    return { bytes: Math.max(0, end.offset - here.offset), segments: 0 };
  }

  async close(): Promise<void> {
    await this.#parts.journal.close();
  }

  async #relay(batch: RecordBatch): Promise<void> {
    const events = this.#decode(batch);
    const { outbox } = this.#parts;
    const position = { segment: batch.segment, offset: batch.offset + batch.records.length };
    const mark = this.#mark(position, events.length, events[0]?.event.at ?? 0);
    for (const recorded of events) {
      // Stopped: the mark is never passed, and the next start begins before it.
      if (!(await outbox.room())) return;
      outbox.add(writeMessage(recorded), () => this.#acknowledged(mark));
    }
  }

  #decode(batch: RecordBatch): Recorded[] {
    const events: Recorded[] = [];
    try {
      decodeRecords(batch, (recorded) => events.push(recorded));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const { slot, segment } = batch;
      const reason = error.message;
      this.#parts.log.error({ slot, segment, reason }, 'part of the journal cannot be relayed');
    }
    return events;
  }

  #mark(position: Position, events: number, at: number): Mark {
    const last = this.#marks.at(-1);
    if (events === 0 && last !== undefined) {
      // Nothing to wait for: it is passed together with what stands before it.
      last.position = position;
      return last;
    }
    const mark = { position, unacknowledged: events, at };
    this.#marks.push(mark);
    this.#advance();
    return mark;
  }

  #acknowledged(mark: Mark): void {
    mark.unacknowledged--;
    this.#advance();
  }

  #advance(): void {
    let passed: Position | null = null;
    while (this.#marks[0]?.unacknowledged === 0) passed = this.#marks.shift()?.position ?? passed;
    if (passed !== null) this.#parts.passed(passed);
  }
}

function isSame(a: Position, b: Position | null): boolean {
  return b !== null && a.segment === b.segment && a.offset === b.offset;
}
