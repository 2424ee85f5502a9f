// The way to Node's lane: one request of a connection is in hand at a time, whatever it carries, and what
// goes wrong costs nothing that came before it and is said once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Client,
  eventually,
  HEADERS,
  startCollector,
  TRACK,
  TRACK_BY_NODE,
} from './collector.fixture.ts';

const CHUNKED = 'Transfer-Encoding: chunked\r\n';

test('garbage behind a body costs the request before it nothing, wherever it was cut', async (t) => {
  const { port, journal } = await startCollector(t);
  const withBody = `GET /track HTTP/1.1\r\nContent-Length: 5\r\n${HEADERS}hello`;
  const both = `${withBody}\0\0garbage\r\n\r\n`;
  const cuts = [both.length, withBody.length - 6, withBody.length - 7, withBody.length - 2];
  for (const cut of cuts) {
    const client = await Client.open(t, port);
    await client.send(both.slice(0, cut));
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    await client.send(both.slice(cut));
    const statuses = [(await client.reply()).status, (await client.reply()).status];
    assert.deepEqual(statuses, [200, 400], `cut at ${cut}`);
  }
  assert.equal(journal.hits.length, cuts.length);
});

test('requests with bodies, too, are in hand one at a time', async (t) => {
  const { port, journal } = await startCollector(t);
  journal.holds = true;
  const client = await Client.open(t, port);
  await client.send(`GET /track HTTP/1.1\r\nContent-Length: 5\r\n${HEADERS}hello`.repeat(50));
  await eventually(() => journal.hits.length > 0, 'the first waits');
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  assert.equal(journal.waiting, 1);
  journal.holds = false;
  journal.release();
  for (let i = 0; i < 50; i++) assert.equal((await client.reply()).status, 200);
});

test('what Node refuses is the last thing that is looked at', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  await client.send(`GET /track HTTP/1.1\r\n\r\n${TRACK_BY_NODE}${TRACK}\0\r\n\r\n`);
  assert.equal((await client.reply()).status, 400);
  await client.closed;
  assert.equal(client.unread.length, 0);
  assert.deepEqual(journal.hits, []);
});

test('a body that goes wrong behind the answer gets no second one', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  await client.send(`GET /track HTTP/1.1\r\n${CHUNKED}${HEADERS}5\r\nhello\r\n`);
  assert.equal((await client.reply()).status, 200);
  await client.send('no chunk\r\n\r\n');
  await client.closed;
  assert.equal(client.unread.length, 0);
  assert.equal(journal.hits.length, 1);
});

test('a refusal arrives although the client goes on sending', async (t) => {
  const { port } = await startCollector(t);
  const client = await Client.open(t, port);
  client.socket.pause();
  await client.send(`GET /track HTTP/1.1\r\nA : b\r\n${HEADERS}`);
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    await client.send('and more');
  }
  client.socket.resume();
  assert.equal((await client.reply()).status, 400);
  await client.closed;
});

test('a body that goes wrong before the answer is refused, and the refusal arrives', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  journal.holds = true;
  const client = await Client.open(t, port);
  client.socket.pause();
  await client.send(`GET /track HTTP/1.1\r\n${CHUNKED}${HEADERS}`);
  await eventually(() => journal.waiting === 1, 'the hit waits');
  await client.send('no chunk\r\n\r\n');
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    await client.send('and more');
  }
  journal.holds = false;
  journal.release();
  client.socket.resume();
  assert.equal((await client.reply()).status, 400);
  await client.closed;
  assert.equal(client.unread.length, 0);
  client.socket.end();
  await eventually(() => collector.counters.connectionsOpen === 0, 'the connection is gone');
});
