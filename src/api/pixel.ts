// What all routes about one pixel share: which codes can be one, its addresses, and which mode it has.

import { z } from 'zod';
import type { PixelMode } from '../config/config.ts';
import type { PixelProperties } from '../hit/event.ts';
import { CODE_BYTES_MAX } from '../limits.ts';
import { readCursor } from './cursor.ts';
import { escapeHtml } from './html.ts';
import type { HitPlace } from '../store/store.ts';
import type { ApiParts } from './parts.ts';
import { badRequest, Refusal } from './refusal.ts';

/** A pixel's code in a path. What can be none is not found, rather than refused. */
export const CodeText = z.string().describe('The code of the pixel.');

// oxlint-disable-next-line no-control-regex -- which characters those are is just this range
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** Throws 404 for a code that no pixel can have: it need not be looked for. */
export function demandPossible(code: string): void {
  if (Buffer.byteLength(code) > CODE_BYTES_MAX || CONTROL_CHARACTER.test(code)) {
    throw unknownPixel();
  }
}

export const unknownPixel = (): Refusal => new Refusal(404, 'no pixel has this code');

export const imageUrl = (baseUrl: string, code: string): string =>
  `${baseUrl}/image/${encodeURIComponent(code)}.png`;

/** To be put into a mail or a page as it is. */
export const imageHtml = (baseUrl: string, code: string): string =>
  `<img src="${escapeHtml(imageUrl(baseUrl, code))}" width="1" height="1" alt="">`;

/** The same in CommonMark: in angle brackets, whatever the address has in it. */
export function imageMarkdown(baseUrl: string, code: string): string {
  const url = imageUrl(baseUrl, code)
    .replaceAll(/[<>]/g, encodeURIComponent)
    .replaceAll('\\', '\\\\')
    .replaceAll('&', '&amp;');
  return `![](<${url}>)`;
}

/**
 * The mode of the pixel's own, as collectors see it: what was said of it last, else what its code says of
 * its minting. Null: the installation's counts.
 */
export function ownMode(
  codes: Pick<ApiParts['codes'], 'verify'>,
  code: string,
  { mode }: PixelProperties,
): PixelMode | null {
  return mode ?? codes.verify(code)?.mode ?? null;
}

/** Where a page of the pixel's hits begins; null without a cursor. Throws 400 for one that is not of it. */
export function placeIn(code: string, cursor: string | undefined): HitPlace | null {
  if (cursor === undefined) return null;
  const place = readCursor(code, cursor);
  if (place !== null) return place;
  throw badRequest([{ parameter: 'cursor', detail: 'is not one of this pixel' }]);
}
