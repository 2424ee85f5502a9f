// Which hits a query asks for: the dimensions' names as parameters, each of which may be given several times.

import { z } from 'zod';
import { CLASS_OF_REASON, DEVICES } from '../hit/verdict.ts';
import {
  CODE_BYTES_MAX,
  FILTER_VALUES_MAX,
  PROPERTY_BYTES_MAX,
  REFERRER_BYTES_MAX,
} from '../limits.ts';
import { type Dimension, HIT_DIMENSIONS, type Selection } from '../store/selection.ts';

export const OPEN_DIMENSIONS = [
  'campaign',
  'pixel',
  ...HIT_DIMENSIONS,
] as const satisfies readonly Dimension[];

const CLASSES = [...new Set(Object.values(CLASS_OF_REASON))];

const textUpTo = (bytes: number) =>
  z
    .string()
    .max(bytes, { error: `must have at most ${bytes} bytes`, abort: true })
    .refine((text) => Buffer.byteLength(text) <= bytes, `must have at most ${bytes} bytes`);

const oneOf = (values: readonly string[]) =>
  z.enum(['', ...values], `must be one of ${values.join(', ')}, or empty`);

/** A parameter that may be there several times. */
const filter = <Value extends string>(value: z.ZodType<Value>, what: string) =>
  z
    .union(
      [
        value,
        z.array(value).max(FILTER_VALUES_MAX, `must be given at most ${FILTER_VALUES_MAX} times`),
      ],
      { error: reasonOf },
    )
    .exactOptional()
    .describe(`${what} Given several times: any of them; empty: hits that have none.`);

/** What is wrong with a value, rather than that it is none of the two. */
function reasonOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors.flat().find(({ code }) => code !== 'invalid_type')?.message;
}

/** Of hits of either kind. */
export const VISIT_FILTERS = {
  class: filter(oneOf(CLASSES), 'The class of the verdict.'),
  client: filter(textUpTo(PROPERTY_BYTES_MAX), 'The name of the client, such as Thunderbird.'),
  os: filter(textUpTo(PROPERTY_BYTES_MAX), 'The operating system.'),
  device: filter(oneOf(DEVICES), 'The kind of device.'),
  country: filter(
    z.string().regex(/^(?:[A-Z]{2})?$/, 'must be two capitals (ISO 3166-1), or empty'),
    'ISO 3166-1 alpha-2, in capitals.',
  ),
  referrer: filter(textUpTo(REFERRER_BYTES_MAX), 'The site of the Referer, in lower case.'),
  page: filter(textUpTo(REFERRER_BYTES_MAX), 'The Referer up to its first ? or #.'),
};

export const OPEN_FILTERS = {
  campaign: filter(textUpTo(PROPERTY_BYTES_MAX), 'The campaign of the pixel.'),
  pixel: filter(textUpTo(CODE_BYTES_MAX), 'The code of the pixel.'),
  ...VISIT_FILTERS,
};

export type Filters = Readonly<Partial<Record<Dimension, string | readonly string[]>>>;

/** What a query that has passed one of the two sets of filters asks for. */
export function readFilters(query: Filters): Selection['where'] {
  const where: Partial<Record<Dimension, readonly (string | null)[]>> = {};
  for (const dimension of OPEN_DIMENSIONS) {
    const given = query[dimension];
    if (given === undefined) continue;
    const values = new Set([given].flat().map((value) => (value === '' ? null : value)));
    where[dimension] = [...values];
  }
  return where;
}
