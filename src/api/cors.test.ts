// Pages of other origins: nobody but those that are named, with tokens and never with cookies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiRig, AUTHORIZED, TOKEN } from '../../test/api-rig.ts';

const APP = 'https://app.example';
const named = () => apiRig({ corsOrigins: [APP, 'http://localhost:5173'] }).app;
const PREFLIGHT = {
  method: 'OPTIONS',
  url: '/v1/pixels',
  headers: { origin: APP, 'access-control-request-method': 'POST' },
} as const;

const corsHeaders = (headers: object): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

test('without the option no answer allows anything, and a preflight is an unknown method', async () => {
  const { app } = apiRig();
  const preflight = await app.inject(PREFLIGHT);
  assert.equal(preflight.statusCode, 405);
  const reply = await app.inject({ url: '/v1/tokens', headers: { ...AUTHORIZED, origin: APP } });
  assert.equal(reply.statusCode, 200);
  for (const { headers } of [preflight, reply]) {
    assert.deepEqual(corsHeaders(headers), []);
    assert.equal(headers['vary'], undefined);
  }
});

test('a named origin may ask with a token, and is told what it may send', async () => {
  const app = named();
  const preflight = await app.inject(PREFLIGHT);
  assert.equal(preflight.statusCode, 204);
  assert.equal(preflight.headers['access-control-allow-origin'], APP);
  assert.match(String(preflight.headers['access-control-allow-methods']), /POST, PATCH, DELETE/);
  const allowed = String(preflight.headers['access-control-allow-headers']);
  for (const name of ['authorization', 'content-type', 'idempotency-key', 'last-event-id']) {
    assert.ok(allowed.split(', ').includes(name), name);
  }
  const headers = { ...AUTHORIZED, origin: APP, 'sec-fetch-site': 'cross-site' };
  const reply = await app.inject({ method: 'POST', url: '/v1/own-browser-links', headers });
  assert.equal(reply.statusCode, 201);
  assert.equal(reply.headers['access-control-allow-origin'], APP);
  assert.equal(reply.headers['vary'], 'origin');
});

test('problems can be read by a named origin too', async () => {
  const app = named();
  const requests = [
    { url: '/v1/tokens', status: 401 },
    { url: '/v1/nothing', status: 404 },
    { url: '/v1/tokens?x=1', status: 400, headers: AUTHORIZED },
  ];
  for (const { url, status, headers } of requests) {
    const reply = await app.inject({ url, headers: { ...headers, origin: APP } });
    assert.equal(reply.statusCode, status);
    assert.equal(reply.headers['access-control-allow-origin'], APP, url);
  }
});

test('anybody else is told nothing: other origins, other cases, null, several at once', async () => {
  const app = named();
  const others = [
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:8443',
    'https://APP.example',
    'null',
    `${APP} https://evil.example`,
    `${APP}, ${APP}`,
  ];
  for (const origin of others) {
    const headers = { ...PREFLIGHT.headers, origin };
    const preflight = await app.inject({ ...PREFLIGHT, headers });
    assert.equal(preflight.statusCode, 405, origin);
    assert.deepEqual(corsHeaders(preflight.headers), [], origin);
    const reply = await app.inject({ url: '/v1/tokens', headers: { ...AUTHORIZED, origin } });
    assert.deepEqual(corsHeaders(reply.headers), [], origin);
    assert.equal(reply.headers['vary'], 'origin');
  }
});

test('no cookie ever: neither allowed, nor taken from a named origin, nor given to one', async () => {
  const rig = apiRig({ corsOrigins: [APP] });
  const asked = { method: 'POST', url: '/v1/session', payload: { token: TOKEN } } as const;
  const signedIn = await rig.app.inject(asked);
  const cookie = String(signedIn.headers['set-cookie']).split(';', 1)[0] ?? '';
  const foreign = await rig.app.inject({ ...asked, headers: { origin: APP } });
  assert.equal(foreign.statusCode, 403);
  assert.deepEqual(corsHeaders(foreign.headers), []);
  const preflight = await rig.app.inject({ ...PREFLIGHT, url: '/v1/session' });
  assert.equal(preflight.statusCode, 405);
  for (const method of ['GET', 'POST'] as const) {
    const headers = { cookie, origin: APP };
    const reply = await rig.app.inject({ method, url: '/v1/reclassifications', headers });
    assert.equal(reply.statusCode, 403, method);
    assert.equal(reply.headers['access-control-allow-credentials'], undefined);
  }
});

test('what is no API is not offered: the dashboard, metrics', async () => {
  const app = named();
  for (const url of ['/', '/metrics', '/health', '/v1x']) {
    const reply = await app.inject({ url, headers: { ...AUTHORIZED, origin: APP } });
    assert.deepEqual(corsHeaders(reply.headers), [], url);
  }
});
