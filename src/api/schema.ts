// Lets Fastify validate with zod and lets TypeScript know what a route takes and gives: the few lines that a
// type-provider package would bring, with our own words for what is wrong with a request.

import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify';
import { z } from 'zod';
import { PROBLEM_ERRORS_MAX } from '../limits.ts';
import { badRequest } from './refusal.ts';
import type { Scoped } from './scoped.ts';

interface ZodTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  readonly serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown;
}

/** A Fastify instance whose routes have zod schemas and say their scope. */
export type Api = Scoped<ZodTypes>;

/** Strict: a parameter that a route does not know (a privacy mode, say) must not be ignored silently. */
export const NoQuery = z.strictObject({});

/** For routes that need no body, but may get an empty object. */
export const NoBody = z.strictObject({}, 'must be left out').nullable();

/** The schema of an answer without a body, such as 204. */
export const NoContent = z.undefined();

/** Parses a part of the request; what is wrong with it becomes a 400 that names each parameter. */
export const validate: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return (data: unknown) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const whole = httpPart ?? 'request';
    const wrong = parsed.error.issues.flatMap((issue) => complaints(issue, whole));
    return { error: badRequest(wrong.slice(0, PROBLEM_ERRORS_MAX)) };
  };
};

/** Answers are checked against their schemas by the compiler and in tests, not once more for every row. */
export const serialize = (): ((data: unknown) => string) => JSON.stringify;

interface Complaint {
  readonly parameter: string;
  readonly detail: string;
}

/** `whole` names the part of the request, for what is wrong with all of it. */
function complaints(issue: z.core.$ZodIssue, whole: string): Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      parameter: [...issue.path, key].join('.'),
      detail: 'is not known here',
    }));
  }
  return [{ parameter: issue.path.join('.') || whole, detail: issue.message }];
}
