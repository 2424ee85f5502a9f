// The application as a whole: who may ask what, and that whatever goes wrong is a problem document.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { apiRig, AUTHORIZED, TOKEN } from '../../test/api-rig.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import type { ApiParts } from './parts.ts';

const INFO = '/v1/api/info/AAAAAAAAAAAAAAAA';
const PROBLEM = 'application/problem+json';

describe('who may ask', () => {
  const OPEN = ['/', '/favicon.ico', '/robots.txt', '/health', '/ready', '/v1/api/status'];
  const GUARDED = ['/v1/api/gen-image', INFO, '/metrics'];
  const cases: readonly [Partial<ApiParts['config']>, Record<string, number>][] = [
    [{}, { '/v1/api/gen-image': 401, [INFO]: 401, '/metrics': 401 }],
    [{ metricsAuth: 'none' }, { '/v1/api/gen-image': 401, [INFO]: 401, '/metrics': 200 }],
    [{ apiAuth: 'none' }, { '/v1/api/gen-image': 200, [INFO]: 404, '/metrics': 200 }],
  ];
  for (const [config, expected] of cases) {
    test(`with ${JSON.stringify(config)} a stranger gets ${Object.values(expected).join(', ')}`, async () => {
      const { app } = apiRig(config);
      for (const url of OPEN) {
        const { statusCode } = await app.inject({ url });
        assert.ok(statusCode === 200 || statusCode === 204, `${url}: ${statusCode}`);
      }
      for (const url of GUARDED) {
        assert.equal((await app.inject({ url })).statusCode, expected[url], url);
      }
    });
  }

  test('the token opens everything', async () => {
    const { app } = apiRig();
    const replies = GUARDED.map((url) => app.inject({ url, headers: AUTHORIZED }));
    assert.deepEqual(
      (await Promise.all(replies)).map((reply) => reply.statusCode),
      [200, 404, 200],
    );
  });

  test('a refusal is a problem with a challenge, and is counted by reason', async () => {
    const registry = createRegistry('test');
    const { app } = apiRig({}, { registry });
    const sent: [string | undefined, string][] = [
      [undefined, 'Bearer realm="truepixel"'],
      ['', 'Bearer realm="truepixel", error="invalid_token"'],
      [`Basic ${TOKEN}`, 'Bearer realm="truepixel", error="invalid_token"'],
      ['Bearer nonsense', 'Bearer realm="truepixel", error="invalid_token"'],
      [`Bearer ${'x'.repeat(9_000)}`, 'Bearer realm="truepixel", error="invalid_token"'],
    ];
    for (const [authorization, challenge] of sent) {
      const headers = authorization === undefined ? {} : { authorization };
      const reply = await app.inject({ url: INFO, headers });
      assert.equal(reply.statusCode, 401);
      assert.equal(reply.headers['content-type'], PROBLEM);
      assert.equal(reply.headers['www-authenticate'], challenge);
      assert.ok(!reply.body.includes(TOKEN));
    }
    const text = await registry.getSingleMetricAsString('truepixel_api_unauthorized_total');
    assert.match(text, /reason="missing",process="test"\} 1$/m);
    assert.match(text, /reason="malformed",process="test"\} 2$/m);
    assert.match(text, /reason="wrong",process="test"\} 2$/m);
  });
});

describe('operations', () => {
  test('the status line is what TrackPixel says, byte for byte', async () => {
    const reply = await apiRig().app.inject({ url: '/v1/api/status' });
    assert.equal(reply.body, '{"data":"Pixel tracker API running smoothly","status":"success"}');
  });

  test('readiness follows the store process and tells of the others', async () => {
    const { app, world } = apiRig();
    world.processes = {
      'collector-0': { ready: false, reason: 'the journal is full' },
      store: { ready: true, reason: null },
    };
    const ready = await app.inject({ url: '/ready' });
    assert.equal(ready.statusCode, 200);
    assert.deepEqual(ready.json(), { status: 'ready', processes: world.processes });
    world.processes = { store: { ready: false, reason: 'the loader is behind' } };
    const behind = await app.inject({ url: '/ready' });
    assert.equal(behind.statusCode, 503);
    assert.equal(behind.json<{ detail: string }>().detail, 'the loader is behind');
    world.processes = {};
    const silent = await app.inject({ url: '/ready' });
    assert.equal(silent.statusCode, 503);
    assert.equal(silent.headers['content-type'], PROBLEM);
  });

  test('metrics are Prometheus text, and requests are counted by route and status', async () => {
    const registry = createRegistry('test');
    const { app } = apiRig({}, { registry, metrics: () => registry.metrics() });
    await app.inject({ url: INFO, headers: AUTHORIZED });
    await app.inject({ url: '/no/such/path' });
    const reply = await app.inject({ url: '/metrics', headers: AUTHORIZED });
    assert.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(
      reply.body,
      /^truepixel_api_requests_total\{method="GET",route="\/v1\/api\/info\/:code",status="404",.*\} 1$/m,
    );
    assert.match(reply.body, /route="none",status="404",process="test"\} 1$/m);
    assert.match(reply.body, /^truepixel_api_request_seconds_count\{[^}]*route="none"[^}]*\} 1$/m);
  });
});

describe('what goes wrong', () => {
  const cases: readonly [string, InjectOptions, number][] = [
    ['an unknown path', { url: '/nothing' }, 404],
    ['a path with a slash too many', { url: '/health/' }, 404],
    ['a path in another case', { url: '/HEALTH' }, 404],
    ['a method that a path does not know', { method: 'DELETE', url: '/health' }, 405],
    ['a method that hardly anybody knows', { method: 'PROPFIND', url: INFO }, 405],
    ['broken percent-encoding', { url: '/v1/api/info/%zz' }, 400],
    ['half a surrogate', { url: '/v1/api/info/%ED%A0%80' }, 400],
    [
      'a body that is too large',
      { method: 'POST', url: '/echo', payload: { a: 'x'.repeat(2 ** 20) } },
      413,
    ],
    [
      'a body of another type',
      { method: 'POST', url: '/echo', payload: 'x', headers: { 'content-type': 'image/png' } },
      415,
    ],
    [
      'a body that is no JSON',
      {
        method: 'POST',
        url: '/echo',
        payload: '{',
        headers: { 'content-type': 'application/json' },
      },
      400,
    ],
    ['our own mistake', { url: '/mistake' }, 500],
  ];
  for (const [name, request, status] of cases) {
    test(`${name} is a ${status} problem document`, async () => {
      const { app } = apiRig();
      app.post('/echo', { config: { scope: 'none' } }, (each) => each.body);
      app.get('/mistake', { config: { scope: 'none' } }, () => {
        throw Object.assign(new Error('a secret'), { statusCode: 418 });
      });
      const reply = await app.inject(request);
      assert.equal(reply.statusCode, status, reply.body);
      assert.equal(reply.headers['content-type'], PROBLEM);
      assert.equal(reply.headers['cache-control'], 'no-store');
      assert.equal(reply.headers['x-content-type-options'], 'nosniff');
      const document = reply.json<Record<string, unknown>>();
      assert.equal(document['status'], status);
      assert.equal(document['type'], 'about:blank');
      assert.match(String(document['instance']), /^urn:uuid:[0-9a-f-]{36}$/);
      assert.ok(!reply.body.includes('secret'));
      if (status === 405) assert.equal(reply.headers['allow'], 'GET, HEAD');
    });
  }

  test('answers carry no hint of the software and forbid framing and sniffing', async () => {
    const { headers } = await apiRig().app.inject({ url: '/v1/api/status' });
    assert.equal(headers['server'], undefined);
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  });
});
