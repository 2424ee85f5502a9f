// Beginning to judge anew, and asking how far it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiRig, AUTHORIZED, IDLE } from '../../test/api-rig.ts';
import type { ReclassifyState } from '../delivery/reclassify.ts';

const URL_PATH = '/v1/reclassifications';

function rigWith(start: () => Promise<'started' | 'running'>) {
  const reclassification: { state: ReclassifyState; start: typeof start } = { state: IDLE, start };
  return { ...apiRig({}, { reclassification }), reclassification };
}

test('a start is accepted with its state, which can be asked for later', async () => {
  const { app, reclassification } = rigWith(async () => {
    reclassification.state = { ...IDLE, state: 'running', startedAt: 1_780_272_000_000_001 };
    return 'started';
  });
  const idle = await app.inject({ url: URL_PATH, headers: AUTHORIZED });
  assert.deepEqual(idle.json(), {
    state: 'idle',
    judged: 0,
    changed: 0,
    total: null,
    started_at: null,
    finished_at: null,
    failure: null,
  });
  const begun = await app.inject({ method: 'POST', url: URL_PATH, headers: AUTHORIZED });
  assert.equal(begun.statusCode, 202);
  assert.equal(begun.headers['location'], URL_PATH);
  assert.equal(begun.json<{ state: string }>().state, 'running');
  reclassification.state = {
    state: 'done',
    judged: 30,
    changed: 2,
    total: 30,
    startedAt: 1_780_272_000_000_001,
    finishedAt: 1_780_272_000_500_000,
    failure: null,
  };
  const done = await app.inject({ url: URL_PATH, headers: AUTHORIZED });
  assert.deepEqual(done.json(), {
    state: 'done',
    judged: 30,
    changed: 2,
    total: 30,
    started_at: '2026-06-01T00:00:00.000001Z',
    finished_at: '2026-06-01T00:00:00.500000Z',
    failure: null,
  });
});

test('one that runs already is no error', async () => {
  const { app } = rigWith(async () => 'running');
  const reply = await app.inject({ method: 'POST', url: URL_PATH, headers: AUTHORIZED });
  assert.equal(reply.statusCode, 202);
});

test('a disk that refuses is 503, our own mistake 500; neither says where', async () => {
  const full = Object.assign(new Error('ENOSPC, write /secret'), { syscall: 'write' });
  for (const [error, status] of [
    [full, 503],
    [new TypeError('secret'), 500],
  ] as const) {
    const { app } = rigWith(async () => {
      throw error;
    });
    const reply = await app.inject({ method: 'POST', url: URL_PATH, headers: AUTHORIZED });
    assert.equal(reply.statusCode, status);
    assert.doesNotMatch(reply.body, /secret/);
  }
});

test('strangers cannot begin it, and what is said with it must be known', async () => {
  let begun = 0;
  const { app } = rigWith(async () => {
    begun++;
    return 'started';
  });
  const options = { method: 'POST', url: URL_PATH } as const;
  assert.equal((await app.inject(options)).statusCode, 401);
  assert.equal((await app.inject({ url: URL_PATH })).statusCode, 401);
  const headers = AUTHORIZED;
  const said = await app.inject({ ...options, headers, payload: { since: 'yesterday' } });
  assert.equal(said.statusCode, 400);
  const asked = await app.inject({ ...options, headers, url: `${URL_PATH}?since=yesterday` });
  assert.equal(asked.statusCode, 400);
  assert.equal(begun, 0);
});
