// Has the journal's keeper archive what was passed, and apply retention, now and then.

import type { Cursors, Position } from '../journal/journal.ts';
import type { JournalKeeper } from '../journal/keeper.ts';
import type { Logger } from '../telemetry/log.ts';

/** `cursors` must be durable. A failure waits for the next turn; `end` waits for the turn under way. */
export function keepJournal(
  keeper: JournalKeeper,
  cursors: () => Cursors,
  everyMs: number,
  log: Logger,
): { end(): Promise<void> } {
  let tending = Promise.resolve();
  let busy = false;
  const tend = async (): Promise<void> => {
    try {
      await keeper.tend(cursors());
    } catch (error) {
      log.error({ err: error }, 'the journal could not be archived; it is tried again');
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    tending = tend();
  }, everyMs);
  return {
    end: async () => {
      clearInterval(timer);
      await tending;
    },
  };
}

/** What both have passed, of the slots that `narrow` is responsible for; of the others what `wide` has. */
export function passedByBoth(wide: Cursors, narrow: Cursors, role: string): Cursors {
  const both = new Map<string, Position>();
  for (const [slot, position] of wide) {
    const other = slot.startsWith(`${role}-`) ? narrow.get(slot) : position;
    if (other !== undefined) both.set(slot, other.segment < position.segment ? other : position);
  }
  return both;
}
