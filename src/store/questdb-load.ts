// Writing the events of one load. Each row takes the place of an earlier one with the same time and id, so
// that all of it can be done again, whatever a crash has cut it short of.

import type { HitClaimed, JudgedHit, Note, PixelErased, Recorded } from '../hit/event.ts';
import { shown } from './questdb-applied.ts';
import { catalogueLines } from './questdb-catalogue-lines.ts';
import { catalogueRows } from './questdb-catalogue.ts';
import { claimedHits, stillThere, withClaims } from './questdb-claims.ts';
import type { Connections } from './questdb-connection.ts';
import type { Erasures } from './questdb-erasures.ts';
import type { Ilp } from './questdb-ilp.ts';
import { claimLines, hitLines, noteLines, pixelLines, type PixelNote } from './questdb-lines.ts';
import { CATALOGUE, CLAIMS, ERASED, HITS, NOTES, PIXELS } from './questdb-tables.ts';

export interface Doors {
  readonly writes: Connections;
  readonly ilp: Ilp;
  readonly erasures: Erasures;
}

interface Events {
  readonly hits: readonly JudgedHit[];
  readonly notes: readonly Recorded<Note>[];
}

/** Queries that begin afterwards see all of it. Throws StoreError. */
export async function writeEvents(doors: Doors, { hits, notes }: Events): Promise<void> {
  const { writes, erasures } = doors;
  await erasures.refresh();
  for (const { event } of notes.filter(isErasure)) await erasures.add(event.digest);
  const said = erasures.codes.without(notes);
  await writePixelNotes(doors, said.filter(isPixelNote));
  await writeClaims(doors, said.filter(isClaim));
  await writeHits(doors, erasures.codes.without(hits));
  await writeCatalogue(doors, said.filter(isPixelNote));
  // What was erased meanwhile is to be known too: rows of it that came too late are redacted.
  await erasures.refresh(await shown(writes, [HITS, PIXELS, NOTES, CATALOGUE, ERASED]));
}

/** Only of hits that are still there: one that was redacted since it was read must not come back. */
export async function writeJudgements(doors: Doors, hits: readonly JudgedHit[]): Promise<void> {
  const { writes, ilp, erasures } = doors;
  await erasures.refresh();
  const there = erasures.codes.without(await stillThere(writes, hits));
  if (there.length > 0) await ilp.send(hitLines(there));
  await erasures.refresh(await shown(writes, [HITS, ERASED]));
}

async function writePixelNotes(
  { ilp }: Doors,
  notes: readonly Recorded<PixelNote>[],
): Promise<void> {
  const minted = notes.filter(({ event }) => event.kind === 'pixel-minted');
  const said = notes.filter(({ event }) => event.properties !== undefined);
  if (minted.length > 0) await ilp.send(pixelLines(minted));
  if (said.length > 0) await ilp.send(noteLines(said));
}

/** Of what the notes say together with those that are there; so these must be readable before. */
async function writeCatalogue(
  { writes, ilp }: Doors,
  notes: readonly Recorded<PixelNote>[],
): Promise<void> {
  if (notes.length === 0) return;
  await shown(writes, [PIXELS, NOTES, CATALOGUE]);
  const codes = new Set(notes.map(({ event }) => event.code));
  await ilp.send(catalogueLines(await catalogueRows(writes, [...codes])));
}

/** And into the hits that are there already. */
async function writeClaims(doors: Doors, claims: readonly Recorded<HitClaimed>[]): Promise<void> {
  if (claims.length === 0) return;
  await doors.ilp.send(claimLines(claims));
  await shown(doors.writes, [CLAIMS, HITS]);
  const about = await claimedHits(doors.writes, claims);
  await writeHits(doors, doors.erasures.codes.without(about));
}

async function writeHits({ writes, ilp }: Doors, hits: readonly JudgedHit[]): Promise<void> {
  if (hits.length > 0) await ilp.send(hitLines(await withClaims(writes, hits)));
}

function isErasure(note: Recorded<Note>): note is Recorded<PixelErased> {
  return note.event.kind === 'pixel-erased';
}

function isClaim(note: Recorded<Note>): note is Recorded<HitClaimed> {
  return note.event.kind === 'hit-claimed';
}

function isPixelNote(note: Recorded<Note>): note is Recorded<PixelNote> {
  return note.event.kind === 'pixel-minted' || note.event.kind === 'pixel-changed';
}
