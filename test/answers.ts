// Holds every answer that any test gets of the API against what docs/openapi.json says of it: its status, its
// media type, and its body to the last key. Answers are not checked in production, so they are here.

import assert from 'node:assert/strict';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { OpenApiDocument } from '../src/api/openapi-document.ts';
import { ProblemBody } from '../src/api/problem-schema.ts';
import type { Api } from '../src/api/schema.ts';

const PROBLEM = 'application/problem+json';

/** Fails the running test, whatever it looks at, when `app` gives an answer that is not as documented. */
export function checkAnswers(app: Api, documented: () => Promise<OpenApiDocument>): void {
  app.addHook('onSend', async (request, reply, payload) => {
    try {
      check(request, reply, payload, await documented());
    } catch (error) {
      const { method, url } = request;
      // Thrown here it would become one more answer; so it ends the test as any uncaught error does.
      setImmediate(() => {
        throw new Error(`the answer to ${method} ${url} is not as documented`, { cause: error });
      });
    }
    return payload;
  });
}

function check(
  { method, routeOptions }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  { paths }: OpenApiDocument,
): void {
  const { url = '', schema } = routeOptions;
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const responses = paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[verb]?.responses;
  if (responses === undefined) return;
  const status = reply.statusCode;
  // Its introduction says that our own mistakes may happen anywhere.
  const answer = status === 500 ? {} : responses[status];
  assert.ok(answer !== undefined, `status ${status}, of ${Object.keys(responses).join(', ')}`);
  const type = reply.getHeader('content-type');
  if (status >= 400) {
    assert.equal(type, PROBLEM);
    assert.equal(ProblemBody.parse(JSON.parse(String(payload))).status, status);
    return;
  }
  const types = Object.keys(('content' in answer && answer.content) || {});
  if (types.length === 0) assert.ok(!payload, 'a body where there should be none');
  else {
    const [bare = ''] = String(type).split(';', 1);
    assert.ok(types.includes(String(type)) || types.includes(bare), String(type));
  }
  const bodies = schema?.response as Readonly<Record<number, z.ZodType>> | undefined;
  const body = bodies?.[status];
  if (body === undefined || typeof payload !== 'string' || payload === '') return;
  const parsed = JSON.parse(payload) as unknown;
  // What the schema does not know is missing from what it makes of it.
  assert.deepEqual(body.parse(parsed), parsed);
}
