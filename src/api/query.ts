// Parameters that many routes take in their query, as they are read and as they are described.

import { z } from 'zod';
import { describedAs } from './json-schema.ts';

/** How many entries a page has: a whole number from 1 to `max`. */
export function limit(max: number, fallback: number) {
  const digits = String(max).length;
  const parsed = z
    .string('must be given once')
    .regex(new RegExp(`^\\d{1,${digits}}$`), `must be a whole number from 1 to ${max}`)
    .transform(Number)
    .refine((count) => count >= 1 && count <= max, `must be from 1 to ${max}`)
    .default(fallback)
    .describe('How many at most.');
  return describedAs(parsed, { type: 'integer', minimum: 1, maximum: max, default: fallback });
}

/** The `cursor` of the page before, as it stands in that answer; each route says which ones are its own. */
export const CursorText = z
  .string('must be given once')
  .optional()
  .describe('Where to go on: the `cursor` of the page before.');
