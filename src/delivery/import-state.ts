// Keeps an import exactly once. A page of events goes first into a slot of the journal of its own, which is
// the truth, and then into the ledger; before that a file says from which place of the slot on, and behind
// which ends of its files, the ledger is in doubt. What a crash leaves in doubt is worked out again from the
// journal. An import that has a slot and no such file is worked out from the whole of it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeRecords } from '../hit/encoding.ts';
import type { Event } from '../hit/event.ts';
import { replaceFile } from '../hit/polled-file.ts';
import { realFileSystem } from '../journal/filesystem.ts';
import type { Position } from '../journal/journal.ts';
import { LOAD_BYTES_MAX } from '../limits.ts';
import type { Journal } from './gather.ts';
import {
  dayOf,
  type Digests,
  digestOf,
  type ImportedEvent,
  ImportLedger,
} from './import-ledger.ts';
import type { ImportTable } from './import-rows.ts';

/** Of one day, the looks of several sources, or of one that changed, are remembered. */
const LOOKS_PER_DAY_MAX = 4;

const LooksText = z.record(z.string(), z.array(z.string()));
const StateText = z.strictObject({
  version: z.literal(2),
  place: z.strictObject({ segment: z.int(), offset: z.int() }).nullable(),
  sizes: z.record(z.string(), z.int().nonnegative()),
  read: z.strictObject({ pixels: LooksText, opens: LooksText }),
});

/** One day of a table of the source. */
export interface SourceDay {
  /** Days since 1970 (UTC). */
  readonly day: number;
  readonly rows: number;
  /** Differs when the day's rows differ. */
  readonly looks: string;
}

export class ImportState {
  readonly ledger: ImportLedger;
  readonly #path: string;
  readonly #slot: string;
  readonly #journal: Journal;
  /** Where in the slot the ledger is right; null: at its beginning. */
  #place: Position | null = null;
  /** By table and day, how a day looked of which every row is kept. */
  #read: Record<ImportTable, Record<string, string[]>> = { pixels: {}, opens: {} };

  private constructor(dir: string, slot: string, journal: Journal) {
    this.ledger = new ImportLedger(join(dir, 'ledger'));
    this.#path = join(dir, 'state.json');
    this.#slot = slot;
    this.#journal = journal;
  }

  /**
   * Of a slot that nobody else writes. Works out what is in doubt, and without a file everything: `onAnew`
   * is told then of how many events. Rejects with errno errors, and when the file is damaged.
   */
  static async open(
    dir: string,
    slot: string,
    journal: Journal,
    onAnew: (events: number) => void,
  ): Promise<ImportState> {
    const state = new ImportState(dir, slot, journal);
    await realFileSystem.makeDir(dir);
    const text = await readFile(state.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) await state.ledger.clear();
    else {
      const found = StateText.parse(JSON.parse(text));
      state.#place = found.place;
      state.#read = found.read;
      for (const [day, size] of Object.entries(found.sizes)) {
        await state.ledger.cut(Number(day), size);
      }
    }
    const events = await state.#workOut();
    if (text === null && events > 0) onAnew(events);
    await state.begin(new Map());
    return state;
  }

  /** Whether every row of the day is kept already. */
  isRead(table: ImportTable, { day, looks }: SourceDay): boolean {
    return this.#read[table][day]?.includes(looks) ?? false;
  }

  /** Every row of the day is kept; durable with the next {@link begin}. */
  setRead(table: ImportTable, { day, looks }: SourceDay): void {
    const before = (this.#read[table][day] ?? []).filter((known) => known !== looks);
    this.#read[table][day] = [looks, ...before].slice(0, LOOKS_PER_DAY_MAX);
  }

  /** Before the events of these digests are appended to the journal. */
  async begin(digests: Digests): Promise<void> {
    const sizes: Record<string, number> = {};
    for (const day of digests.keys()) sizes[day] = await this.ledger.size(day);
    const state = { version: 2, place: this.#place, sizes, read: this.#read };
    await replaceFile(this.#path, Buffer.from(`${JSON.stringify(state)}\n`));
  }

  /** When all of these events, and no others, are durable in the journal. */
  async settle(digests: Digests): Promise<void> {
    await this.ledger.append(digests);
    this.#place = await this.#journal.end(this.#slot);
  }

  /** How many events that were. */
  async #workOut(): Promise<number> {
    let count = 0;
    for (;;) {
      const reading = await this.#journal.read(this.#slot, this.#place, LOAD_BYTES_MAX);
      const events: ImportedEvent[] = [];
      for (const batch of reading.batches) {
        decodeRecords(batch, ({ event }) => {
          const imported = importedEvent(event);
          if (imported !== null) events.push(imported);
        });
      }
      await this.ledger.append(await this.#unknown(events));
      this.ledger.forget();
      this.#place = reading.next;
      count += events.length;
      if (reading.caughtUp) return count;
    }
  }

  /** The next ordinal of each: which of several events that are alike was kept does not matter. */
  async #unknown(events: readonly ImportedEvent[]): Promise<Digests> {
    const fresh = new Map<number, Set<bigint>>();
    for (const event of events.toSorted((a, b) => a.at - b.at)) {
      const day = dayOf(event.at);
      const added = fresh.get(day) ?? new Set();
      fresh.set(day, added);
      let ordinal = 1;
      while (
        added.has(digestOf(event, ordinal)) ||
        (await this.ledger.has(day, digestOf(event, ordinal)))
      ) {
        ordinal++;
      }
      added.add(digestOf(event, ordinal));
    }
    return new Map([...fresh].map(([day, added]) => [day, [...added]]));
  }
}

/** Null for what no import wrote. */
function importedEvent(event: Event): ImportedEvent | null {
  const { kind, at, code } = event;
  if (code === null || (kind !== 'open' && kind !== 'pixel-minted')) return null;
  return { kind, at, code, address: kind === 'open' ? event.address : '' };
}
