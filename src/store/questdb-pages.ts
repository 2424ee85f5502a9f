// Hits page by page, before or behind a place. QuestDB reads in the order of time and stops at as many rows
// as were asked for, without sorting, however many there are; which hits of the last instant are among them
// is its own choice, so that instant is read as a whole and put in order here.

import type { JudgedHit } from '../hit/event.ts';
import { compareIds } from './last-word.ts';
import type { Connections } from './questdb-connection.ts';
import { hitsAtInstant, hitsBeyond, hitsInOrder, type Scope } from './questdb-query.ts';
import { idOf, timeText, toHit } from './questdb-row.ts';
import type { HitPlace, HitsQuery } from './store.ts';

type Order = HitsQuery['order'];

/**
 * At least `count` hits beyond `place` if there are as many, in that order, beginning with those next to
 * it; null stands for the end that the order begins with. Throws RangeError when `place` holds an id that
 * is none.
 */
export async function hitsFrom(
  connections: Connections,
  scope: Scope,
  order: Order,
  place: HitPlace | null,
  count: number,
): Promise<JudgedHit[]> {
  if (place === null) return await hitsPast(connections, scope, order, null, count);
  const id = idOf(place.id);
  const beside = (await hitsAt(connections, scope, order, place.at)).filter(
    (hit) => inOrder(order)({ ...hit, id }, hit) < 0,
  );
  if (beside.length >= count) return beside;
  const missing = count - beside.length;
  return [...beside, ...(await hitsPast(connections, scope, order, place.at, missing))];
}

async function hitsPast(
  connections: Connections,
  scope: Scope,
  order: Order,
  at: number | null,
  count: number,
): Promise<JudgedHit[]> {
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const parameters = [...scope.parameters, count];
  const rows =
    at === null
      ? await connections.query(hitsInOrder(scope, direction), parameters)
      : await connections.query(hitsBeyond(scope, direction), [...parameters, timeText(at)]);
  const hits = rows.map(toHit);
  const last = hits.at(-1)?.event.at;
  if (last === undefined || hits.length < count) return hits.toSorted(inOrder(order));
  const whole = hits.filter(({ event }) => event.at !== last).toSorted(inOrder(order));
  return [...whole, ...(await hitsAt(connections, scope, order, last))];
}

/** All hits of one instant. */
async function hitsAt(
  connections: Connections,
  scope: Scope,
  order: Order,
  at: number,
): Promise<JudgedHit[]> {
  const rows = await connections.query(hitsAtInstant(scope), [...scope.parameters, timeText(at)]);
  return rows.map(toHit).toSorted(inOrder(order));
}

function inOrder(order: Order): (a: JudgedHit, b: JudgedHit) => number {
  return order === 'oldest' ? oldestFirst : (a, b) => oldestFirst(b, a);
}

function oldestFirst(a: JudgedHit, b: JudgedHit): number {
  return a.event.at - b.event.at || compareIds(a.id, b.id);
}
