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

/** The part of the journal's reader that the relay needs. */
export interface RelayJournal extends Journal {
  behind(slot: string, from: Position | null): Promise<{ bytes: number; segments: number }>;
}

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
  readonly journal: RelayJournal;
  readonly outbox: Outbox;
  readonly from: Position | null;
  /** Called with each place up to which everything was acknowledged. */
  readonly passed: (position: Position) => void;
  readonly log: Logger;
}

export class RelaySlot {
  readonly #parts: SlotParts;
  /**
   * Oldest first, each with something that is not acknowledged: no more of them than the outbox holds
   * messages, however long the first has to wait.
   */
  readonly #marks: Mark[] = [];
  /** Up to where it was read, and up to where everything was acknowledged. */
  #position: Position | null;
  #passed: Position | null;
  #isCaughtUp = false;

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.#position = parts.from;
    this.#passed = parts.from;
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

  /**
   * Bytes from the first event that is not acknowledged on, whatever of them is, and how many further
   * segments they take: what the journal has to keep.
   */
  async behind(): Promise<{ bytes: number; segments: number }> {
    // Bytes may stand behind the last batch for ever: what a killed writer did not complete.
    if (this.#isCaughtUp && this.isDone) return { bytes: 0, segments: 0 };
    return await this.#parts.journal.behind(this.#parts.slot, this.#passed);
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
    const mark = { position, unacknowledged: events, at };
    this.#marks.push(mark);
    if (events === 0) this.#drop(mark);
    return mark;
  }

  #acknowledged(mark: Mark): void {
    mark.unacknowledged--;
    if (mark.unacknowledged === 0) this.#drop(mark);
  }

  /** Nothing to wait for any more: it is passed together with what stands before it. */
  #drop(mark: Mark): void {
    const index = this.#marks.indexOf(mark);
    const before = this.#marks[index - 1];
    this.#marks.splice(index, 1);
    if (before !== undefined) before.position = mark.position;
    else {
      this.#passed = mark.position;
      this.#parts.passed(mark.position);
    }
  }
}

function isSame(a: Position, b: Position | null): boolean {
  return b !== null && a.segment === b.segment && a.offset === b.offset;
}
