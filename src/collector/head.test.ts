// The fast lane's reader against Node's parser: whatever the one accepts, the other accepts with the same
// meaning and the same end. Heads are generated near the shape that matters, then damaged.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { REQUEST_HEAD_BYTES_MAX, REQUEST_HEADERS_MAX } from '../limits.ts';
import { NOT_OURS, readHead } from './head.ts';
import { ABSENT, PixelRequest, readMessage } from './request.ts';

const SEED = 20_261_121;
const RUNS = 6_000;

/** What Node's server makes of bytes on a new connection. */
interface NodeReading {
  readonly messages: readonly IncomingMessage[];
  readonly keepAlive: readonly boolean[];
  readonly error: string | null;
}

const server = createServer({ maxHeaderSize: REQUEST_HEAD_BYTES_MAX });
server.maxHeadersCount = 0;

async function readByNode(bytes: Buffer): Promise<NodeReading> {
  const [ours, theirs] = duplexPair();
  const messages: IncomingMessage[] = [];
  const keepAlive: boolean[] = [];
  let error: string | null = null;
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    messages.push(message);
    keepAlive.push(response.shouldKeepAlive);
    message.resume();
  };
  const onError = (failure: NodeJS.ErrnoException): void => {
    error = failure.code ?? failure.message;
  };
  server.on('request', onRequest);
  server.on('clientError', onError);
  server.emit('connection', theirs);
  ours.on('error', () => undefined);
  ours.write(bytes);
  await new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
  server.off('request', onRequest);
  server.off('clientError', onError);
  theirs.on('error', () => undefined);
  theirs.destroy();
  ours.destroy();
  return { messages, keepAlive, error };
}

const NEXT = Buffer.from('GET /next HTTP/1.1\r\nHost: next\r\n\r\n');

function facts(request: PixelRequest): unknown {
  const text = (start: number, end: number): string | null =>
    start === ABSENT ? null : request.bytes.toString('latin1', start, end);
  return {
    kind: request.kind,
    format: request.format,
    code: request.kind === 'open' ? text(request.codeStart, request.codeEnd) : null,
    codeOk: request.kind === 'open' && request.codeOk,
    referrer: text(request.referrerStart, request.referrerEnd),
    agent: text(request.agentStart, request.agentEnd),
    purpose: text(request.purposeStart, request.purposeEnd),
    forwarded: text(request.forwardedStart, request.forwardedEnd),
    cookie: text(request.cookieStart, request.cookieEnd),
    optedOut: request.optedOut,
  };
}

/** Whether the lane accepts; then Node must have accepted the same, and have gone on at the same place. */
async function agree(bytes: Buffer): Promise<boolean> {
  const fast = new PixelRequest();
  const end = readHead(bytes, 0, fast);
  if (end === NOT_OURS) return false;
  const { messages, keepAlive, error } = await readByNode(
    Buffer.concat([bytes.subarray(0, end), NEXT]),
  );
  const [message, next] = messages;
  assert.ok(
    message,
    `only the fast lane accepts: ${JSON.stringify(bytes.toString('latin1'))} ${error}`,
  );
  assert.equal(message.method, 'GET');
  assert.equal(message.httpVersion, '1.1');
  assert.equal(message.complete, true, 'no body');
  const slow = new PixelRequest();
  assert.ok(readMessage(message, message.url ?? '', slow));
  assert.deepEqual(facts(fast), facts(slow));
  assert.equal(fast.keepAlive, keepAlive[0]);
  // After `close` Node reads on all the same but answers nothing more.
  if (fast.keepAlive) assert.equal(next?.url, '/next', 'both see the next request at one place');
  return true;
}

// --- Heads, mostly good ones -------------------------------------------------------------------------

const VALUE = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('x', 'keep-alive', 'close', '0', '1', 'chunked', '', 'a,b'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('http://a/b?c|"d"', 'Mozilla/5.0 (X; Y) Z', '10.0.0.1, ::1'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('100-continue', 'identity', 'Keep-Alive', 'upgrade', '\t x \t'),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[\t -~\x80-\xff]{0,12}$/) },
  { weight: 1, arbitrary: latin1({ maxLength: 12 }) },
);
const NAME = fc
  .oneof(
    {
      weight: 12,
      arbitrary: fc.constantFrom(
        'Accept',
        'Referer',
        'User-Agent',
        'X-Forwarded-For',
        'Cookie',
        'DNT',
        'Sec-GPC',
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('Sec-Purpose', 'Purpose', 'X-Moz', 'Connection', 'Host'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('Content-Length', 'Transfer-Encoding', 'Proxy-Connection'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('Expect', 'Upgrade', 'Keep-Alive', 'TE', 'Trailer', 'Range'),
    },
    { weight: 1, arbitrary: fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,18}$/) },
  )
  .chain((name) => fc.constantFrom(name, name, name.toLowerCase(), name.toUpperCase()));
const COLON = fc.constantFrom(': ', ': ', ': ', ': ', ':', ':\t ');
const LINE_END = fc.constant('\r\n');
const TARGET = fc.oneof(
  fc.constantFrom(
    '/track',
    '/track.gif?a=b',
    '/image/AbCdEf0123456789.png',
    '/image/../x',
    '/image/%00',
  ),
  fc.stringMatching(/^\/image\/[!-~]{0,20}$/),
);
const HEAD = fc
  .record({
    target: TARGET,
    headers: fc.array(fc.tuple(NAME, COLON, VALUE, LINE_END), { maxLength: 6 }),
    hostAt: fc.nat({ max: 6 }),
  })
  .map(({ target, headers, hostAt }) => {
    const lines = headers.map((parts) => parts.join(''));
    lines.splice(hostAt, 0, 'Host: pixels.example\r\n');
    return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
  });

function latin1(constraints: fc.StringConstraints): fc.Arbitrary<string> {
  return fc.string({
    ...constraints,
    unit: fc.nat({ max: 255 }).map((byte) => String.fromCharCode(byte)),
  });
}

const DAMAGE = fc.record({
  /** In thousandths of the head. */
  at: fc.nat({ max: 999 }),
  removed: fc.nat({ max: 2 }),
  put: fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\r\r\n',
      ' ',
      '\t',
      '\r\n ',
      '\0',
      ':',
      '\x7f',
      '\r\n\r\n',
      '#',
    ),
    latin1({ maxLength: 2 }),
  ),
});

function damaged(
  head: string,
  damages: readonly { at: number; removed: number; put: string }[],
): string {
  return damages.reduce((text, { at, removed, put }) => {
    const place = Math.floor((at * text.length) / 1_000);
    return text.slice(0, place) + put + text.slice(place + removed);
  }, head);
}

test('what the fast lane accepts means to Node’s parser exactly the same', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(HEAD, async (head) => {
      if (await agree(Buffer.from(head, 'latin1'))) accepted++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert.ok(
    accepted > RUNS / 5,
    `only ${accepted} of ${RUNS} heads were accepted: nothing was compared`,
  );
});

test('what the fast lane accepts of damaged heads, Node’s parser accepts too', async () => {
  let accepted = 0;
  const damages = fc.array(DAMAGE, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(HEAD, damages, async (head, damages) => {
      if (await agree(Buffer.from(damaged(head, damages), 'latin1'))) accepted++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert.ok(
    accepted > RUNS / 10,
    `only ${accepted} of ${RUNS} heads were accepted: nothing was compared`,
  );
});

test('every byte in every place of a head is accepted only as Node’s parser does', async () => {
  const head = 'GET /image/a.png?b HTTP/1.1\r\nHost: h\r\nReferer: r\r\n\r\n';
  for (let at = 0; at < head.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Buffer.from(head, 'latin1');
      bytes[at] = byte;
      await agree(bytes);
    }
  }
  assert.ok(await agree(Buffer.from(head)));
});

const GOOD = 'GET /track HTTP/1.1\r\nHost: h\r\n';
const LEFT_TO_NODE: readonly [name: string, head: string][] = [
  ['nothing', ''],
  ['half a head', GOOD],
  ['a head without its last byte', `${GOOD}\r`],
  ['an empty line first', `\r\n${GOOD}\r\n`],
  ['no host', 'GET /track HTTP/1.1\r\nAccept: x\r\n\r\n'],
  ['two hosts', `${GOOD}host: h\r\n\r\n`],
  ['an empty host', 'GET /track HTTP/1.1\r\nHost: \r\n\r\n'],
  ['HTTP/1.0', 'GET /track HTTP/1.0\r\nHost: h\r\n\r\n'],
  ['HTTP/1.2', 'GET /track HTTP/1.2\r\nHost: h\r\n\r\n'],
  ['lower-case http', 'GET /track http/1.1\r\nHost: h\r\n\r\n'],
  ['HEAD', 'HEAD /track HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['POST', 'POST /track HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['another path', 'GET /v1/api/status HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['two blanks before the target', 'GET  /track HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['two blanks behind the target', 'GET /track  HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['an absolute target', 'GET http://h/track HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['a fragment', 'GET /track#x HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['a target past ASCII', 'GET /image/\xe4 HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['lines that end with LF', 'GET /track HTTP/1.1\nHost: h\n\n'],
  ['a bare CR in a value', `${GOOD}A: b\rc\r\n\r\n`],
  ['a bare LF in a value', `${GOOD}A: b\nC: d\r\n\r\n`],
  ['a NUL in a value', `${GOOD}A: b\0c\r\n\r\n`],
  ['DEL in a value', `${GOOD}A: b\x7fc\r\n\r\n`],
  ['a folded header', `${GOOD}A: b\r\n c\r\n\r\n`],
  ['a blank before the colon', `${GOOD}A : b\r\n\r\n`],
  ['no colon', `${GOOD}A\r\n\r\n`],
  ['an empty name', `${GOOD}: b\r\n\r\n`],
  ['a length', `${GOOD}Content-Length: 0\r\n\r\n`],
  ['a transfer coding', `${GOOD}transfer-encoding: chunked\r\n\r\n`],
  [
    'a length and a transfer coding',
    `${GOOD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  ['an expectation', `${GOOD}Expect: 100-continue\r\n\r\n`],
  ['an upgrade', `${GOOD}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n`],
  ['an upgrade alone', `${GOOD}Upgrade: websocket\r\n\r\n`],
  ['a proxy’s connection header', `${GOOD}Proxy-Connection: close\r\n\r\n`],
  ['two words for the connection', `${GOOD}Connection: keep-alive, TE\r\n\r\n`],
  ['two connection headers', `${GOOD}Connection: keep-alive\r\nConnection: close\r\n\r\n`],
  ['two referrers', `${GOOD}Referer: a\r\nReferer: b\r\n\r\n`],
  ['two agents', `${GOOD}User-Agent: a\r\nuser-agent: b\r\n\r\n`],
  ['two forwardings', `${GOOD}X-Forwarded-For: a\r\nX-Forwarded-For: b\r\n\r\n`],
  ['two purposes', `${GOOD}Sec-Purpose: prefetch\r\nPurpose: prefetch\r\n\r\n`],
  ['two cookie headers', `${GOOD}Cookie: a=1\r\ncookie: b=2\r\n\r\n`],
  ['two wishes not to be tracked', `${GOOD}DNT: 0\r\nDNT: 1\r\n\r\n`],
  ['two wishes not to be sold', `${GOOD}Sec-GPC: 0\r\nSec-GPC: 1\r\n\r\n`],
  ['wishes that a proxy joined', `${GOOD}DNT: 0, 1\r\n\r\n`],
  ['too many headers', `${GOOD}${'A: b\r\n'.repeat(REQUEST_HEADERS_MAX)}\r\n`],
  ['a head that is too long', `${GOOD}A: ${'b'.repeat(REQUEST_HEAD_BYTES_MAX)}\r\n\r\n`],
];

for (const [name, head] of LEFT_TO_NODE) {
  test(`left to Node: ${name}`, () => {
    assert.equal(readHead(Buffer.from(head, 'latin1'), 0, new PixelRequest()), NOT_OURS);
  });
}

test('a head at its limits is still taken', async () => {
  assert.ok(await agree(Buffer.from(`${GOOD}${'A: b\r\n'.repeat(REQUEST_HEADERS_MAX - 1)}\r\n`)));
  const rest = `${GOOD}A: \r\n\r\n`.length;
  const longest = `${GOOD}A: ${'b'.repeat(REQUEST_HEAD_BYTES_MAX - rest)}\r\n\r\n`;
  assert.ok(await agree(Buffer.from(longest)));
});

test('a head is read where it stands, between other bytes', () => {
  const head = `${GOOD}Referer: http://a/|"b"\r\nDNT: 1\r\nConnection: Close\r\n\r\n`;
  const bytes = Buffer.from(`before${head}behind`, 'latin1');
  const request = new PixelRequest();
  assert.equal(readHead(bytes, 6, request), 6 + head.length);
  assert.equal(
    bytes.toString('latin1', request.referrerStart, request.referrerEnd),
    'http://a/|"b"',
  );
  assert.equal(request.keepAlive, false);
  assert.equal(request.optedOut, true);
  assert.equal(request.agentStart, ABSENT, 'nothing stays of the request before');
});

test('only a wish that begins with 1 is one, and nothing of it stays for the next request', () => {
  const request = new PixelRequest();
  const table: [line: string, optedOut: boolean][] = [
    ['DNT: 1', true],
    ['', false],
    ['sec-gpc: 1', true],
    ['Sec-GPC: 0', false],
    ['dnt: 1x', true],
    ['DNT: 0', false],
    ['DNT:', false],
    ['DNT: null', false],
  ];
  for (const [line, optedOut] of table) {
    const head = Buffer.from(`${GOOD}${line}${line === '' ? '' : '\r\n'}\r\n`);
    assert.notEqual(readHead(head, 0, request), NOT_OURS);
    assert.equal(request.optedOut, optedOut, line);
  }
});
