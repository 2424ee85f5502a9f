// What passes between a client and the store process through the collector, and what a client gets when
// there is no store process to speak of. The store is a plain http server on the same socket.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { ensureRunDir, storeSocket } from '../src/config/paths.ts';
import { FORWARDS_MAX, FORWARDS_PER_CLIENT_MAX } from '../src/limits.ts';
import {
  assertProblem,
  Client,
  eventually,
  exchange,
  HEADERS,
  startCollector,
  startWithStore,
  TRACK,
} from './collector.fixture.ts';

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Tells what it was asked, as JSON. */
const echo: RequestListener = (message, response) => {
  void bodyOf(message).then((body) => {
    const { method, url, headers, rawHeaders } = message;
    const told = JSON.stringify({
      method,
      url,
      headers,
      rawHeaders,
      body: body.toString('latin1'),
    });
    response.writeHead(203, 'Told', { 'X-Answer': 'a', 'Set-Cookie': ['a=1', 'b=2'] });
    response.end(Buffer.from(told, 'latin1'));
  });
};

interface Told {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The collector answers an echo in chunks; this reads them all. */
async function ask(
  t: TestContext,
  port: number,
  request: string,
): Promise<Told & { head: string }> {
  const client = await Client.open(t, port);
  await client.send(request);
  const text = await client.text('\r\n0\r\n\r\n');
  client.socket.destroy();
  const [head = '', ...chunks] = text.split('\r\n');
  const bodyAt = chunks.indexOf('') + 2;
  const json = chunks.slice(bodyAt, -3).filter((_, i) => i % 2 === 0);
  return { ...(JSON.parse(json.join('')) as Told), head: [head, ...chunks].join('\n') };
}

test('request and answer pass whole: method, path, query, body, status, headers', async (t) => {
  const { port, collector } = await startWithStore(t, echo);
  const told = await ask(
    t,
    port,
    `PUT /v1/api/x/%2F?a=b&c HTTP/1.1\r\nX-Mine: \xe9\r\nContent-Length: 5\r\n${HEADERS}a\0b\r\n`,
  );
  assert.equal(told.method, 'PUT');
  assert.equal(told.url, '/v1/api/x/%2F?a=b&c');
  assert.equal(told.headers['x-mine'], '\xe9');
  assert.equal(told.headers['host'], 'pixels.example');
  assert.equal(told.body, 'a\0b\r\n');
  assert.match(told.head, /^HTTP\/1\.1 203 Told\n/);
  assert.match(told.head, /\nX-Answer: a\nSet-Cookie: a=1\nSet-Cookie: b=2\n/);
  await eventually(() => collector.counters.forwards.answered === 1, 'it is counted');
});

test('a split POST in chunks arrives whole, behind images on the same connection', async (t) => {
  const { port, journal } = await startWithStore(t, echo);
  const client = await Client.open(t, port);
  await client.send(TRACK);
  await client.reply();
  await client.send(`POST /v1 HTTP/1.1\r\nTransfer-Enco`);
  await client.send(`ding: chunked\r\n${HEADERS}3\r\nabc\r\n`);
  await client.send('2\r\nde\r\n0\r\n\r\n');
  const text = await client.text('\r\n0\r\n\r\n');
  assert.match(text, /"body":"abcde"/);
  assert.equal(journal.hits.length, 1);
});

test('headers of one connection stay behind, also those that Connection names', async (t) => {
  const { port } = await startWithStore(t, echo);
  const told = await ask(
    t,
    port,
    'GET /x HTTP/1.1\r\nConnection: keep-alive, X-Secret, Host\r\nX-Secret: 1\r\nTE: trailers\r\n' +
      `Keep-Alive: 5\r\nUpgrade: h2c\r\nProxy-Authorization: x\r\nX-Kept: 1\r\n${HEADERS}`,
  );
  for (const name of ['x-secret', 'te', 'keep-alive', 'upgrade', 'proxy-authorization']) {
    assert.equal(told.headers[name], undefined, name);
  }
  assert.equal(told.headers['x-kept'], '1');
  assert.equal(told.headers['host'], 'pixels.example');
});

test('a body cannot lose its length by a Connection header and become a request', async (t) => {
  let requests = 0;
  const { port } = await startWithStore(t, (message, response) => {
    requests++;
    echo(message, response);
  });
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: h\r\n\r\n';
  for (const method of ['GET', 'POST', 'DELETE']) {
    const told = await ask(
      t,
      port,
      `${method} /x HTTP/1.1\r\nConnection: Content-Length\r\nContent-Length: ${smuggled.length}\r\n` +
        `${HEADERS}${smuggled}`,
    );
    assert.equal(told.body, smuggled);
    const chunked = `1e\r\n${smuggled.slice(0, 30)}\r\n0\r\n\r\n`;
    const toldChunked = await ask(
      t,
      port,
      `${method} /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${HEADERS}${chunked}`,
    );
    assert.equal(toldChunked.body, smuggled.slice(0, 30));
  }
  assert.equal(requests, 6);
});

const CLAIMS =
  'X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: pixels.test\r\n' +
  'Forwarded: for=203.0.113.9\r\n';

test('who the client is, is ours to say; a believed proxy is quoted', async (t) => {
  for (const [trustedProxies, expected] of [
    [[], ['127.0.0.1', 'http', 'pixels.example']],
    [['127.0.0.0/8'], ['203.0.113.9', 'https', 'pixels.test']],
  ] as const) {
    const { port } = await startWithStore(t, echo, { trustedProxies });
    const { headers } = await ask(t, port, `GET /x HTTP/1.1\r\n${CLAIMS}${HEADERS}`);
    const said = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'];
    assert.deepEqual(
      said.map((name) => headers[name]),
      expected,
    );
    assert.equal(headers['forwarded'], undefined);
  }
});

test('HEAD, 204 and 304 pass without a body and without a hang', async (t) => {
  const { port } = await startWithStore(t, (message, response) => {
    response.writeHead(Number(message.url?.slice(1)), { 'Content-Type': 'text/plain' });
    response.end(message.method === 'GET' ? undefined : 'body');
  });
  const client = await Client.open(t, port);
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
    ['HEAD', 404],
  ] as const) {
    await client.send(`${method} /${status} HTTP/1.1\r\n${HEADERS}`);
    assert.equal((await client.reply(true)).status, status);
  }
});

test('a store that is down is a 503 problem with a time to retry, and images go on', async (t) => {
  const { port, dataDir, collector } = await startCollector(t);
  const missing = await exchange(t, port, `GET /v1/api/status HTTP/1.1\r\n${HEADERS}`);
  assertProblem(missing, 503);
  assert.equal(missing.headers['retry-after'], '1');
  await ensureRunDir(dataDir);
  const dropping = createNetServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    dropping.listen(storeSocket(dataDir), resolve);
  });
  t.after(() => dropping.close());
  assertProblem(await exchange(t, port, `GET /v1 HTTP/1.1\r\n${HEADERS}`), 503);
  const post = `POST /v1 HTTP/1.1\r\nContent-Length: 3\r\n${HEADERS}abc`;
  assertProblem(await exchange(t, port, post), 503);
  assert.equal(collector.counters.forwards['store-down'], 3);
  assert.equal((await exchange(t, port, TRACK)).status, 200);
});

test('a store that comes back serves at once, over connections that it knows nothing of', async (t) => {
  const running = await startCollector(t);
  const answer: RequestListener = (_, response) => response.end('hello');
  const client = await Client.open(t, running.port);
  for (let round = 0; round < 3; round++) {
    const server = createServer(answer);
    await ensureRunDir(running.dataDir);
    await new Promise<void>((resolve) => {
      server.listen(storeSocket(running.dataDir), resolve);
    });
    for (let i = 0; i < 3; i++) {
      await client.send(`GET / HTTP/1.1\r\n${HEADERS}`);
      assert.equal((await client.reply()).body.toString(), 'hello');
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a client that goes away before the answer ends the request at the store', async (t) => {
  let ended = 0;
  let begun = 0;
  const { port, collector } = await startWithStore(t, (_, response) => {
    begun++;
    response.on('close', () => ended++);
  });
  const client = await Client.open(t, port);
  await client.send(`GET /slow HTTP/1.1\r\n${HEADERS}`);
  await eventually(() => begun === 1, 'the store has the request');
  client.socket.destroy();
  await eventually(() => ended === 1, 'the store sees the end');
  await eventually(() => collector.counters.forwards['client-gone'] === 1, 'it is counted');
});

/** A request that the store does not answer, from the client `i` behind a believed proxy. */
function slowOf(i: number): string {
  return `GET /slow HTTP/1.1\r\nX-Forwarded-For: 192.0.2.${i}\r\n${HEADERS}`;
}

test('more requests than the store may have under way are 503, and images go on', async (t) => {
  let begun = 0;
  const { port, collector } = await startWithStore(
    t,
    () => {
      begun++;
    },
    { trustedProxies: ['127.0.0.0/8'] },
  );
  const clients = await Promise.all(
    Array.from({ length: FORWARDS_MAX }, () => Client.open(t, port)),
  );
  for (const [i, client] of clients.entries()) await client.send(slowOf(i % 100));
  await eventually(() => begun === FORWARDS_MAX, 'the store has them all');
  assertProblem(await exchange(t, port, slowOf(101)), 503);
  assert.equal((await exchange(t, port, TRACK)).status, 200);
  for (const client of clients) client.socket.destroy();
  await eventually(
    () => collector.counters.forwards['client-gone'] === FORWARDS_MAX,
    'their places are free again',
  );
});

test('one client cannot have every place at the store: past its share it gets 429', async (t) => {
  let begun = 0;
  const { port, collector } = await startWithStore(
    t,
    (message, response) => {
      begun++;
      if (message.url === '/fast') response.end('hello');
    },
    { trustedProxies: ['127.0.0.0/8'] },
  );
  const clients = await Promise.all(
    Array.from({ length: FORWARDS_PER_CLIENT_MAX }, () => Client.open(t, port)),
  );
  for (const client of clients) await client.send(slowOf(1));
  await eventually(() => begun === FORWARDS_PER_CLIENT_MAX, 'the store has its share');
  const refused = await exchange(t, port, slowOf(1));
  assertProblem(refused, 429);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await exchange(t, port, slowOf(2).replace('/slow', '/fast'))).status, 200);
  for (const client of clients) client.socket.resetAndDestroy();
  const { forwards } = collector.counters;
  await eventually(() => forwards['client-gone'] === FORWARDS_PER_CLIENT_MAX, 'they have gone');
  assert.equal((await exchange(t, port, slowOf(1).replace('/slow', '/fast'))).status, 200);
  assert.equal(forwards['client-busy'], 1);
});

test('with a port of its own the API is not on the public one', async (t) => {
  const { port } = await startWithStore(t, echo, { apiPort: 1 });
  assertProblem(await exchange(t, port, `GET /v1/api/status HTTP/1.1\r\n${HEADERS}`), 404);
  assert.equal((await exchange(t, port, `GET /health HTTP/1.1\r\n${HEADERS}`)).status, 200);
});
