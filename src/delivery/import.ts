// Brings TrackPixel's pixels and opens into the journal, from where they come into the store as all
// events do, now and at every rebuild. It may be ended at any moment and run again: what is kept is not
// kept twice (import-state.ts), and what came meanwhile is found whatever its time is, as days that look
// otherwise than before are read again.

import type { Event } from '../hit/event.ts';
import { encodeEvent, RecordEncoder } from '../hit/encoding.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { IMPORT_ROWS } from '../limits.ts';
import { dayOf, digestOf, type ImportLedger } from './import-ledger.ts';
import {
  type ImportRow,
  type ImportTable,
  keptAddress,
  type LeftOut,
  type UsableRow,
} from './import-rows.ts';
import type { ImportState, SourceDay } from './import-state.ts';

export interface ImportSource {
  /** Rows of the days `first` to `last`, ascending in time, all rows of one instant in one page. */
  rows(
    table: ImportTable,
    first: number,
    last: number,
    pageRows: number,
  ): AsyncIterable<readonly ImportRow[]>;
}

export interface ImportParts {
  readonly source: ImportSource;
  /** Those of each table that have rows, ascending. */
  readonly days: Readonly<Record<ImportTable, readonly SourceDay[]>>;
  readonly writer: JournalWriter;
  readonly state: ImportState;
  readonly read: (table: ImportTable, row: ImportRow) => UsableRow | LeftOut;
  /** Called when a page is durable; rejects to end the import. */
  readonly onKept: (counts: ImportCounts) => Promise<void>;
  /** Told of each row that names no code. */
  readonly onUnusable: (table: ImportTable, row: ImportRow) => void;
  /** Whether to end after the page at hand. */
  readonly isStopped: () => boolean;
}

/** Rows of this run. */
export interface Tally {
  kept: number;
  /** Those that were here already. */
  known: number;
  unusable: number;
  /** Those of which nothing is to be kept. */
  unwanted: number;
}

export type ImportCounts = Readonly<Record<ImportTable, Tally>>;

/** A journal that refuses, in words; nothing is lost or doubled by running the import again. */
export class ImportRefused extends Error {}

export async function importAll(parts: ImportParts): Promise<ImportCounts> {
  const none = { kept: 0, known: 0, unusable: 0, unwanted: 0 };
  const counts: ImportCounts = { pixels: { ...none }, opens: { ...none } };
  await importTable(parts, 'pixels', counts);
  if (!parts.isStopped()) await importTable(parts, 'opens', counts);
  await parts.state.begin(new Map());
  return counts;
}

async function importTable(
  parts: ImportParts,
  table: ImportTable,
  counts: ImportCounts,
): Promise<void> {
  const { days, state } = parts;
  const tally = counts[table];
  for (const stretch of stretchesOf(days[table], (day) => state.isRead(table, day))) {
    if (stretch.isRead) tally.known += stretch.days.reduce((sum, { rows }) => sum + rows, 0);
    else if (!(await importStretch(parts, table, stretch.days, counts))) return;
  }
}

/** False when it was stopped. */
async function importStretch(
  { source, writer, state, read, onKept, onUnusable, isStopped }: ImportParts,
  table: ImportTable,
  days: readonly SourceDay[],
  counts: ImportCounts,
): Promise<boolean> {
  const first = days[0]?.day ?? 0;
  const last = days.at(-1)?.day ?? 0;
  const left = new Set<number>();
  for await (const page of source.rows(table, first, last, IMPORT_ROWS)) {
    if (isStopped()) return false;
    const rows: UsableRow[] = [];
    for (const row of page) {
      const usable = read(table, row);
      if (typeof usable !== 'string') {
        rows.push(usable);
        continue;
      }
      // Such a day is read again at every run, so that all of it is told again.
      left.add(dayOf(row.at));
      counts[table][usable]++;
      if (usable === 'unusable') onUnusable(table, row);
    }
    const fresh = await unknownOf(rows, state.ledger);
    if (fresh.events.length > 0) {
      await state.begin(fresh.digests);
      await keepAll(writer, fresh.events);
      await state.settle(fresh.digests);
    }
    counts[table].kept += fresh.events.length;
    counts[table].known += rows.length - fresh.events.length;
    await onKept(counts);
  }
  for (const day of days) if (!left.has(day.day)) state.setRead(table, day);
  return true;
}

/** Runs of days that were all read, or all not. */
function stretchesOf(
  days: readonly SourceDay[],
  isRead: (day: SourceDay) => boolean,
): readonly { readonly isRead: boolean; readonly days: readonly SourceDay[] }[] {
  const stretches: { isRead: boolean; days: SourceDay[] }[] = [];
  for (const day of days) {
    const read = isRead(day);
    const last = stretches.at(-1);
    if (last?.isRead === read) last.days.push(day);
    else stretches.push({ isRead: read, days: [day] });
  }
  return stretches;
}

/** What an earlier run may have kept of an address: the settings may have been others then. */
const POLICIES = ['full', 'truncate', 'none'] as const;

/** The events of those rows that no run kept yet, and their digests for the ledger. */
async function unknownOf(
  rows: readonly UsableRow[],
  ledger: ImportLedger,
): Promise<{ events: Event[]; digests: Map<number, bigint[]> }> {
  const events: Event[] = [];
  const digests = new Map<number, bigint[]>();
  /** How many of each like there were, by policy and what it keeps. */
  const alike = new Map<string, number>();
  for (const row of rows.toSorted(inOrder)) {
    const day = dayOf(row.at);
    const isNewDay = await ledger.isEmpty(day);
    let own = 0n;
    let known = false;
    for (const policy of POLICIES) {
      const like = {
        kind: row.kind,
        at: row.at,
        code: row.code,
        address: keptAddress(row, policy),
      };
      const key = `${policy} ${row.at} ${row.code} ${like.address}`;
      const ordinal = (alike.get(key) ?? 0) + 1;
      alike.set(key, ordinal);
      if (known || ((isNewDay || row.address === '') && policy !== row.policy)) continue;
      const digest = digestOf(like, ordinal);
      if (policy === row.policy) own = digest;
      known = await ledger.has(day, digest);
    }
    if (known) continue;
    const added = digests.get(day) ?? [];
    digests.set(day, added);
    added.push(own);
    events.push(eventOf(row));
  }
  return { events, digests };
}

/** The same whichever order the source gives: rows of one instant that are alike are next to each other. */
function inOrder(a: UsableRow, b: UsableRow): number {
  return a.at - b.at || compare(a.code, b.code) || compare(a.address, b.address);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function eventOf(row: UsableRow): Event {
  const { kind, at, code } = row;
  if (kind === 'pixel-minted') return { kind, at, code };
  const address = keptAddress(row, row.policy);
  return { kind, at, code, address, referrer: null, agent: null, purpose: null };
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
