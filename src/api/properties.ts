// What callers say about a pixel, from JSON to what a note keeps and back: all of it bounded, so that a note
// always fits, and less of it kept where the pixel's mode or PRIVACY says so.

import { z } from 'zod';
import type { Config, PixelMode } from '../config/config.ts';
import type { PixelProperties } from '../hit/event.ts';
import { METADATA_BYTES_MAX, PROPERTY_BYTES_MAX } from '../limits.ts';
import { describedAs } from './json-schema.ts';
import { formatMicros, SentAt, TimeText } from './times.ts';

export const Mode = z.enum(['individual', 'aggregate', 'off']).meta({
  id: 'Mode',
  description: 'What is kept of hits: what `IP_POLICY` leaves, counts only, or nothing.',
});

/**
 * No line breaks and other control characters: texts end up in files and terminals. And no byte order mark,
 * which comes from a file's first line and is lost on the way out of stores: whoever looks for the text as
 * it was given, to erase it for one, would not find it.
 */
const Text = describedAs(
  z
    .string('must be text')
    .min(1, 'must not be empty; null takes it back')
    // oxlint-disable-next-line no-control-regex -- which ones those are is just this range
    .refine((text) => !/[\u0000-\u001f\u007f]/.test(text), 'must not hold control characters')
    .refine((text) => !text.startsWith('\ufeff'), 'must not begin with a byte order mark (U+FEFF)')
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
    .refine(
      (text) => Buffer.byteLength(text) <= PROPERTY_BYTES_MAX,
      `must have at most ${PROPERTY_BYTES_MAX} bytes`,
    ),
  {
    type: 'string',
    description: `At most ${PROPERTY_BYTES_MAX} bytes in UTF-8.`,
    minLength: 1,
    maxLength: PROPERTY_BYTES_MAX,
    pattern: String.raw`^(?!\ufeff)[^\u0000-\u001f\u007f]*$`,
  },
);

const Metadata = z
  .record(z.string(), z.unknown(), 'must be a JSON object')
  .transform((metadata) => textOf(metadata))
  .refine(
    (text) => Buffer.byteLength(text) <= METADATA_BYTES_MAX,
    `must have at most ${METADATA_BYTES_MAX} bytes as JSON`,
  )
  .describe(`Your own words: any JSON object of at most ${METADATA_BYTES_MAX} bytes.`);

/** What is nested too deeply for this is too long as well. */
function textOf(metadata: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(metadata);
  } catch (error) {
    if (error instanceof RangeError) return ' '.repeat(METADATA_BYTES_MAX + 1);
    throw error;
  }
}

const Properties = z
  .strictObject(
    {
      mode: z
        .enum(Mode.enum, 'must be individual, aggregate or off')
        .nullable()
        .exactOptional()
        .describe('What is to be kept of its hits; null: what the installation says.'),
      sent_at: SentAt.nullable()
        .exactOptional()
        .describe('When its mail was or will be sent: a scanner’s haste shows by it.'),
      recipient: Text.nullable()
        .exactOptional()
        .describe('Whom it is for, once and for good. Not kept where people are not told apart.'),
      label: Text.nullable().exactOptional(),
      campaign: Text.nullable().exactOptional(),
      metadata: Metadata.nullable().exactOptional(),
    },
    'must be a JSON object',
  )
  .meta({ id: 'PixelProperties', description: 'What may be said of a pixel.' });

/** The body that mints: what is left out or null is not said, and no body at all is fine. */
export const PropertiesBody = Properties.nullable().transform((body) => propertiesOf(body ?? {}));

/** The same, one of many in a body. */
export const ListedPropertiesBody = Properties.transform(propertiesOf);

/** The body that changes: what is left out stays, null takes it back. */
export const ChangesBody = Properties.refine((body) => Object.keys(body).length > 0, {
  error: 'must name a property',
  when: ({ issues }) => issues.length === 0,
}).transform(propertiesOf);

function propertiesOf(body: z.output<typeof Properties>): PixelProperties {
  const { sent_at: sentAt, ...others } = body;
  return sentAt === undefined ? others : { ...others, sentAt };
}

type Keeping = Pick<Config, 'pixelMode' | 'privacy'>;

/**
 * What is newly kept of what is said: counts that nobody is told apart in are for no recipient. One that is
 * known already stays whatever the mode becomes, as the hits do that were kept before: without it nobody
 * would find them to hand them out or to erase them. `own` is the mode that the pixel itself has then, null
 * for the installation's.
 */
export function keptProperties(
  properties: PixelProperties,
  own: PixelMode | null,
  config: Keeping,
): PixelProperties {
  const isPersonal = config.privacy !== 'strict' && (own ?? config.pixelMode) === 'individual';
  if (isPersonal) return properties;
  const { recipient: _, ...others } = properties;
  return others;
}

export const PropertiesAnswer = z.object({
  mode: Mode.nullable().describe('What the pixel has of its own; null: that of the installation.'),
  effective_mode: Mode,
  sent_at: TimeText.nullable(),
  recipient: z.string().nullable(),
  label: z.string().nullable(),
  campaign: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
});

/** As an answer shows them; `own` as for {@link keptProperties}. */
export function describeProperties(
  properties: PixelProperties,
  own: PixelMode | null,
  config: Keeping,
): z.input<typeof PropertiesAnswer> {
  const { sentAt, recipient, label, campaign, metadata } = properties;
  return {
    mode: own,
    effective_mode: own ?? config.pixelMode,
    sent_at: sentAt === undefined || sentAt === null ? null : formatMicros(sentAt),
    recipient: recipient ?? null,
    label: label ?? null,
    campaign: campaign ?? null,
    metadata: metadataOf(metadata ?? 'null'),
  };
}

const KeptMetadata = z.record(z.string(), z.unknown());

/** Null too for what no API wrote: an answer must not fail by what a journal or a bus brought. */
function metadataOf(text: string): Record<string, unknown> | null {
  try {
    return KeptMetadata.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
