// The forwarder alone, where time is short: a store that takes too long, and one that answers too early.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { eventually } from '../../test/collector.fixture.ts';
import { ClientAddresses } from './client-address.ts';
import { Counters } from './counters.ts';
import { Forward } from './forward.ts';

async function start(
  t: TestContext,
  store: RequestListener,
): Promise<{ port: number; counters: Counters }> {
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-forward-'));
  const socketPath = join(folder, 'store.sock');
  const addresses = new ClientAddresses({ trustedProxies: [], ipPolicy: 'full' });
  const counters = new Counters();
  const forward = new Forward({
    socketPath,
    addresses,
    counters,
    answerMsMax: 200,
    bodyMsMax: 300,
  });
  const peer = addresses.peer('127.0.0.1');
  assert.ok(peer);
  const behind = createServer(store);
  const front = createServer((message, response) =>
    forward.pass(message, response, message.url ?? '', peer),
  );
  await listen(behind, socketPath);
  await listen(front, 0);
  t.after(async () => {
    forward.close();
    for (const server of [front, behind]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(folder, { recursive: true });
  });
  return { port: (front.address() as AddressInfo).port, counters };
}

function listen(server: Server, where: string | number): Promise<void> {
  return new Promise((resolve) => {
    server.listen(where, resolve);
  });
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly connection: string | undefined;
}

/** Sends one byte of `body` every 50 ms. */
function post(port: number, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, method: 'POST', agent: false }, (answer) => {
      const { statusCode: status, headers } = answer;
      answer.resume();
      answer.on('end', () =>
        resolve({ status, type: headers['content-type'], connection: headers.connection }),
      );
    });
    sent.on('error', reject);
    let at = 0;
    const drip = setInterval(() => {
      sent.write(body.slice(at, ++at));
      if (at < body.length) return;
      clearInterval(drip);
      sent.end();
    }, 50);
    sent.on('close', () => clearInterval(drip));
  });
}

test('a store that takes the request and says nothing is a 504 problem in time', async (t) => {
  const { port, counters } = await start(t, () => undefined);
  const began = performance.now();
  const { status, type } = await post(port, 'x');
  assert.deepEqual([status, type], [504, 'application/problem+json']);
  assert.ok(performance.now() - began < 2_000);
  assert.equal(counters.forwards['store-slow'], 1);
});

test('a client that sends slowly does not use up the store’s time', async (t) => {
  const { port } = await start(t, (message, response) => {
    message.resume();
    message.on('end', () => response.end('done'));
  });
  assert.equal((await post(port, 'twelve bytes')).status, 200);
});

test('an answer before the end of the body passes, and the connection ends with it', async (t) => {
  const { port, counters } = await start(t, (_, response) => {
    response.writeHead(413, { Connection: 'close' });
    response.end();
  });
  const { status, connection } = await post(port, 'twelve bytes');
  assert.deepEqual([status, connection], [413, 'close']);
  assert.equal(counters.forwards.answered, 1);
});

test('a body that does not come is a 408 problem in time, and not the store’s fault', async (t) => {
  const { port, counters } = await start(t, (message) => message.resume());
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-length': 500_000 };
    const sent = request({ port, method: 'POST', agent: false, headers }, (answer) => {
      resolve(answer.statusCode);
      sent.destroy();
    });
    sent.on('error', reject).write('x');
  });
  assert.equal(status, 408);
  assert.equal(counters.forwards['client-slow'], 1);
});

test('an answer before the end of the body lets go of the store’s side', async (t) => {
  let ended = false;
  const { port, counters } = await start(t, (message, response) => {
    message.socket.on('close', () => {
      ended = true;
    });
    response.end('no');
  });
  const sent = request({ port, method: 'POST', headers: { 'content-length': 500_000 } });
  sent.on('error', () => undefined).write('x');
  t.after(() => sent.destroy());
  await once(sent, 'response');
  await eventually(() => ended && counters.forwards.answered === 1, 'the store is rid of it');
});
