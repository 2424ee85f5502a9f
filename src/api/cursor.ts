// The cursor that pages back through a pixel's hits: a place in them, made opaque so that callers do not
// build on what is inside. It carries a check over the place and the pixel, so that one that was cut,
// altered or meant for another pixel is told from a good one instead of giving the wrong page. It is no
// secret and grants nothing.

import { createHash } from 'node:crypto';
import { parseEventId } from '../hit/event.ts';
import type { HitPlace } from '../store/store.ts';

const CHECK_CHARS = 8;
const PLACE = /^(\d{1,16})\.([0-9a-f-]{1,64})$/;

const check = (code: string, place: string): string =>
  createHash('sha256').update(`${place} ${code}`).digest('base64url').slice(0, CHECK_CHARS);

/** The text for `place` in the hits of pixel `code`: [A-Za-z0-9_-], under 100 characters. */
export function writeCursor(code: string, { at, id }: HitPlace): string {
  const place = `${at}.${id}`;
  return check(code, place) + Buffer.from(place).toString('base64url');
}

/** The place that {@link writeCursor} wrote for the same pixel; null for anything else. */
export function readCursor(code: string, cursor: string): HitPlace | null {
  const place = Buffer.from(cursor.slice(CHECK_CHARS), 'base64url').toString('latin1');
  const [, at, id = ''] = PLACE.exec(place) ?? [];
  if (at === undefined || parseEventId(id) === null) return null;
  const found: HitPlace = { at: Number(at), id };
  // Writing it again catches what a lenient decoder lets through, and a number past 2^53.
  return writeCursor(code, found) === cursor ? found : null;
}
