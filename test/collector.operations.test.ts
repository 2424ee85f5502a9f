// What orchestrators and Prometheus are told on the public port, whatever the store process does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, exchange, HEADERS, startCollector, TOKEN } from './collector.fixture.ts';

test('/health is answered by the collector alone; other methods are 405', async (t) => {
  const { port } = await startCollector(t);
  const reply = await exchange(t, port, `GET /health?x HTTP/1.1\r\n${HEADERS}`);
  assert.deepEqual([reply.status, reply.body.toString()], [200, '{"status":"ok"}']);
  const refused = await exchange(t, port, `DELETE /health HTTP/1.1\r\n${HEADERS}`);
  assertProblem(refused, 405);
  assert.equal(refused.headers['allow'], 'GET, HEAD');
});

test('/ready is about the journal, and tells of the store', async (t) => {
  const ready = { store: { ready: true, reason: null } };
  for (const [readiness, store] of [
    [{}, 'down'],
    [ready, 'ready'],
    [{ store: { ready: false, reason: 'x' } }, 'not ready'],
  ] as const) {
    const { port, journal } = await startCollector(t, {}, readiness);
    const up = await exchange(t, port, `GET /ready HTTP/1.1\r\n${HEADERS}`);
    assert.equal(up.status, 200);
    assert.deepEqual(JSON.parse(up.body.toString()), { status: 'ready', journal: 'open', store });
    journal.state = 'full';
    const full = await exchange(t, port, `GET /ready HTTP/1.1\r\n${HEADERS}`);
    assert.equal(full.status, 503);
    assert.deepEqual(JSON.parse(full.body.toString()), {
      status: 'not ready',
      journal: 'full',
      store,
    });
  }
});

test('/metrics needs the token unless it is open to everybody', async (t) => {
  const guarded = await startCollector(t);
  const refused = await exchange(t, guarded.port, `GET /metrics HTTP/1.1\r\n${HEADERS}`);
  assertProblem(refused, 401);
  assert.equal(refused.headers['www-authenticate'], 'Bearer realm="truepixel"');
  const head = `GET /metrics HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\n${HEADERS}`;
  const told = await exchange(t, guarded.port, head);
  assert.deepEqual([told.status, told.body.toString()], [200, 'a_metric 1\n']);
  assert.match(told.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  for (const open of [{ metricsAuth: 'none' }, { apiAuth: 'none' }] as const) {
    const { port } = await startCollector(t, open);
    assert.equal((await exchange(t, port, `GET /metrics HTTP/1.1\r\n${HEADERS}`)).status, 200);
  }
});
