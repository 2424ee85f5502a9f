// Minting once, however often it is asked for: a request that names an `Idempotency-Key` gets the codes that
// belong to that key, so that a retry names the same pixels, whatever was lost in between.
//
// Nothing is kept to know a key again. The codes are derived from it under the codes' secret (hit/code.ts),
// and what was minted under it is found in the store by them: after a crash, on another machine with the
// same secret and store, and years later. A keyed digest of all that was asked for stands in each pixel's
// note, so that another request under the same key is told apart.

import { z } from 'zod';
import { Hmac } from '../hit/hmac.ts';
import type { PixelProperties } from '../hit/event.ts';
import { IDEMPOTENCY_KEY_CHARS_MAX } from '../limits.ts';

export const IDEMPOTENCY_KEY = 'idempotency-key';
/** Of an answer: whether everything in it was minted by an earlier request. */
export const REPLAYED = 'idempotency-replayed';

const DIGEST_BYTES = 16;

/** Loose: the other headers are nobody's business here. Sent twice it arrives with a comma and a blank. */
export const KeyHeaders = z.looseObject({
  [IDEMPOTENCY_KEY]: z
    .string()
    .regex(
      new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY_KEY_CHARS_MAX}}$`),
      `must be given once, with 1 to ${IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII characters`,
    )
    .exactOptional()
    .describe(
      'Any text of your own, one for each request that you mean: a retry with the same one gets the same ' +
        'pixels and mints none twice.',
    ),
});

export interface KeyedRequest {
  readonly key: string;
  /** Keys of different callers are different keys. */
  readonly caller: string;
}

/** From what the code of the pixel at this place among those of one request is derived. */
export function seedOf({ key, caller }: KeyedRequest, place: number): string {
  return JSON.stringify([caller, key, place]);
}

/**
 * Stands for everything that one request asked for, so far as it is kept: 22 characters. `form` tells a list
 * of one from a single pixel.
 */
export function digestOf(
  secret: Uint8Array,
  form: 'one' | 'list',
  asked: readonly PixelProperties[],
): string {
  const text = JSON.stringify([form, asked.map((properties) => inOrder(properties))]);
  return new Hmac(secret).digest(`minting request ${text}`).toString('base64url', 0, DIGEST_BYTES);
}

/** However they were ordered in the body. What is null is not said. */
function inOrder(properties: PixelProperties): readonly (readonly [string, unknown])[] {
  return Object.entries(properties)
    .filter(([, value]) => value !== null)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
