// A thousand requests that nobody planned for, over a real socket, so that no client tidies them up on the
// way.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { apiRig, AUTHORIZED } from '../../test/api-rig.ts';

const KNOWN = [
  '/',
  '/health',
  '/ready',
  '/metrics',
  '/v1/api/status',
  '/v1/api/gen-image',
  '/v1/api/info/AAAAAAAAAAAAAAAA',
  '/v1/pixels',
  '/v1/session',
  '/v1/tokens',
  '/v1/tokens/installation',
  '/v1/pixels/AAAAAAAAAAAAAAAA',
  '/v1/pixels/batch',
  '/v1/pixels/AAAAAAAAAAAAAAAA/hits',
  '/v1/campaigns',
  '/v1/pixels/AAAAAAAAAAAAAAAA/hits/00000000000000aa-1-16/verdict',
  '/v1/own-browser-links',
  '/v1/reclassifications',
  '/v1/erasures/1',
  '/v1/recipients/export',
  '/v1/statistics/opens',
  '/v1/statistics/visits',
];
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'QUERY',
];

const piece = fc.oneof(
  fc.constantFrom('v1', 'api', 'info', 'gen-image', 'status', 'metrics', '..', '.', ''),
  fc.constantFrom('%00', '%2f', '%zz', '%', 'AAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAA.png', '%F0%9F'),
  fc.stringMatching(/^[\x21-\x7e]{0,20}$/),
  fc.stringMatching(/^[\x21-\x7e]{200,300}$/),
);
const path = fc.oneof(
  fc.constantFrom(...KNOWN),
  fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join('/')}`),
);
const query = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    '?limit=1',
    '?limit=1&limit=2',
    '?cursor=x',
    '?__proto__=1',
    '?a[b]=c',
    '?%=%',
    '?interval=hour&split=page',
    '?from=2026-06-01&time_zone=Asia/Kathmandu',
  ),
  fc.stringMatching(/^\?[\x21-\x7e]{0,40}$/),
);
const asked = fc.record({
  method: fc.constantFrom(...METHODS),
  target: fc.tuple(path, query).map((parts) => parts.join('')),
  authorization: fc.oneof(
    fc.constant(AUTHORIZED.authorization),
    fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,40}$/),
  ),
  type: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'x',
    '',
  ),
  body: fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    fc.constantFrom('{"own":true}', '{"mode":"off"}', '{"recipient":"ada"}'),
  ),
});

test('whatever is asked, the answer is never a 5xx, and a problem document or a known type', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-hostile-'));
  const socketPath = join(dir, 'store.sock');
  const { app } = apiRig();
  await app.listen({ path: socketPath });
  const agent = new Agent({ keepAlive: true });
  const statuses = new Set<number>();
  try {
    await fc.assert(
      fc.asyncProperty(asked, async ({ method, target, authorization, type, body }) => {
        const headers = { authorization, 'content-type': type, connection: 'keep-alive' };
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          const outgoing = request({ socketPath, agent, method, path: target, headers }, resolve);
          outgoing.on('error', reject).end(method === 'GET' || method === 'HEAD' ? '' : body);
        });
        const status = response.statusCode ?? 0;
        statuses.add(status);
        const text = Buffer.concat(await response.toArray()).toString();
        const kind = response.headers['content-type'] ?? '';
        assert.ok(status >= 200 && status < 500, `${status} ${text}`);
        if (status < 400) {
          assert.match(
            kind,
            /^(?:application\/(?:json; charset=utf-8|x-ndjson)|text\/(?:html|plain);.*)$/,
          );
        } else {
          assert.equal(kind, 'application/problem+json');
          if (method !== 'HEAD') {
            assert.equal((JSON.parse(text) as { status: number }).status, status);
          }
        }
      }),
      { seed: 20_261_121, numRuns: 1_000 },
    );
    // The generator reaches every kind of answer, or the property says little.
    for (const status of [200, 400, 401, 404, 405]) assert.ok(statuses.has(status), `${status}`);
  } finally {
    agent.destroy();
    await app.close();
    await rm(dir, { recursive: true });
  }
});
