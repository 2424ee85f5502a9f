// How far the loader has come, as one string that the store keeps in the same transaction as the events.
// With it both the store and the visit log, which knows no transactions, get every event exactly once.

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

/** The visit log's own progress: usually the store's, behind it while the log cannot be written. */
export interface VisitProgress {
  /** Every visit before these is in the log or in `append`. */
  readonly cursors: Cursors;
  readonly append: VisitAppend | null;
}

export interface Progress {
  /** Every event before these is in the store. */
  readonly cursors: Cursors;
  /** Null when the visit log was off. */
  readonly visits: VisitProgress | null;
}

export function isBefore(a: Position | null, b: Position): boolean {
  if (a === null) return true;
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

const PositionText = z
  .tuple([z.int().nonnegative(), z.int().nonnegative()])
  .transform(([segment, offset]): Position => ({ segment, offset }));
const CursorsText = z
  .record(z.string(), PositionText)
  .transform((slots): Cursors => new Map(Object.entries(slots)));
const RangeText = z
  .tuple([z.string(), PositionText, PositionText])
  .transform(([slot, from, to]): Range => ({ slot, from, to }));
const ProgressText = z.strictObject({
  version: z.literal(1),
  cursors: CursorsText,
  visits: z
    .strictObject({
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
    })
    .nullable(),
});

/** Null for a store without progress. Throws on a text that {@link formatProgress} did not make. */
export function parseProgress(text: string | null): Progress | null {
  return text === null ? null : ProgressText.parse(JSON.parse(text));
}

export function formatProgress({ cursors, visits }: Progress): string {
  return JSON.stringify({
    version: 1,
    cursors: cursorsText(cursors),
    visits: visits && {
      cursors: cursorsText(visits.cursors),
      append: visits.append && {
        ...visits.append,
        ranges: visits.append.ranges.map(({ slot, from, to }) => [
          slot,
          positionText(from),
          positionText(to),
        ]),
      },
    },
  });
}

const positionText = ({ segment, offset }: Position): [number, number] => [segment, offset];

const cursorsText = (cursors: Cursors): Record<string, [number, number]> =>
  Object.fromEntries([...cursors].map(([slot, position]) => [slot, positionText(position)]));
