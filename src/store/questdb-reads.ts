// The read side of the Store port on QuestDB: one pixel's hits, newest first and page by page, and counts.

import { formatEventId, type Hit, parseEventId, type Recorded } from '../hit/event.ts';
import type { Connections } from './questdb-connection.ts';
import { codeKey } from './questdb-lines.ts';
import * as query from './questdb-query.ts';
import type { HitPage, HitPlace, Pixel, PixelHitsQuery, StoreTotals } from './store.ts';

export async function readPixel(connections: Connections, code: string): Promise<Pixel | null> {
  const rows = await connections.query(query.CREATED_AT, [codeKey(code), code]);
  const createdAt = rows[0]?.[0] ?? null;
  return createdAt === null ? null : { code, createdAt: Number(createdAt) };
}

export async function countOpens(connections: Connections, code: string): Promise<number> {
  const rows = await connections.query(query.COUNT_OPENS, [codeKey(code), code]);
  return Number(rows[0]?.[0]);
}

export async function readTotals(connections: Connections): Promise<StoreTotals> {
  const kinds = new Map((await connections.query(query.COUNT_BY_KIND)) as [string, string][]);
  const pixels = await connections.query(query.COUNT_PIXELS);
  return {
    pixels: Number(pixels[0]?.[0]),
    opens: Number(kinds.get('open') ?? 0),
    visits: Number(kinds.get('visit') ?? 0),
  };
}

/** Throws RangeError when `before` holds an id that is none. */
export async function readPixelHits(
  connections: Connections,
  { code, limit, before }: PixelHitsQuery,
): Promise<HitPage> {
  // One more than asked for tells whether there is a page before this one.
  const wanted = limit + 1;
  const found = before === null ? [] : await hitsBeside(connections, code, before);
  if (found.length < wanted) {
    const missing = wanted - found.length;
    found.push(...(await hitsBefore(connections, code, before?.at ?? null, missing)));
  }
  const hits = found.slice(0, limit).toReversed();
  const oldest = hits[0];
  const more = found.length > limit && oldest !== undefined;
  const next = more ? { at: oldest.event.at, id: formatEventId(oldest.id) } : null;
  return { hits, next };
}

/** Hits of the very instant of `place` that stand before it, the newest first. */
async function hitsBeside(
  connections: Connections,
  code: string,
  place: HitPlace,
): Promise<Recorded<Hit>[]> {
  const id = parseEventId(place.id);
  if (id === null) throw new RangeError(`not an event's id: ${place.id}`);
  const hits = await hitsAt(connections, code, place.at);
  return hits.filter((hit) => query.newestFirst({ id, event: hit.event }, hit) < 0);
}

/**
 * At least `count` hits before `at` if there are as many, the newest first. QuestDB stops at `count` rows
 * without sorting, however many hits the pixel has; which hits of the last instant are among them is its
 * own choice, so that instant is read as a whole.
 */
async function hitsBefore(
  connections: Connections,
  code: string,
  at: number | null,
  count: number,
): Promise<Recorded<Hit>[]> {
  const parameters = [codeKey(code), code, count];
  const rows =
    at === null
      ? await connections.query(query.NEWEST_HITS, parameters)
      : await connections.query(query.HITS_BEFORE, [...parameters, query.timeText(at)]);
  const hits = rows.map(query.toHit);
  const last = hits.at(-1)?.event.at;
  if (last === undefined || hits.length < count) return hits.toSorted(query.newestFirst);
  const newer = hits.filter(({ event }) => event.at > last);
  const ofLast = await hitsAt(connections, code, last);
  return [...newer.toSorted(query.newestFirst), ...ofLast];
}

/** All hits of one instant, in the order of the newest first. */
async function hitsAt(
  connections: Connections,
  code: string,
  at: number,
): Promise<Recorded<Hit>[]> {
  const rows = await connections.query(query.HITS_AT, [codeKey(code), code, query.timeText(at)]);
  return rows.map(query.toHit).toSorted(query.newestFirst);
}
