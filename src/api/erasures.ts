// Forgetting: erasure of a pixel, of all pixels of a recipient, or of the hits of an address, as a job whose
// report can be read when it is done. What it removes where stands in docs/erasure.md.

import { z } from 'zod';
import type { ErasureJob } from '../delivery/erasure-job.ts';
import { canonicalAddress } from '../hit/address.ts';
import { CODE_BYTES_MAX, PROPERTY_BYTES_MAX } from '../limits.ts';
import type { About } from './about.ts';
import { describedAs } from './json-schema.ts';
import type { ApiParts } from './parts.ts';
import { Refusal, refuseFullDisk } from './refusal.ts';
import { type Api, NoQuery } from './schema.ts';

export const ERASURES = '/v1/erasures';

const bytesUpTo = (max: number) =>
  z
    .string('must be text')
    .min(1, 'must not be empty')
    .refine((text) => Buffer.byteLength(text) <= max, `must have at most ${max} bytes`);

/** Exactly the text that was given for the pixels. */
export const Recipient = bytesUpTo(PROPERTY_BYTES_MAX);

const Subject = describedAs(
  z
    .strictObject(
      {
        pixel: bytesUpTo(CODE_BYTES_MAX).exactOptional(),
        recipient: Recipient.exactOptional(),
        address: z
          .string('must be text')
          .transform((text) => canonicalAddress(text))
          .refine((address) => address !== null, 'is no IPv4 or IPv6 address')
          .exactOptional(),
      },
      'must be a JSON object',
    )
    .transform(({ pixel, recipient, address }, context) => {
      const subjects = [
        ...(pixel === undefined ? [] : [{ pixel }]),
        ...(recipient === undefined ? [] : [{ recipient }]),
        ...(address === undefined || address === null ? [] : [{ address }]),
      ];
      const [subject, ...others] = subjects;
      if (subject !== undefined && others.length === 0) return subject;
      context.addIssue('must name one of pixel, recipient and address');
      return z.NEVER;
    }),
  {
    type: 'object',
    description: 'What is to be forgotten: one of them.',
    properties: {
      pixel: { type: 'string', description: 'A code.', minLength: 1, maxLength: CODE_BYTES_MAX },
      recipient: {
        type: 'string',
        description: 'Exactly as it was said of the pixels: all of them go.',
        minLength: 1,
        maxLength: PROPERTY_BYTES_MAX,
      },
      address: { type: 'string', description: 'IPv4 or IPv6: every hit from it goes.' },
    },
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  },
);

const ASK: About = {
  id: 'askErasure',
  tag: 'Privacy',
  summary: 'Forget a pixel, all pixels of a recipient, or the hits of an address',
  description:
    'Removes it from the store, the journal, its archive and the visit log. Asking twice is harmless.',
  returns: 'The erasure, which has begun and survives a restart.',
  headers: { location: 'Where its report is.' },
};

const REPORT: About = {
  id: 'readErasure',
  tag: 'Privacy',
  summary: 'Read how far an erasure is, and what it removed where',
  returns: 'The report.',
  refuses: { 404: 'No erasure has this id.' },
};

const Erased = z.object({ records: z.int(), files: z.int() }).meta({ id: 'ErasedRecords' });

export const ErasureAnswer = z
  .object({
    id: z.string(),
    of: z.enum(['pixel', 'recipient', 'address']),
    state: z.enum(['open', 'done']),
    asked_at: z.iso.datetime(),
    done_at: z.iso.datetime().nullable(),
    obstacle: z
      .string()
      .nullable()
      .describe('Why it is not done yet and is tried again; null: nothing.'),
    removed: z.object({
      pixels: z.int(),
      store_hits: z.int(),
      visit_log_lines: z.int(),
      journal: Erased,
      archive: Erased,
      corrupt: Erased,
    }),
    unreached: z.array(z.string()).describe('What is left for somebody else to remove.'),
  })
  .meta({ id: 'Erasure', description: 'An erasure as a job, and what it removed so far.' });

export function serveErasures(app: Api, { erasures }: Pick<ApiParts, 'erasures'>): void {
  app.post(
    ERASURES,
    {
      config: { scope: 'admin' },
      schema: { about: ASK, querystring: NoQuery, body: Subject, response: { 202: ErasureAnswer } },
    },
    async ({ body }, reply) => {
      const job = await erasures.ask(body).catch(refuseFullDisk('what was asked for'));
      return reply
        .code(202)
        .header('location', `${ERASURES}/${job.id}`)
        .send(erasureAnswer(job, null));
    },
  );
  app.get(
    `${ERASURES}/:id`,
    {
      config: { scope: 'admin' },
      schema: {
        about: REPORT,
        params: z.object({ id: z.string().describe('The `id` of the erasure.') }),
        querystring: NoQuery,
        response: { 200: ErasureAnswer },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ params }) => {
      const found = await erasures.find(params.id);
      if (found === null) throw new Refusal(404, 'no erasure has this id');
      return erasureAnswer(found.job, found.obstacle);
    },
  );
}

export function erasureAnswer(
  job: ErasureJob,
  obstacle: string | null,
): z.input<typeof ErasureAnswer> {
  const { id, kind, askedAt, doneAt, removed, unreached } = job;
  const { pixels, storeHits, visitLogLines, journal, archive, corrupt } = removed;
  return {
    id,
    of: kind,
    state: doneAt === null ? 'open' : 'done',
    asked_at: askedAt,
    done_at: doneAt,
    obstacle,
    removed: {
      pixels,
      store_hits: storeHits,
      visit_log_lines: visitLogLines,
      journal,
      archive,
      corrupt,
    },
    unreached,
  };
}
