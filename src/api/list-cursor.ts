// Cursors of lists: a place in one, made opaque so that callers do not build on what is inside. Each carries
// a check over the place and over what the list is of, so that one which was cut, altered or meant for
// another list is told from a good one instead of giving the wrong page. It is no secret and grants nothing.

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { badRequest } from './refusal.ts';

const CHECK_CHARS = 8;

/** What a list is of: whatever a cursor of it must not be used with otherwise. JSON. */
export type ListName = readonly unknown[];

const check = (list: ListName, place: string): string =>
  createHash('sha256')
    .update(`${place} ${JSON.stringify(list)}`)
    .digest('base64url')
    .slice(0, CHECK_CHARS);

/** The text for `place`, which is JSON, in `list`: [A-Za-z0-9_-]. */
export function writeListCursor(list: ListName, place: object): string {
  return encoded(list, JSON.stringify(place));
}

const encoded = (list: ListName, place: string): string =>
  check(list, place) + Buffer.from(place).toString('base64url');

/** The place that {@link writeListCursor} wrote for the same list. Throws 400 for anything else. */
export function readListCursor<Place extends object>(
  list: ListName,
  cursor: string,
  schema: z.ZodType<Place>,
): Place {
  const text = Buffer.from(cursor.slice(CHECK_CHARS), 'base64url').toString();
  const place = schema.safeParse(parseJson(text)).data;
  // Writing it again catches what a lenient decoder lets through.
  if (place !== undefined && encoded(list, text) === cursor) return place;
  throw badRequest([{ parameter: 'cursor', detail: 'is not one of this list' }]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
