// Everything that a journal and its archive hold, for tests and benchmarks that count what was really kept.

import type { Recorded } from '../src/hit/event.ts';
import { decodeRecords } from '../src/hit/encoding.ts';
import type { Position } from '../src/journal/journal.ts';
import { journalDirs } from '../src/journal/places.ts';
import { JournalReader } from '../src/journal/reader.ts';

const READ_BYTES = 8 * 1024 * 1024;

/** Calls back for every event of every slot, in order; resolves with the damage that was met, in words. */
export async function readJournal(
  dataDir: string,
  onEvent: (recorded: Recorded) => void,
): Promise<string[]> {
  const reader = new JournalReader(journalDirs(dataDir));
  const damage: string[] = [];
  for (const slot of await reader.slots()) {
    let position: Position | null = null;
    for (;;) {
      const reading = await reader.read(slot, position, READ_BYTES);
      for (const batch of reading.batches) decodeRecords(batch, onEvent);
      for (const { segment, from, to, reason } of reading.damage) {
        damage.push(`${slot}, segment ${segment}, bytes ${from} to ${to}: ${reason}`);
      }
      position = reading.next;
      if (reading.caughtUp) break;
    }
  }
  await reader.close();
  return damage;
}
