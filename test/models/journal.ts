// A journal in memory: every append is one batch of a slot's only segment, durable at once.

import { encodeEvent, RecordEncoder } from '../../src/hit/encoding.ts';
import type { Event, Hit } from '../../src/hit/event.ts';
import type { Journal } from '../../src/delivery/gather.ts';
import type { Position, Reading, RecordBatch } from '../../src/journal/journal.ts';

const SEGMENT = 1;
const HEADER_BYTES = 16;

export class ModelJournal implements Journal {
  readonly #slots = new Map<string, RecordBatch[]>();
  readonly #events: Event[] = [];

  append(slot: string, events: readonly Event[]): void {
    const encoder = new RecordEncoder();
    const records = Buffer.concat(
      events.map((event) => Buffer.from(encoder.bytes.subarray(0, encodeEvent(encoder, event)))),
    );
    const batches = this.#slots.get(slot) ?? [];
    const offset = endOf(batches) + HEADER_BYTES;
    const writer = Buffer.from(slot).toString('hex').slice(-16);
    batches.push({ slot, writer, segment: SEGMENT, offset, count: events.length, records });
    this.#slots.set(slot, batches);
    this.#events.push(...events);
  }

  visits(): Hit[] {
    return this.#events.filter((event): event is Hit => event.kind === 'visit');
  }

  async slots(): Promise<string[]> {
    return [...this.#slots.keys()].toSorted();
  }

  async end(slot: string): Promise<Position | null> {
    return { segment: SEGMENT, offset: endOf(this.#slots.get(slot) ?? []) };
  }

  /** Two batches at a time, so that there are several readings. */
  async read(slot: string, from: Position | null): Promise<Reading> {
    const unread = (this.#slots.get(slot) ?? []).filter(
      ({ offset }) => offset > (from?.offset ?? 0),
    );
    const batches = unread.slice(0, 2);
    const offset = batches.length === 0 ? (from?.offset ?? 0) : endOf(batches);
    const caughtUp = batches.length === unread.length;
    return { batches, next: { segment: SEGMENT, offset }, damage: [], caughtUp };
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}

function endOf(batches: readonly RecordBatch[]): number {
  const last = batches.at(-1);
  return last === undefined ? HEADER_BYTES : last.offset + last.records.length;
}
