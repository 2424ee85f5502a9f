// What the fast lane does as time passes: who is idle is let go, who waits for a commit is not.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import {
  collectInto,
  eventually,
  FakeJournal,
  HEADERS,
  TRACK,
} from '../../test/collector.fixture.ts';
import { KEEP_ALIVE_MS_MAX, LINGER_MS_MAX, REPLIES_PER_TURN_MAX } from '../limits.ts';
import { Counters } from './counters.ts';
import { ImageReplies } from './image.ts';
import { Lane } from './lane.ts';

function start() {
  const journal = new FakeJournal();
  const counters = new Counters();
  const { collect, addresses } = collectInto(journal);
  const lane = new Lane({
    collect,
    replies: new ImageReplies(new Date()),
    counters,
    handOff: () => assert.fail('nothing odd was sent'),
  });
  const peer = addresses.peer('127.0.0.1');
  assert.ok(peer);
  const connect = () => {
    const [client, server] = duplexPair();
    lane.accept(server as Socket, peer);
    return { client, server };
  };
  return { journal, lane, counters, connect };
}

test('a connection that never says a word is closed after the keep-alive time', () => {
  const { lane, connect } = start();
  const { server } = connect();
  lane.sweep(lane.now + KEEP_ALIVE_MS_MAX - 1);
  assert.equal(server.destroyed, false);
  lane.sweep(lane.now + 2);
  assert.equal(server.destroyed, true);
});

test('a request starts the keep-alive time anew', async () => {
  const { lane, connect } = start();
  const { client, server } = connect();
  lane.sweep(lane.now + KEEP_ALIVE_MS_MAX - 1);
  client.write(TRACK);
  await once(client, 'data');
  lane.sweep(lane.now + KEEP_ALIVE_MS_MAX - 1);
  assert.equal(server.destroyed, false);
  lane.sweep(lane.now + 2);
  assert.equal(server.destroyed, true);
});

test('a reply that waits for a slow disk is not given up', async () => {
  const { lane, journal, connect } = start();
  journal.holds = true;
  const { client, server } = connect();
  client.write(TRACK);
  await eventually(() => journal.waiting === 1, 'the hit waits');
  lane.sweep(lane.now + 10 * KEEP_ALIVE_MS_MAX);
  assert.equal(server.destroyed, false);
  assert.equal(lane.isBusy, true);
  journal.release();
  client.resume();
  await eventually(() => !lane.isBusy, 'the reply is on its way');
});

test('a connection that we ended waits a little for the client’s end, and no longer', async () => {
  const { lane, connect } = start();
  const { client, server } = connect();
  client.write(TRACK.replace('\r\n', '\r\nConnection: close\r\n'));
  client.resume();
  await eventually(() => server.writableEnded, 'it is ended');
  lane.sweep(lane.now + LINGER_MS_MAX - 1);
  assert.equal(server.destroyed, false);
  lane.sweep(lane.now + 2);
  assert.equal(server.destroyed, true);
});

test('a connection full of requests that need no commit does not keep its neighbour waiting', async () => {
  const { connect, counters } = start();
  const [junk, neighbour] = [connect(), connect()];
  junk.client.resume();
  junk.client.write(`GET /image/nope HTTP/1.1\r\n${HEADERS}`.repeat(500));
  const { requests } = counters;
  await new Promise(setImmediate);
  assert.equal(requests.fast, REPLIES_PER_TURN_MAX);
  neighbour.client.write(TRACK);
  await once(neighbour.client, 'data');
  assert.ok(requests.fast < 250, `${requests.fast} requests came before`);
  await eventually(() => requests.fast === 501, 'all are answered in the end');
});
