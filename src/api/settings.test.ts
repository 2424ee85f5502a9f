// What the dashboard is told of the server's settings, and what it is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiRig, AUTHORIZED } from '../../test/api-rig.ts';
import { VERSION } from '../config/version.ts';

test('the settings that reports depend on are told, and no others', async () => {
  const { app } = apiRig({ privacy: 'strict', pixelMode: 'aggregate', repeatSeconds: 3 });
  const reply = await app.inject({ url: '/v1/config', headers: AUTHORIZED });
  assert.equal(reply.statusCode, 200);
  assert.deepEqual(reply.json(), {
    base_url: 'https://pixel.example/base',
    version: VERSION,
    store: 'duckdb',
    repeat_seconds: 3,
    pixel_mode: 'aggregate',
    privacy: 'strict',
  });
});

test('nobody is told without a token', async () => {
  const { app } = apiRig();
  assert.equal((await app.inject('/v1/config')).statusCode, 401);
});
