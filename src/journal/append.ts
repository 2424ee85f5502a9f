// Keeping events from a place where their latency matters little: minted pixels, a test.

import { setTimeout as sleep } from 'node:timers/promises';
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

/** How long it waits for room in the batch that gathers when others have filled it. */
const BUSY_MS = 1;

/**
 * Keeps `events`, in this order, in as few commits as they fit into. `kept`: all are durable. After anything
 * else some of the first may be, too.
 */
export async function appendEvents(
  journal: JournalWriter,
  events: readonly Event[],
): Promise<'kept' | 'failed' | Exclude<AppendOutcome, 'queued'>> {
  const ours = { pending: 0, failed: false, told: Promise.withResolvers<void>() };
  const settled = (kept: boolean): void => {
    ours.pending--;
    ours.failed ||= !kept;
    ours.told.resolve();
  };
  /** Until some of ours are settled, which all of a batch are at once. */
  const next = async (): Promise<void> => {
    ours.told = Promise.withResolvers();
    await (ours.pending === 0 ? sleep(BUSY_MS) : ours.told.promise);
  };
  let outcome: AppendOutcome = 'queued';
  for (const event of events) {
    do {
      if (outcome === 'journal-busy') await next();
      const length = encodeEvent(encoder, event);
      outcome = ours.failed ? 'journal-down' : journal.append(encoder.bytes, length, { settled });
    } while (outcome === 'journal-busy');
    if (outcome !== 'queued') break;
    ours.pending++;
  }
  while (ours.pending > 0) await next();
  if (outcome !== 'queued') return outcome;
  return ours.failed ? 'failed' : 'kept';
}
