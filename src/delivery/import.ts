// Brings TrackPixel's pixels and opens into the journal, from where they come into the store as all
// events do, now and at every rebuild. It may be ended at any moment and run again: what is kept is not
// kept twice (import-state.ts).

import type { Event } from '../hit/event.ts';
import { encodeEvent, RecordEncoder } from '../hit/encoding.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { IMPORT_ROWS } from '../limits.ts';
import type { Journal } from './gather.ts';
import type { ImportRow } from './import-rows.ts';
import { caughtUp, type ImportState, type Mark, markAfter } from './import-state.ts';

export type ImportTable = 'pixels' | 'opens';

export interface ImportSource {
  /** In an order that is always the same, all rows of one instant in one page. */
  rows(table: ImportTable, from: number, pageRows: number): AsyncIterable<readonly ImportRow[]>;
}

export interface ImportParts {
  readonly source: ImportSource;
  readonly writer: JournalWriter;
  readonly journal: Journal;
  /** The row's event; null when it cannot be used. */
  readonly eventOf: (table: ImportTable, row: ImportRow) => Event | null;
  /** Called when everything up to `state` is durable; rejects to end the import. */
  readonly onKept: (state: ImportState, counts: ImportCounts) => Promise<void>;
  /** Told of each row that cannot be used. */
  readonly onUnusable: (table: ImportTable, row: ImportRow) => void;
  /** Whether to end after the page at hand. */
  readonly isStopped: () => boolean;
}

export interface ImportCounts {
  /** Of this run. */
  readonly kept: Record<ImportTable, number>;
  readonly unusable: Record<ImportTable, number>;
}

/** A journal that refuses, in words; nothing is lost or doubled by running the import again. */
export class ImportRefused extends Error {}

export async function importAll(parts: ImportParts, begun: ImportState): Promise<ImportCounts> {
  const counts: ImportCounts = {
    kept: { pixels: 0, opens: 0 },
    unusable: { pixels: 0, opens: 0 },
  };
  const found = await caughtUp(begun, parts.journal);
  const afterPixels = await importTable(parts, 'pixels', found, counts);
  if (!parts.isStopped()) await importTable(parts, 'opens', afterPixels, counts);
  return counts;
}

/** Resolves with how far it came. */
async function importTable(
  parts: ImportParts,
  table: ImportTable,
  begun: ImportState,
  counts: ImportCounts,
): Promise<ImportState> {
  const from = begun[table];
  let state = begun;
  for await (const page of parts.source.rows(table, from.at, IMPORT_ROWS)) {
    if (parts.isStopped()) break;
    const { events, mark } = take(parts, table, page, state[table], from, counts);
    await keepAll(parts.writer, events);
    counts.kept[table] += events.length;
    const place = await parts.journal.end(begun.slot);
    state = { ...begun, place, [table]: mark };
    await parts.onKept(state, counts);
  }
  return state;
}

/** The page's events that are not kept yet: `from` is where this run began, `mark` where it is now. */
function take(
  { eventOf, onUnusable }: ImportParts,
  table: ImportTable,
  page: readonly ImportRow[],
  mark: Mark,
  from: Mark,
  counts: ImportCounts,
): { events: Event[]; mark: Mark } {
  const events: Event[] = [];
  let reached = mark;
  let known = from.count;
  for (const row of page) {
    const event = eventOf(table, row);
    if (event === null) {
      counts.unusable[table]++;
      onUnusable(table, row);
    } else if (row.at === from.at && known > 0) {
      known--;
    } else {
      events.push(event);
      reached = markAfter(reached, row.at);
    }
  }
  return { events, mark: reached };
}

/** Resolves when all are durable. Throws {@link ImportRefused}. */
async function keepAll(writer: JournalWriter, events: readonly Event[]): Promise<void> {
  const encoder = new RecordEncoder();
  let waiting = 0;
  let failed = false;
  let done = Promise.withResolvers<void>();
  const waiter = {
    settled: (kept: boolean): void => {
      failed ||= !kept;
      waiting--;
      if (waiting === 0) done.resolve();
    },
  };
  const settle = async (): Promise<void> => {
    if (waiting > 0) await done.promise;
    done = Promise.withResolvers();
    if (failed) throw new ImportRefused('the disk refused to keep events');
  };
  for (const event of events) {
    const length = encodeEvent(encoder, event);
    let outcome = writer.append(encoder.bytes, length, waiter);
    if (outcome === 'journal-busy') {
      await settle();
      outcome = writer.append(encoder.bytes, length, waiter);
    }
    if (outcome !== 'queued') {
      await settle();
      throw new ImportRefused(`${outcome}: ${writer.stats.lastError ?? 'no reason given'}`);
    }
    waiting++;
  }
  await settle();
}
