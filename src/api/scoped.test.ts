// That no route is served without a word on who may ask it, and that the words are the right ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { apiRig } from '../../test/api-rig.ts';
import { demandScopes } from './scoped.ts';

/** What anybody may ask. A route that is new here was thought about. */
const OPEN = new Set([
  '/',
  '/pixels',
  '/pixels/:code',
  '/visits',
  '/campaigns',
  '/live',
  '/tokens',
  '/assets/:name',
  '/favicon.ico',
  '/robots.txt',
  '/health',
  '/ready',
  '/ignore-me',
  '/v1/session',
  '/v1/api/status',
  '/v1/openapi.json',
  '/v1/reference',
]);

test('every route of the API says its scope, and only the known ones are open', async () => {
  const { app } = apiRig();
  await app.ready();
  const { scopedRoutes } = app;
  assert.ok(scopedRoutes.length > 20, `${scopedRoutes.length} routes`);
  for (const { method, url, config } of scopedRoutes) {
    const scope = config?.scope;
    const route = `${[method].flat().join(' ')} ${url}`;
    assert.notEqual(scope, undefined, route);
    assert.equal(scope === 'none', OPEN.has(url), `${route} says ${scope}`);
  }
});

test('an application with a route that says no scope does not become ready', async () => {
  const app = Fastify();
  demandScopes(app);
  app.get('/said', { config: { scope: 'read' } }, async () => 'x');
  app.get('/forgotten', async () => 'x');
  await assert.rejects(async () => await app.ready(), /GET \/forgotten, HEAD \/forgotten$/);
});

test('a plugin of a package may have its scope said for it', async () => {
  const app = Fastify();
  demandScopes(app);
  app.register(async (ours) => {
    ours.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'none' };
    });
    ours.register(async (theirs) => theirs.get('/file', async () => 'x'));
  });
  await app.ready();
});
