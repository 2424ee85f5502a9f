// Requests that are broken, cut, slow, too big or two at once: a clear answer, and nothing for the
// neighbours to notice. The process of the collector is the test's own, so a crash would show.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IMAGES } from '../src/collector/image.ts';
import { REQUEST_HEADERS_MAX } from '../src/limits.ts';
import {
  assertProblem,
  CODES,
  Client,
  eventually,
  exchange,
  HEADERS,
  startCollector,
  TRACK,
  TRACK_BY_NODE,
} from './collector.fixture.ts';

const CHUNKED = 'Transfer-Encoding: chunked\r\n';

const REFUSED: readonly [name: string, request: string, status: number][] = [
  ['no HTTP at all', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n', 400],
  ['a request line without version', `GET /track\r\n${HEADERS}`, 505],
  ['HTTP/2 without its preface', `GET /track HTTP/2.0\r\n${HEADERS}`, 505],
  ['an unknown method', `GOT /track HTTP/1.1\r\n${HEADERS}`, 400],
  ['no host', 'GET /track HTTP/1.1\r\nAccept: x\r\n\r\n', 400],
  ['two hosts', `GET /track HTTP/1.1\r\nHost: other\r\n${HEADERS}`, 400],
  ['a bare LF', 'GET /track HTTP/1.1\r\nHost: h\nA: b\r\n\r\n', 400],
  ['a bare CR', 'GET /track HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n', 400],
  ['a NUL', 'GET /track HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n', 400],
  ['a NUL in the path', `GET /image/\0 HTTP/1.1\r\n${HEADERS}`, 400],
  ['a folded header', 'GET /track HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n', 400],
  ['a blank before the colon', 'GET /track HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n', 400],
  ['a header without colon', 'GET /track HTTP/1.1\r\nHost: h\r\nA\r\n\r\n', 400],
  ['a length and chunks', `GET /track HTTP/1.1\r\nContent-Length: 4\r\n${CHUNKED}${HEADERS}`, 400],
  [
    'two lengths',
    `GET /track HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n${HEADERS}`,
    400,
  ],
  ['a length that is none', `GET /track HTTP/1.1\r\nContent-Length: +4\r\n${HEADERS}`, 400],
  [
    'a coding that is none',
    `GET /track HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n${HEADERS}`,
    400,
  ],
  [
    'chunks and another coding',
    `GET /track HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n${HEADERS}`,
    400,
  ],
  ['a target that is no path', `GET track HTTP/1.1\r\n${HEADERS}`, 400],
  ['a long header', `GET /track HTTP/1.1\r\nA: ${'b'.repeat(20_000)}\r\n${HEADERS}`, 431],
  ['a long path', `GET /image/${'b'.repeat(20_000)} HTTP/1.1\r\n${HEADERS}`, 431],
  [
    'a bomb of headers',
    `GET /track HTTP/1.1\r\n${'A:\r\n'.repeat(REQUEST_HEADERS_MAX)}${HEADERS}`,
    431,
  ],
];

for (const [name, request, status] of REFUSED) {
  test(`${name}: ${status}, the end, and no hit`, async (t) => {
    const { port, journal } = await startCollector(t);
    const client = await Client.open(t, port);
    await client.send(request);
    const reply = await client.reply();
    assert.equal(reply.status, status);
    assert.equal(reply.body.length, 0);
    await client.closed;
    assert.deepEqual(journal.hits, []);
    assert.equal((await exchange(t, port, TRACK)).status, 200, 'the next one is served');
  });
}

test('a code of 10 kB gets the image and is no hit', async (t) => {
  const { port, journal } = await startCollector(t);
  const reply = await exchange(t, port, `GET /image/${'x'.repeat(10_000)} HTTP/1.1\r\n${HEADERS}`);
  assert.deepEqual([reply.status, reply.body], [200, IMAGES.gif]);
  assert.deepEqual(journal.hits, []);
});

test('a request may be split anywhere', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  const places = Array.from(TRACK, (_, i) => i + 1);
  await Promise.all(
    places.map(async (at) => {
      const client = await Client.open(t, port);
      // The reply to the first request says that the first half of the second has been read with it.
      await client.send(TRACK + TRACK.slice(0, at));
      await client.reply();
      await client.send(TRACK.slice(at));
      if (at < TRACK.length) {
        const reply = await client.reply();
        assert.deepEqual([reply.status, reply.body], [200, IMAGES.gif], `split at ${at}`);
      }
      client.socket.destroy();
    }),
  );
  await eventually(() => journal.hits.length === 2 * TRACK.length, 'all are kept');
  assert.equal(collector.counters.requests.node, TRACK.length - 1);
});

test('two requests in one go may be split anywhere, and both are answered in order', async (t) => {
  const { port, journal } = await startCollector(t);
  const code = CODES.mint();
  const both = `GET /image/${code}.png HTTP/1.1\r\n${HEADERS}${TRACK}`;
  const places = Array.from(both, (_, i) => i + 1);
  await Promise.all(
    places.map(async (at) => {
      const client = await Client.open(t, port);
      await client.send(both.slice(0, at));
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
      await client.send(both.slice(at));
      const bodies = [(await client.reply()).body, (await client.reply()).body];
      assert.deepEqual(bodies, [IMAGES.png, IMAGES.gif], `split at ${at}`);
      client.socket.destroy();
    }),
  );
  assert.equal(journal.hits.length, 2 * both.length);
});

test('pipelined requests are answered one after the other, in order, in both lanes', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  const targets = Array.from({ length: 250 }, (_, i) =>
    i % 3 === 0 ? '/track' : `/image/${CODES.mint()}.${i % 3 === 1 ? 'png' : 'gif'}`,
  );
  // Both kinds of reply: at once and after a commit. The hand-over to Node follows.
  targets[10] = '/image/unknown.png';
  targets[11] = '/image/unknown.gif';
  const heads = targets.map((target) => `GET ${target} HTTP/1.1\r\n${HEADERS}`);
  await client.send(heads.join(''));
  for (const target of targets) {
    const reply = await client.reply();
    assert.deepEqual(reply.body, target.endsWith('.png') ? IMAGES.png : IMAGES.gif);
  }
  assert.equal(journal.hits.length, 248);
  await client.send(TRACK + TRACK_BY_NODE + TRACK);
  for (let i = 0; i < 3; i++) assert.equal((await client.reply()).status, 200);
  assert.equal(journal.hits.length, 251);
});

test('what comes behind Connection: close is not looked at', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  await client.send(`GET /track HTTP/1.1\r\nConnection: close\r\n${HEADERS}${TRACK}`);
  assert.equal((await client.reply()).headers['connection'], 'close');
  await client.closed;
  assert.equal(client.unread.length, 0);
  assert.equal(journal.hits.length, 1);
});

test('garbage behind a good request costs that request nothing', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  await client.send(`${TRACK}\0\0garbage\r\n\r\n`);
  assert.equal((await client.reply()).status, 200);
  assert.equal((await client.reply()).status, 400);
  assert.equal(journal.hits.length, 1);
});

test('a client that ends its side after the request still gets its reply', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  client.socket.end(TRACK + TRACK);
  assert.equal((await client.reply()).status, 200);
  assert.equal((await client.reply()).status, 200);
  await client.closed;
  assert.equal(journal.hits.length, 2);
});

test('a client that ends its side gets every reply, whatever lane the requests need', async (t) => {
  const { port, journal } = await startCollector(t);
  const health = `GET /health HTTP/1.1\r\n${HEADERS}`;
  const old = `GET /track HTTP/1.0\r\nConnection: keep-alive\r\n${HEADERS}`;
  for (const requests of [
    [TRACK, health],
    [TRACK, old, TRACK_BY_NODE, TRACK],
    [health, old, health],
  ]) {
    const client = await Client.open(t, port);
    client.socket.end(requests.join(''));
    for (const request of requests) {
      const { status, body } = await client.reply();
      assert.equal(status, 200);
      assert.equal(body.equals(IMAGES.gif), request !== health);
    }
    await client.closed;
  }
  assert.equal(journal.hits.length, 6);
});

test('Node’s lane, too, has one request of a connection in hand at a time', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  journal.holds = true;
  const client = await Client.open(t, port);
  const requests = 100;
  await client.send(TRACK_BY_NODE.repeat(requests));
  for (let i = 1; i <= 3; i++) {
    await eventually(() => journal.hits.length >= i, 'the next hit waits');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    assert.equal(journal.waiting, 1);
    assert.equal(collector.counters.requests.node, i);
    journal.release();
  }
  journal.holds = false;
  journal.release();
  for (let i = 0; i < requests; i++) assert.equal((await client.reply()).status, 200);
});

test('an expectation that nobody knows costs nobody the image', async (t) => {
  const { port, journal } = await startCollector(t);
  const reply = await exchange(t, port, `GET /track HTTP/1.1\r\nExpect: foo\r\n${HEADERS}`);
  assert.deepEqual([reply.status, reply.body], [200, IMAGES.gif]);
  assert.equal(journal.hits.length, 1);
});

test('CONNECT is refused with 405 and the end', async (t) => {
  const { port } = await startCollector(t);
  const client = await Client.open(t, port);
  await client.send(`CONNECT pixels.example:443 HTTP/1.1\r\n${HEADERS}`);
  assert.equal((await client.reply()).status, 405);
  await client.closed;
});

test('what is refused and asks for no image gets a problem document', async (t) => {
  const { port } = await startCollector(t);
  for (const [request, status] of [
    [`GET /v1/api/status HTTP/1.1\r\nHost: other\r\n${HEADERS}`, 400],
    [`GET /health HTTP/1.1\r\n${'A:\r\n'.repeat(REQUEST_HEADERS_MAX)}${HEADERS}`, 431],
    [`GET /v1/api/status HTTP/2.0\r\n${HEADERS}`, 505],
  ] as const) {
    const client = await Client.open(t, port);
    await client.send(request);
    assertProblem(await client.reply(), status);
    await client.closed;
  }
});

test('a client that ends in the middle of a request is let go', async (t) => {
  const { port, collector } = await startCollector(t);
  for (const cut of [TRACK.slice(0, 20), TRACK + TRACK.slice(0, 20), '']) {
    const client = await Client.open(t, port);
    client.socket.end(cut);
    await client.closed;
  }
  await eventually(() => collector.counters.connectionsOpen === 0, 'connections are closed');
});

test('a client that resets while its hit is committed loses its reply, not its hit', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  journal.holds = true;
  for (const request of [TRACK, TRACK_BY_NODE]) {
    const client = await Client.open(t, port);
    await client.send(request);
    await eventually(() => journal.waiting > 0, 'the hit waits');
    client.socket.resetAndDestroy();
    await eventually(() => collector.counters.connectionsOpen === 0, 'the connection is gone');
    journal.release();
  }
  assert.equal(collector.counters.images.visit.kept, 2);
  journal.holds = false;
  assert.equal((await exchange(t, port, TRACK)).status, 200);
});

test('a flood behind a reply that waits is held back at the client, not in memory', async (t) => {
  const { port, journal } = await startCollector(t);
  journal.holds = true;
  const client = await Client.open(t, port);
  await client.send(TRACK);
  await eventually(() => journal.waiting > 0, 'the hit waits');
  const flood = Buffer.from(TRACK.repeat(400_000));
  const sent = client.send(flood);
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  assert.ok(client.socket.writableLength > 0, 'the kernel takes no more');
  assert.equal(journal.hits.length, 1, 'nothing of it was looked at');
  client.socket.destroy();
  await sent.catch(() => undefined);
  journal.holds = false;
  journal.release();
  assert.equal((await exchange(t, port, TRACK)).status, 200);
});

test('a client that reads no replies is not answered without end', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  client.socket.pause();
  client.socket.write(Buffer.from(TRACK.repeat(200_000)));
  let before = -1;
  // The kernel's buffers take some replies; then the collector must stop.
  for (let same = 0; same < 5;) {
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    same = journal.hits.length === before ? same + 1 : 0;
    before = journal.hits.length;
  }
  assert.ok(before < 200_000, `${before} replies`);
  assert.equal((await exchange(t, port, TRACK)).status, 200, 'a neighbour is served');
  client.socket.resume();
  await eventually(() => journal.hits.length > before + 1, 'and it goes on when the client reads');
});

test('a head that never ends gets 408 in time, and its neighbours do not notice', async (t) => {
  const { port } = await startCollector(t);
  const slow = await Client.open(t, port);
  await slow.send('GET /track HTTP/1.1\r\nHost: h\r\n');
  const drip = setInterval(() => slow.socket.write('A: b\r\n'), 500);
  t.after(() => clearInterval(drip));
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    assert.equal((await exchange(t, port, TRACK)).status, 200);
    assert.ok(performance.now() - began < 1_000);
  }
  // The fixture waits for 10 s at most, which is as long as a head may take.
  await eventually(() => slow.socket.destroyed || slow.unread.length > 0, 'an answer').catch(
    () => undefined,
  );
  assert.equal((await slow.reply()).status, 408);
  await slow.closed;
});

test('2,000 connections that send rubbish leave nothing behind', async (t) => {
  const { port, collector } = await startCollector(t);
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const client = await Client.open(t, port);
        await client.send(i % 2 === 0 ? 'GET /track HT' : `\xff\xfe${'x'.repeat(i)}\r\n\r\n`);
        client.socket.resetAndDestroy();
      }),
    );
  }
  await eventually(() => collector.counters.connectionsOpen === 0, 'all are gone');
  assert.equal((await exchange(t, port, TRACK)).status, 200);
});
