// Journal to events: reads stretches of slots and decodes them into parts of a bounded size, each of which
// is one load. The same stretches always give the same events in the same order, which the visit log's
// repair relies on.

import { decodeRecords } from '../hit/encoding.ts';
import { type Hit, isHit, type Note, type Recorded } from '../hit/event.ts';
import {
  type Cursors,
  type Damage,
  JOURNAL_START,
  type Position,
  type Reading,
  type RecordBatch,
} from '../journal/journal.ts';
import { LOAD_BYTES_MAX } from '../limits.ts';
import { isBefore, type Range } from './progress.ts';
import { visitLine } from './visit-line.ts';

/** The part of the journal's reader that the loader needs. */
export interface Journal {
  slots(): Promise<string[]>;
  end(slot: string): Promise<Position | null>;
  read(slot: string, from: Position | null, bytesMax: number): Promise<Reading>;
  close(): Promise<void>;
}

/** A {@link Range} that may begin at whatever is left of a slot. */
export type Stretch = Omit<Range, 'from'> & { readonly from: Position | null };

/** What went wrong with a stretch; the rest of it is read all the same. */
export interface Trouble {
  readonly slot: string;
  readonly segment: number;
  readonly kind: 'damage' | 'undecodable' | 'missing-segment';
  /** Where, and why. */
  readonly detail: string;
}

export interface Part {
  readonly hits: Recorded<Hit>[];
  readonly notes: Recorded<Note>[];
  /** A line for each visit, as the visit log has it. */
  readonly lines: string[];
  /** Where the lines come from, in their order. */
  readonly ranges: Range[];
  /** How far each slot has been read with this part. */
  readonly cursors: Map<string, Position>;
  readonly troubles: Trouble[];
  /** Records of kinds that this program does not know; a newer one will find them when it rebuilds. */
  unknown: number;
  /** Journal bytes. */
  bytes: number;
}

/**
 * Yields the stretches' events in parts of about LOAD_BYTES_MAX journal bytes (at most that and one read of
 * the journal more); a part without events only when positions moved. `exact`: the stretches' ends are ends
 * of batches, and nothing behind them is taken, though it was read. A slot that the disk does not give
 * keeps the others back only when `exact`; its errno error is thrown at the end.
 */
export async function* gather(
  journal: Journal,
  cursors: Cursors,
  stretches: readonly Stretch[],
  exact: boolean,
): AsyncGenerator<Part, void> {
  let part = newPart(cursors);
  let moved = false;
  let failure: Error | null = null;
  for (const { slot, from, to } of stretches) {
    let position = from;
    while (isBefore(position, to)) {
      let reading: Reading;
      try {
        reading = await journal.read(slot, position, LOAD_BYTES_MAX - part.bytes);
      } catch (error) {
        if (exact) throw error;
        failure ??= error as Error;
        break;
      }
      if (exact && position !== null && (await isGone(journal, slot, position, reading))) {
        const detail = `what followed byte ${position.offset} is gone`;
        part.troubles.push({ slot, segment: position.segment, kind: 'missing-segment', detail });
      }
      const next = take(part, slot, position, reading, exact ? to : null);
      const still = reading.batches.length === 0 && isSame(next, position);
      moved ||= !still;
      position = next;
      if (part.bytes >= LOAD_BYTES_MAX) {
        yield part;
        part = newPart(part.cursors);
        moved = false;
      }
      if (reading.caughtUp || still) break;
    }
  }
  if (moved) yield part;
  if (failure !== null) throw failure;
}

/** The visit lines of `ranges`, byte for byte as they were when the ranges were first read. */
export async function linesOf(
  journal: Journal,
  ranges: readonly Range[],
  onTrouble: (trouble: Trouble) => void,
): Promise<Buffer> {
  const lines: string[] = [];
  for await (const part of gather(journal, new Map(), ranges, true)) {
    for (const line of part.lines) lines.push(line);
    for (const trouble of part.troubles) onTrouble(trouble);
  }
  return Buffer.from(lines.join(''));
}

function newPart(cursors: Cursors): Part {
  return {
    hits: [],
    notes: [],
    lines: [],
    ranges: [],
    cursors: new Map(cursors),
    troubles: [],
    unknown: 0,
    bytes: 0,
  };
}

/** Adds one reading to the part, up to `to` if given. Returns where to go on. */
function take(
  part: Part,
  slot: string,
  from: Position | null,
  reading: Reading,
  to: Position | null,
): Position {
  const { batches, damage } = reading;
  const taken = to === null ? batches : batches.filter((batch) => isBefore(batch, to));
  for (const lost of damage) part.troubles.push(damageTrouble(lost));
  const [first] = taken;
  for (const batch of taken) takeBatch(part, batch);
  const next = to !== null && !isBefore(reading.next, to) ? to : reading.next;
  if (first !== undefined) {
    const start = from ?? { segment: first.segment, offset: 0 };
    part.ranges.push({ slot, from: start, to: next });
  }
  part.cursors.set(slot, next);
  return next;
}

function takeBatch(part: Part, batch: RecordBatch): void {
  part.bytes += batch.records.length;
  try {
    part.unknown += decodeRecords(batch, ({ id, event }) => {
      if (!isHit(event)) part.notes.push({ id, event });
      else {
        part.hits.push({ id, event });
        if (event.kind === 'visit') part.lines.push(visitLine(event));
      }
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { slot, segment } = batch;
    part.troubles.push({ slot, segment, kind: 'undecodable', detail: error.message });
  }
}

/**
 * Whether retention took the segment in which a reader stood before it came to the end. (When it had just
 * come to the end, this may say so of a segment in which there was nothing left.)
 */
async function isGone(
  journal: Journal,
  slot: string,
  { segment }: Position,
  reading: Reading,
): Promise<boolean> {
  const [first] = reading.batches;
  if (first === undefined || first.segment === segment) return false;
  if (segment === JOURNAL_START.segment) return false;
  const again = await journal.read(slot, { segment, offset: 0 }, 1);
  return again.batches[0]?.segment !== segment;
}

function damageTrouble({ slot, segment, from, to, reason }: Damage): Trouble {
  return { slot, segment, kind: 'damage', detail: `bytes ${from} to ${to}: ${reason}` };
}

function isSame(a: Position, b: Position | null): boolean {
  return b !== null && a.segment === b.segment && a.offset === b.offset;
}
