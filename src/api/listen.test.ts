// What only a real socket shows: requests that never become one, doubled headers, streams, and the drain.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiRig, AUTHORIZED, type Rig, TOKEN } from '../../test/api-rig.ts';
import { createLog } from '../telemetry/log.ts';

let dir: string;
let path: string;
let rig: Rig;
/** What the API warned of. */
const logged: unknown[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'truepixel-api-'));
  path = join(dir, 'store.sock');
  const log = createLog('silent', 'test');
  log.warn = log.error = (...said: unknown[]) => void logged.push(said);
  rig = apiRig({}, { log });
  rig.app.get('/stream', { config: { scope: 'none' } }, (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('data: 1\n\n');
  });
  rig.app.get('/slow', { config: { scope: 'none' } }, async () => {
    await sleep(200);
    return { done: true };
  });
  await rig.app.listen({ path });
});

after(async () => {
  await rig.app.close();
  await rm(dir, { recursive: true });
});

/** Sends `bytes` as they are; resolves with all that came back once the server has closed the connection. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(path);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await closed;
  return answer;
}

function assertProblem(answer: string, status: number): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
  assert.match(head, /^content-type: application\/problem\+json\r?$/im);
  assert.equal((JSON.parse(body) as { status: number }).status, status);
}

describe('the API on a unix socket', () => {
  const host = 'Host: x\r\nConnection: close\r\n';
  const cases: readonly [string, string, number][] = [
    ['bytes that are no HTTP', 'hello\r\n\r\n', 400],
    [
      'a header block past 16 KiB',
      `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      'both lengths at once',
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a missing Host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a NUL in a header', `GET /health HTTP/1.1\r\n${host}X: \0\r\n\r\n`, 400],
    [
      'two tokens, both right',
      `GET /metrics HTTP/1.1\r\n${host}${`Authorization: Bearer ${TOKEN}\r\n`.repeat(2)}\r\n`,
      401,
    ],
  ];
  for (const [name, bytes, status] of cases) {
    test(`${name} is a ${status} problem document`, async () => {
      assertProblem(await raw(bytes), status);
    });
  }

  test('the token in one header is let through', async () => {
    const answer = await raw(
      `GET /metrics HTTP/1.1\r\n${host}Authorization: ${AUTHORIZED.authorization}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1.1 200 /);
  });

  test('no answer waits for a body that may never come, and nothing is logged', async () => {
    for (const [target, status] of [
      ['/nothing', 404],
      ['/v1/api/status', 405],
      ['/v1/api/gen-image', 405],
    ] as const) {
      const told = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'content-length': 500_000, 'content-type': 'application/json' };
        const asked = request({ socketPath: path, path: target, method: 'POST', headers });
        asked.on('response', ({ statusCode }) => {
          resolve(statusCode);
          asked.destroy();
        });
        asked.on('error', reject).setTimeout(2_000, () => asked.destroy(new Error('no answer')));
        asked.write('x');
      });
      assert.equal(told, status);
    }
    await sleep(50);
    assert.deepEqual(logged, []);
  });

  test('a connection outlives a body that is refused, so that whoever still sends it hears why', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<Socket>();
    const post = (body: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = {
          ...AUTHORIZED,
          'content-length': body.length,
          'content-type': 'application/json',
        };
        const asked = request({
          agent,
          socketPath: path,
          path: '/v1/pixels',
          method: 'POST',
          headers,
        });
        asked.on('socket', (socket) => sockets.add(socket));
        asked.on('response', (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        asked.on('error', reject).write(body.slice(0, 1));
        setImmediate(() => asked.end(body.slice(1)));
      });
    for (let i = 0; i < 5; i++) {
      assert.equal(await post('x'.repeat(2_000_000)), 413);
      assert.equal(await post('/x'), 400);
    }
    assert.equal(await post('{}'), 201);
    assert.equal(sockets.size, 1);
    agent.destroy();
  });

  test('an event stream reaches the client before it ends', async () => {
    const chunk = await new Promise<string>((resolve, reject) => {
      const asked = request({ socketPath: path, path: '/stream' }, (response) => {
        response.setEncoding('utf8').once('data', (text: string) => {
          resolve(text);
          asked.destroy();
        });
      });
      asked.on('error', reject).end();
    });
    assert.equal(chunk, 'data: 1\n\n');
  });

  test('a request under way when the server closes is answered', async () => {
    const answering = raw(`GET /slow HTTP/1.1\r\n${host}\r\n`);
    await sleep(50);
    await rig.app.close();
    assert.match(await answering, /^HTTP\/1.1 200 .*\{"done":true\}$/s);
  });
});
