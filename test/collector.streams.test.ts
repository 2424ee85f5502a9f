// Long answers of the store process on their way through the collector: as fast as the client reads, as they
// come, and never taken for whole when they are not.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { FORWARD_DRAIN_MS_MAX } from '../src/limits.ts';
import { Client, eventually, HEADERS, startWithStore } from './collector.fixture.ts';

test('server-sent events arrive one by one, and the store learns that the client went', async (t) => {
  let send: (event: string) => void = () => undefined;
  let gone = false;
  const { port, collector } = await startWithStore(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    send = (event) => response.write(`data: ${event}\n\n`);
    response.on('close', () => {
      gone = true;
    });
  });
  const client = await Client.open(t, port);
  await client.send(`GET /v1/live HTTP/1.1\r\n${HEADERS}`);
  await client.text('text/event-stream');
  for (const event of ['one', 'two']) {
    send(event);
    await client.text(`data: ${event}\n\n`);
  }
  client.socket.destroy();
  await eventually(() => gone, 'the store sees the end');
  await eventually(() => collector.counters.forwards.answered === 1, 'it is counted');
});

test('a large export passes whole, no faster than the client reads', async (t) => {
  const chunk = randomBytes(256 * 1024);
  const chunks = 256;
  let written = 0;
  const { port } = await startWithStore(t, (_, response) => {
    const write = (): void => {
      while (written < chunks) {
        written++;
        if (!response.write(chunk)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
  });
  const client = await Client.open(t, port);
  client.socket.removeAllListeners('data');
  const digest = createHash('sha256');
  client.socket.pause();
  await client.send(`GET /export HTTP/1.0\r\n${HEADERS}`);
  await new Promise((resolve) => {
    setTimeout(resolve, 500);
  });
  assert.ok(written < chunks / 2, `${written} of ${chunks} chunks were buffered`);
  let body = 0;
  let head = '';
  client.socket.on('data', (bytes: Buffer) => {
    let part = bytes;
    if (!head.includes('\r\n\r\n')) {
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n') + 4;
      part = Buffer.from(head.slice(end), 'latin1');
    }
    digest.update(part);
    body += part.length;
  });
  client.socket.resume();
  await client.closed;
  assert.equal(body, chunk.length * chunks);
  const expected = createHash('sha256');
  for (let i = 0; i < chunks; i++) expected.update(chunk);
  assert.equal(digest.digest('hex'), expected.digest('hex'));
});

test('a store that breaks off breaks the answer off: nobody takes it for whole', async (t) => {
  const { port, collector } = await startWithStore(t, (_, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const client = await Client.open(t, port);
  await client.send(`GET /export HTTP/1.1\r\n${HEADERS}`);
  await client.text('half');
  await client.closed;
  await eventually(() => collector.counters.forwards.broken === 1, 'it is counted');
});

test('so it does where the end of the connection would be the end of the answer', async (t) => {
  const { port } = await startWithStore(t, (_, response) => {
    response.write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /export HTTP/1.0\r\n${HEADERS}`);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on('end', () => resolve('the end'));
    socket.resume();
  });
  assert.equal(outcome, 'ECONNRESET');
});

test('event streams end when the collector drains, at once and as streams end', async (t) => {
  let gone = 0;
  const { port, collector } = await startWithStore(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: one\n\n');
    response.on('close', () => gone++);
  });
  const client = await Client.open(t, port);
  await client.send(`GET /v1/live HTTP/1.1\r\n${HEADERS}`);
  await client.text('data: one\n\n');
  const began = performance.now();
  const drained = collector.drain();
  await client.text('\r\n0\r\n\r\n');
  await drained;
  assert.ok(performance.now() - began < FORWARD_DRAIN_MS_MAX / 2);
  await eventually(() => gone === 1, 'the store sees the end');
});
