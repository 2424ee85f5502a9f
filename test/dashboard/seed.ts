// Puts a story into the journal of a DATA_DIR before its server starts: hits have the time of their request,
// so history cannot be made over HTTP.

import assert from 'node:assert/strict';
import pino from 'pino';
import { CodeAuthority } from '../../src/hit/code.ts';
import { appendEvent } from '../../src/journal/append.ts';
import { openJournal } from '../../src/journal/open.ts';
import { type Landmarks, tellStory } from './story.ts';

/** CODE_SECRET of the seeded server: what signs the codes of the story. */
export const CODE_SECRET = 'a-code-secret-for-tests-only-0123456789';

const EVENTS_AT_ONCE = 1_000;

/** `now` in milliseconds. */
export async function seed(dataDir: string, now: number): Promise<Landmarks> {
  const codes = new CodeAuthority(Buffer.from(CODE_SECRET));
  const { events, landmarks } = tellStory(codes, now * 1_000);
  const bounds = { segmentBytes: 64_000_000, journalBytesMax: 1_000_000_000, diskFreeBytesMin: 0 };
  const journal = await openJournal({ dataDir, ...bounds }, 'import', pino({ level: 'silent' }));
  for (let from = 0; from < events.length; from += EVENTS_AT_ONCE) {
    const some = events.slice(from, from + EVENTS_AT_ONCE);
    const outcomes = await Promise.all(some.map((event) => appendEvent(journal, event)));
    assert.ok(outcomes.every((outcome) => outcome === 'kept'));
  }
  await journal.close();
  return landmarks;
}
