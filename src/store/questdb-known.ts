// Which events QuestDB has already. It takes a repeated event as no event by itself; whoever writes
// visits to a log, or counts them, must know all the same.

import { formatEventId, isHit, type Recorded } from '../hit/event.ts';
import type { Connections } from './questdb-connection.ts';
import { textKey } from './questdb-lines.ts';
import { knownHits, knownPixels } from './questdb-query.ts';
import { timeText } from './questdb-row.ts';

/** Times or codes that one query asks for: each is an interval of its own that QuestDB looks up. */
const ASKED_MAX = 500;

/**
 * The ids (formatEventId's text) of those that are there: hits by their id, minted pixels by code and
 * time.
 */
export async function knownEvents(
  connections: Connections,
  events: readonly Recorded[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  const hits = events.filter(({ event }) => isHit(event));
  const times = [...new Set(hits.map(({ event }) => event.at))];
  const there = new Set<string>();
  for (const part of partsOf(times)) {
    const rows = await connections.query(knownHits(part.length), part.map(timeText));
    for (const row of rows) there.add(row.join('-'));
  }
  for (const { id } of hits) {
    const text = formatEventId(id);
    if (there.has(text)) known.add(text);
  }
  const pixels = events.filter(({ event }) => event.kind === 'pixel-minted');
  const minted = await mintedAt(
    connections,
    pixels.map(({ event }) => event.code ?? ''),
  );
  for (const { id, event } of pixels) {
    // An earlier time than the store's is news to it.
    if ((minted.get(event.code ?? '') ?? Infinity) <= event.at) known.add(formatEventId(id));
  }
  return known;
}

/** When pixels were minted (microseconds), of those that were. */
export async function mintedAt(
  connections: Connections,
  codes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const minted = new Map<string, number>();
  for (const part of partsOf(codes)) {
    const parameters = [...part.map(textKey), ...part];
    const rows = await connections.query(knownPixels(part.length), parameters);
    for (const [code, at] of rows) minted.set(code ?? '', Number(at));
  }
  return minted;
}

function* partsOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += ASKED_MAX) yield all.slice(from, from + ASKED_MAX);
}
