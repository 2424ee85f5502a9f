// One load of the embedded store, in one transaction: what is erased first, then what is said, then the hits
// with what was claimed of them, and the loader's progress with it all.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { JudgedHit, Note, Recorded } from '../hit/event.ts';
import { appendHits, HIT_COLUMNS } from './duckdb-append.ts';
import { keepClaims, withClaims } from './duckdb-claims.ts';
import { eraseDigests } from './duckdb-erase.ts';
import { keepPixels } from './duckdb-pixels.ts';
import type { Session } from './duckdb-session.ts';
import { forgetTally } from './duckdb-tally.ts';
import { disturb } from './duckdb-tallying.ts';
import { inTransaction } from './duckdb-transaction.ts';
import { ErasedCodes } from './erased.ts';
import type { Load } from './store.ts';

/** Whether rows that are there already may be changed, which cannot be while they are being moved. */
export function changesHits(notes: readonly Recorded<Note>[]): boolean {
  return notes.some(({ event }) => event.kind === 'pixel-erased' || event.kind === 'hit-claimed');
}

export async function loadInto(session: Session, load: Load): Promise<void> {
  const { writer } = session;
  const digests = newlyErased(session.erased, load.notes);
  const erased = digests.length === 0 ? session.erased : withDigests(session.erased, digests);
  const notes = erased.without(load.notes);
  const kept = erased.without(load.hits);
  const writers = numberWriters(session.writers, kept);
  const { tally } = session;
  const earliest = earliestOf(kept);
  const isLate = earliest <= tally.until;
  const removed = await inTransaction(writer, async () => {
    if (isLate) await forgetTally(writer);
    const gone = digests.length === 0 ? 0 : (await eraseDigests(writer, digests)).recent;
    await insertWriters(writer, session.writers, writers);
    await keepPixels(writer, notes);
    await keepClaims(writer, notes);
    const claimed = await withClaims(writer, kept);
    await appendHits(writer, 'hits_recent', HIT_COLUMNS, claimed, writers);
    await writer.run('DELETE FROM progress');
    await writer.run('INSERT INTO progress VALUES ($1)', [load.progress]);
    return gone;
  });
  if (isLate) tally.until = -1;
  // Asked only now: counting may have begun in the meantime, and has not seen these hits.
  if (isLate || earliest <= tally.target) disturb(tally);
  session.writers = writers;
  session.recent += kept.length - removed;
  session.sentTimes ||= notes.some(({ event }) => tellsSentTime(event));
  for (const digest of digests) session.erased.add(digest);
}

function earliestOf(hits: readonly JudgedHit[]): number {
  let earliest = Infinity;
  for (const { event } of hits) earliest = Math.min(earliest, event.at);
  return earliest;
}

function tellsSentTime(note: Note): boolean {
  return 'properties' in note && note.properties?.sentAt !== undefined;
}

function newlyErased(erased: ErasedCodes, notes: readonly Recorded<Note>[]): readonly string[] {
  const digests = new Set<string>();
  for (const { event } of notes) {
    if (event.kind === 'pixel-erased' && !erased.hasDigest(event.digest)) digests.add(event.digest);
  }
  return [...digests];
}

/** Another set, as the load may fail. */
function withDigests(erased: ErasedCodes, digests: readonly string[]): ErasedCodes {
  return new ErasedCodes([...erased.digests, ...digests]);
}

/** `known` and a number for each writer that the load brings along. */
function numberWriters(
  known: ReadonlyMap<string, number>,
  hits: readonly JudgedHit[],
): ReadonlyMap<string, number> {
  let numbers: Map<string, number> | null = null;
  for (const { id } of hits) {
    if ((numbers ?? known).has(id.writer)) continue;
    numbers ??= new Map(known);
    numbers.set(id.writer, numbers.size + 1);
  }
  return numbers ?? known;
}

async function insertWriters(
  connection: DuckDBConnection,
  known: ReadonlyMap<string, number>,
  writers: ReadonlyMap<string, number>,
): Promise<void> {
  if (writers === known) return;
  for (const [writer, number] of writers) {
    if (!known.has(writer)) {
      await connection.run('INSERT INTO writers VALUES ($1, $2)', [number, writer]);
    }
  }
}
