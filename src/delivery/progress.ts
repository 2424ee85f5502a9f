// How far the loader has come, as texts: one that the store keeps in the same transaction as the events, and
// one of the visit log's own (visit-progress.ts). With them both get every event exactly once.

import { z } from 'zod';
import type { Cursors, Position } from '../journal/journal.ts';

/** A stretch of one slot's journal: the batches from `from` up to `to`, which are ends of batches. */
export interface Range {
  readonly slot: string;
  readonly from: Position;
  readonly to: Position;
}

/**
 * What is being appended to the visit log: the lines of the visits in `ranges`, in this order. They can be
 * made again from the journal, byte for byte, so a crash in the middle of the append is mended by
 * comparing.
 */
export interface VisitAppend {
  /** The log's path when the append was planned, and the inode of the file that it then named. */
  readonly path: string;
  readonly inode: string;
  /** Bytes that the file had before the append. */
  readonly length: number;
  /** The file did not end with a line's end: one is put before the first line. */
  readonly newline: boolean;
  /** Bytes of the lines that already stand in an earlier file, which was renamed in between. */
  readonly skip: number;
  readonly ranges: readonly Range[];
}

/**
 * The visit log's own progress: as a rule the store's. Behind it while the log cannot be written, and ahead
 * of a store that begins anew.
 */
export interface VisitProgress {
  /** Every visit before these is in the log or in `append`. */
  readonly cursors: Cursors;
  readonly append: VisitAppend | null;
}

export function isBefore(a: Position | null, b: Position): boolean {
  if (a === null) return true;
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

const PositionText = z
  .tuple([z.int().nonnegative(), z.int().nonnegative()])
  .transform(([segment, offset]): Position => ({ segment, offset }));
export const CursorsText = z
  .record(z.string(), PositionText)
  .transform((slots): Cursors => new Map(Object.entries(slots)));
const RangeText = z
  .tuple([z.string(), PositionText, PositionText])
  .transform(([slot, from, to]): Range => ({ slot, from, to }));
/** Not strict: what an earlier program kept beside the cursors is passed over. */
const ProgressText = z.object({ version: z.literal(1), cursors: CursorsText });
const VisitProgressText = z.strictObject({
  version: z.literal(1),
  cursors: CursorsText,
  append: z
    .strictObject({
      path: z.string(),
      inode: z.string(),
      length: z.int().nonnegative(),
      newline: z.boolean(),
      skip: z.int().nonnegative(),
      ranges: z.array(RangeText),
    })
    .nullable(),
});

/** Every event before these cursors is in the store. Throws on what {@link formatProgress} did not make. */
export function parseProgress(text: string): Cursors {
  return ProgressText.parse(JSON.parse(text)).cursors;
}

export function formatProgress(cursors: Cursors): string {
  return JSON.stringify({ version: 1, cursors: cursorsText(cursors) });
}

/** Throws on what {@link formatVisitProgress} did not make. */
export function parseVisitProgress(text: string): VisitProgress {
  const { cursors, append } = VisitProgressText.parse(JSON.parse(text));
  return { cursors, append };
}

export function formatVisitProgress({ cursors, append }: VisitProgress): string {
  return JSON.stringify({
    version: 1,
    cursors: cursorsText(cursors),
    append: append && {
      ...append,
      ranges: append.ranges.map(({ slot, from, to }) => [
        slot,
        positionText(from),
        positionText(to),
      ]),
    },
  });
}

const positionText = ({ segment, offset }: Position): [number, number] => [segment, offset];

export const cursorsText = (cursors: Cursors): Record<string, [number, number]> =>
  Object.fromEntries([...cursors].map(([slot, position]) => [slot, positionText(position)]));
