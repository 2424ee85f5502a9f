// Who spoke last. What is said about a pixel or a hit may reach a store in any order and more than once;
// the last word counts, by the time of the event and, when two were said in one instant, by their ids.

import type { EventId } from '../hit/event.ts';

/** When something was said, and by which event. */
export interface Spoken {
  /** Microseconds since 1970 (UTC). */
  readonly at: number;
  readonly id: EventId;
}

/** Ids are ordered by writer, then segment, then position. Negative when `a` comes before `b`. */
export function compareIds(a: EventId, b: EventId): number {
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return a.segment - b.segment || a.position - b.position;
}

/** Negative when `a` was said before `b`; 0 for one event only. */
export function compareSpoken(a: Spoken, b: Spoken): number {
  return a.at - b.at || compareIds(a.id, b.id);
}
