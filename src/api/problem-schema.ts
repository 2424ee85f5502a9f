// The problem document as a schema, and which problems follow from how a route is defined: these are
// described once here, and a route names only what is its own (`refuses`, src/api/about.ts).

import { z } from 'zod';

export const ProblemBody = z
  .looseObject({
    type: z.literal('about:blank').describe('The status says what kind of problem it is.'),
    title: z.string().describe('The status in words.'),
    status: z.int().describe('The status of the answer.'),
    detail: z.string().optional().describe('What went wrong this time.'),
    instance: z
      .string()
      .optional()
      .describe('Names this occurrence: the server’s log has the same id, as has `x-request-id`.'),
    errors: z
      .array(
        z.object({
          parameter: z.string().describe('The parameter, header or field, with dots into a body.'),
          detail: z.string().describe('What is wrong with it; reads on from its name.'),
        }),
      )
      .optional()
      .describe('With 400: everything that is wrong with the request.'),
  })
  .meta({
    id: 'Problem',
    description: 'What went wrong (RFC 9457). Further keys may stand beside.',
  });

export interface ProblemAnswer {
  readonly name: string;
  readonly description: string;
  /** Headers that it may have, each with its meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly hasBody?: boolean;
}

const RETRY = { 'retry-after': 'Seconds after which to try again; without it, not by itself.' };

/** By status. */
export const COMMON_PROBLEMS: Readonly<Record<number, ProblemAnswer>> = {
  400: {
    name: 'BadRequest',
    description: 'A parameter or a field is wrong or not known: `errors` names each.',
  },
  401: {
    name: 'Unauthorized',
    description: 'No token, or one that is not (any more) valid here.',
    headers: { 'www-authenticate': 'The scheme that is wanted, Bearer, and what was wrong.' },
  },
  403: { name: 'Forbidden', description: 'The token lacks the scope that is needed; it is named.' },
  413: { name: 'ContentTooLarge', description: 'The body is too long.' },
  415: { name: 'UnsupportedMediaType', description: 'The body is not JSON by its Content-Type.' },
  429: {
    name: 'TooManyRequests',
    description: 'Too many wrong tokens came from this address.',
    headers: RETRY,
  },
  431: {
    name: 'RequestHeaderFieldsTooLarge',
    description: 'The query is longer than a request may be; a collector says so without a body.',
    hasBody: false,
  },
  503: {
    name: 'ServiceUnavailable',
    description: 'The store or the journal cannot do it now. Nothing was done; a retry can help.',
    headers: RETRY,
  },
};
