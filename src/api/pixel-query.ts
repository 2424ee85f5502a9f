// Which pixels a query asks for, and in which order: the parameters of the list of pixels, and of whatever
// else is about the same ones.

import { z } from 'zod';
import type { PixelMode } from '../config/config.ts';
import { PROPERTY_BYTES_MAX, SEARCH_BYTES_MAX } from '../limits.ts';
import type { PixelFilter, PixelSort } from '../store/listing.ts';
import { badRequest } from './refusal.ts';
import { TimeOrDate } from './times.ts';

const textUpTo = (bytes: number) =>
  z
    .string('must be given once')
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
    .refine((text) => Buffer.byteLength(text) <= bytes, `must have at most ${bytes} bytes`);

/** Part of some texts; an empty one is part of all. */
export const SearchText = textUpTo(SEARCH_BYTES_MAX).exactOptional();

const oneOf = <const Name extends string>(...names: readonly [Name, ...Name[]]) =>
  z.enum(names, `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`).exactOptional();

/** For the schemas of queries. {@link readPixelFilter} makes a filter of them. */
export const PIXEL_FILTERS = {
  search: SearchText.describe(
    'Part of the code, label, campaign or recipient, upper and lower case alike; no character is special.',
  ),
  campaign: textUpTo(PROPERTY_BYTES_MAX)
    .exactOptional()
    .describe('Exactly this one; empty: pixels without one.'),
  recipient: textUpTo(PROPERTY_BYTES_MAX)
    .exactOptional()
    .describe('Exactly this one; empty: pixels without one.'),
  mode: oneOf('individual', 'aggregate', 'off').describe('The `effective_mode`.'),
  opened: oneOf('yes', 'no').describe(
    'Whether anybody looked at it, machines left out: `unique_opens` is 0 or more.',
  ),
  created_from: TimeOrDate.exactOptional().describe(
    'Minted then or later: a time with its offset, or a date (in UTC).',
  ),
  created_to: TimeOrDate.exactOptional().describe('Minted before then.'),
};

export const PIXEL_ORDER = {
  sort: oneOf('created_at', 'sent_at', 'label', 'recipient', 'campaign').describe(
    '`created_at` when left out. Texts go by their bytes; pixels without a value come last.',
  ),
  order: oneOf('asc', 'desc').describe(
    'When left out: `desc` (newest first) for times, `asc` for texts.',
  ),
};

const Filters = z.object(PIXEL_FILTERS);
const Order = z.object(PIXEL_ORDER);

/** `defaultMode` is what pixels without a mode of their own have. Throws 400, naming the parameter. */
export function readPixelFilter(
  query: z.output<typeof Filters>,
  defaultMode: PixelMode,
): PixelFilter {
  const { search, campaign, recipient, mode, opened } = query;
  const { created_from: createdFrom, created_to: createdTo } = query;
  if (createdFrom !== undefined && createdTo !== undefined && createdFrom >= createdTo) {
    throw badRequest([{ parameter: 'created_from', detail: 'must be before created_to' }]);
  }
  return {
    ...(search === undefined || search === '' ? {} : { search }),
    ...(campaign === undefined ? {} : { campaign: campaign === '' ? null : campaign }),
    ...(recipient === undefined ? {} : { recipient: recipient === '' ? null : recipient }),
    ...(mode === undefined ? {} : { modes: mode === defaultMode ? [mode, null] : [mode] }),
    ...(opened === undefined ? {} : { opened: opened === 'yes' }),
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
  };
}

const SORT_OF = {
  created_at: 'createdAt',
  sent_at: 'sentAt',
  label: 'label',
  recipient: 'recipient',
  campaign: 'campaign',
} as const satisfies Record<string, PixelSort>;

export function readPixelOrder({ sort = 'created_at', order }: z.output<typeof Order>): {
  readonly sort: PixelSort;
  readonly order: 'ascending' | 'descending';
} {
  const isTime = sort === 'created_at' || sort === 'sent_at';
  const direction = order ?? (isTime ? 'desc' : 'asc');
  return { sort: SORT_OF[sort], order: direction === 'asc' ? 'ascending' : 'descending' };
}
