// How far an import has come. Its events go into a slot of the journal of their own, in the order of the
// source; so what is in the slot is always a beginning of the source, and the state only has to say, now
// and then, which place of the source a place of the slot is. What was kept behind that place is counted
// when the import goes on.

import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { decodeRecords } from '../hit/encoding.ts';
import type { Position } from '../journal/journal.ts';
import { LOAD_BYTES_MAX } from '../limits.ts';
import type { Journal } from './gather.ts';

/** Every usable row before `at` is kept, and the first `count` of those at that very instant. */
export interface Mark {
  readonly at: number;
  readonly count: number;
}

export interface ImportState {
  /** The source without user and password. */
  readonly source: string;
  readonly slot: string;
  /** Where in the slot the marks are right; null: at its beginning. */
  readonly place: Position | null;
  readonly pixels: Mark;
  readonly opens: Mark;
}

export const UNREAD: Mark = { at: 0, count: 0 };

const MarkText = z.strictObject({ at: z.int().nonnegative(), count: z.int().nonnegative() });
const StateText = z.strictObject({
  version: z.literal(1),
  source: z.string(),
  slot: z.string(),
  place: z.strictObject({ segment: z.int(), offset: z.int() }).nullable(),
  pixels: MarkText,
  opens: MarkText,
});

/** The mark after one more row, which is at `at`. */
export function markAfter(mark: Mark, at: number): Mark {
  return at === mark.at ? { at, count: mark.count + 1 } : { at, count: 1 };
}

/** Null when no import was begun. Throws when the file is not one of {@link writeState}'s. */
export async function readState(path: string): Promise<ImportState | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : StateText.parse(JSON.parse(text));
}

export async function writeState(path: string, state: ImportState): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, ...state })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** The state at the slot's end: what was kept after the state was written is counted in. */
export async function caughtUp(state: ImportState, journal: Journal): Promise<ImportState> {
  let { place, pixels, opens } = state;
  for (;;) {
    const reading = await journal.read(state.slot, place, LOAD_BYTES_MAX);
    for (const batch of reading.batches) {
      decodeRecords(batch, ({ event }) => {
        if (event.kind === 'pixel-minted') pixels = markAfter(pixels, event.at);
        else opens = markAfter(opens, event.at);
      });
    }
    place = reading.next;
    if (reading.caughtUp) return { ...state, place, pixels, opens };
  }
}
