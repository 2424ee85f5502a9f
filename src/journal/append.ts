// Keeping one event from a place where its latency matters little: a minted pixel, a test.

import { encodeEvent, RecordEncoder } from '../hit/encoding.ts';
import type { Event, EventId } from '../hit/event.ts';
import type { AppendOutcome, JournalWriter } from './journal.ts';

const encoder = new RecordEncoder();

/**
 * Keeps `event`, under the id `origin` when it came from another machine. `kept`: it is durable.
 * `failed`: the disk refused, the event may or may not show up later. Everything else is a refusal, and
 * the event is not in the journal.
 */
export async function appendEvent(
  journal: JournalWriter,
  event: Event,
  origin?: EventId,
): Promise<'kept' | 'failed' | Exclude<AppendOutcome, 'queued'>> {
  // oxlint-disable-next-line promise/avoid-new -- a waiter is a callback, for the hot path's sake
  return await new Promise((resolve) => {
    const length = encodeEvent(encoder, event, origin);
    const settled = (kept: boolean): void => resolve(kept ? 'kept' : 'failed');
    const outcome = journal.append(encoder.bytes, length, { settled });
    if (outcome !== 'queued') resolve(outcome);
  });
}
