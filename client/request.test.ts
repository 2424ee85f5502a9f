// What can be wrong between a client and a server: nobody there, nothing said, something else said, too much
// asked. Each is one error that says so, and is tried again exactly when that can help and do no harm.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { freePort } from '../test/server.ts';
import { Truepixel, TruepixelError } from './truepixel.js';

const PIXEL = { code: 'a', image_url: 'http://x/image/a.png' };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers each request by the next of `answers`, the last one over and over. */
async function serve(...answers: RequestListener[]) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    request.resume().on('end', () => answer?.(request, response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
const problem = (status: number, detail: string, headers: Record<string, string> = {}) =>
  answer(
    status,
    { type: 'about:blank', title: 'T', status, detail },
    { 'content-type': 'application/problem+json', ...headers },
  );
const silence: RequestListener = () => undefined;
const reset: RequestListener = (request) => void request.socket.destroy();

const client = (url: string, options = {}) => new Truepixel({ url, token: 't', ...options });

async function errorOf(promise: Promise<unknown>): Promise<TruepixelError> {
  const error: unknown = await promise.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TruepixelError, String(error));
  return error;
}

describe('a request', () => {
  test('has the token, a key of its own when it mints, and keeps a path before it', async () => {
    const { url, requests } = await serve(answer(201, PIXEL));
    const truepixel = client(`${url}/base/`);
    assert.deepEqual(await truepixel.mint(), PIXEL);
    await truepixel.mint();
    const [first, second] = requests;
    assert.equal(first?.url, '/base/v1/pixels');
    assert.equal(first?.headers.authorization, 'Bearer t');
    assert.match(String(first?.headers['idempotency-key']), /^[0-9a-f]{32}$/);
    assert.notEqual(first?.headers['idempotency-key'], second?.headers['idempotency-key']);
  });

  test('puts codes and values where they are nothing but that', async () => {
    const { url, requests } = await serve(answer(200, { hits: [], cursor: null }));
    await client(url).pixel('a/../b?c#d');
    for await (const hit of client(url).hits({ country: ['DE', null], page: 'a&b=c' })) {
      assert.fail(hit.id);
    }
    assert.deepEqual(
      requests.map((request) => request.url),
      ['/v1/pixels/a%2F..%2Fb%3Fc%23d', '/v1/hits?country=DE&country=&page=a%26b%3Dc'],
    );
  });
});

describe('what passes by itself', () => {
  test('is tried again: busy, broken off, away', async () => {
    const passing: [string, RequestListener][] = [
      ['429', problem(429, 'too many', { 'retry-after': '0' })],
      ['503', problem(503, 'the store is behind', { 'retry-after': '0' })],
      ['a proxy’s 502', answer(502, '<html>', { 'content-type': 'text/html' })],
      ['a reset', reset],
    ];
    for (const [name, first] of passing) {
      const { url, requests } = await serve(first, first, answer(201, PIXEL));
      assert.deepEqual(await client(url).mint(), PIXEL, name);
      assert.equal(requests.length, 3, name);
      const keys = requests.map(({ headers }) => headers['idempotency-key']);
      assert.equal(new Set(keys).size, 1, `${name}: one key for all tries`);
    }
  });

  test('is waited for as long as the server says, not longer than is decent, and not for ever', async () => {
    const { url } = await serve(problem(503, 'soon', { 'retry-after': '1' }), answer(200, PIXEL));
    const began = Date.now();
    await client(url).pixel('a');
    assert.ok(Date.now() - began >= 990);

    const late = await serve(problem(503, 'tomorrow', { 'retry-after': '86400' }));
    const error = await errorOf(client(late.url).pixel('a'));
    assert.equal(late.requests.length, 1);
    assert.deepEqual([error.status, error.retryAfterMs], [503, 86_400_000]);

    const busy = await serve(problem(429, 'no', { 'retry-after': '0' }));
    assert.equal((await errorOf(client(busy.url, { retries: 2 }).pixel('a'))).status, 429);
    assert.equal(busy.requests.length, 3);
  });

  test('is not tried again where nothing says that it passes', async () => {
    for (const [status, headers] of [
      [400, {}],
      [401, {}],
      [404, {}],
      [409, {}],
      [500, {}],
      [503, {}],
    ] as const) {
      const { url, requests } = await serve(problem(status, 'no', headers));
      const error = await errorOf(client(url).pixel('a'));
      assert.deepEqual([error.status, error.problem?.detail], [status, 'no']);
      assert.equal(error.isPassing, false);
      assert.equal(requests.length, 1, String(status));
    }
  });
});

describe('no answer', () => {
  test('nobody there', async () => {
    const error = await errorOf(
      client(`http://127.0.0.1:${await freePort()}`, { retries: 1 }).mint(),
    );
    assert.deepEqual([error.status, error.problem, error.isPassing], [0, null, true]);
    assert.match(error.message, /^no answer: /);
    assert.ok(error.cause instanceof Error);
  });

  test('a server that says nothing, or nothing more', async () => {
    const halfway: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"code"');
    };
    for (const listener of [silence, halfway]) {
      const { url, requests } = await serve(listener);
      const error = await errorOf(client(url, { timeoutMs: 50, retries: 1 }).pixel('a'));
      assert.equal(error.message, 'no answer within 50 ms');
      assert.equal(requests.length, 2);
    }
  });

  test('a caller who no longer wants one gets their own reason, also between two tries', async () => {
    const { url } = await serve(silence);
    const reason = new Error('changed my mind');
    const ending = new AbortController();
    const asked = client(url).pixel('a', { signal: ending.signal });
    setTimeout(() => ending.abort(reason), 20);
    await assert.rejects(asked, reason);
    await assert.rejects(client(url).pixel('a', { signal: ending.signal }), reason);
    const busy = await serve(problem(503, 'later', { 'retry-after': '20' }));
    const began = Date.now();
    const waiting = client(busy.url).pixel('a', { signal: AbortSignal.timeout(50) });
    await assert.rejects(waiting, { name: 'TimeoutError' });
    assert.ok(Date.now() - began < 2_000);
  });
});

describe('an answer of somebody else', () => {
  const strange: [string, RequestListener, RegExp][] = [
    [
      'a page',
      answer(200, '<!doctype html>', { 'content-type': 'text/html' }),
      /text\/html where JSON/,
    ],
    ['JSON that is none', answer(200, '{"code": '), /no JSON/],
    ['JSON that is cut', answer(200, '{"code":"a"'), /no JSON/],
    [
      'no content type',
      (_request, response) => void response.end('x'),
      /no content type where JSON/,
    ],
    [
      'a redirect',
      answer(301, '', { location: 'https://other.example/' }),
      /sends us to https:\/\/other/,
    ],
    ['a refusal without a problem', answer(404, 'Not Found'), /404: and no problem document/],
    [
      'a problem that is none',
      answer(404, 'x', { 'content-type': 'application/problem+json' }),
      /no problem document/,
    ],
  ];
  for (const [name, listener, message] of strange) {
    test(`${name} is an error that says so, and is asked once`, async () => {
      const { url, requests } = await serve(listener);
      const error = await errorOf(client(url).pixel('a'));
      assert.match(error.message, message);
      assert.equal(error.problem, null);
      assert.equal(requests.length, 1);
    });
  }

  test('a token is sent to no other server', async () => {
    const other = await serve(answer(200, PIXEL));
    const { url } = await serve(answer(307, '', { location: `${other.url}/v1/pixels/a` }));
    await errorOf(client(url).pixel('a'));
    assert.equal(other.requests.length, 0);
  });
});

test('an export that is cut breaks its stream', async () => {
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv', 'content-length': '100' }).write('a,b\n');
    setTimeout(() => response.destroy(), 20);
  };
  const { url } = await serve(cut);
  const stream = await client(url).export('hits', { format: 'csv' });
  await assert.rejects(new Response(stream).text());
});

test('a client that cannot work is not made', () => {
  for (const url of ['', 'localhost:8000', 'ftp://x', 'http:///x']) {
    assert.throws(() => new Truepixel({ url }), TypeError, url);
  }
  for (const token of ['', 'two words', 'line\nbreak', 'ä']) {
    assert.throws(() => new Truepixel({ url: 'http://x', token }), /token must be/, token);
  }
});
