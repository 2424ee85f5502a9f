// What a request for a tracking image is answered, and what of it is kept, through both lanes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../src/collector/admission.ts';
import { IMAGES } from '../src/collector/image.ts';
import type { AppendOutcome } from '../src/journal/journal.ts';
import {
  CODES,
  Client,
  eventually,
  exchange,
  HEADERS,
  startCollector,
  TRACK,
} from './collector.fixture.ts';

const LANES = [
  ['fast', ''],
  ['node', 'Upgrade: none\r\n'],
] as const;

const withoutDate = (head: string): string => head.replace(/^Date: .*$/m, 'Date: …');

for (const [lane, odd] of LANES) {
  test(`an open of our pixel is kept with its facts, then answered (${lane} lane)`, async (t) => {
    const { port, journal, collector } = await startCollector(t);
    const code = CODES.mint();
    const before = Date.now() * 1_000;
    const head = `GET /image/${code}.png?a=b HTTP/1.1\r\nHost: h\r\n${odd}`;
    const reply = await exchange(
      t,
      port,
      `${head}Referer: https://a/b\r\nUser-Agent: Agent/1\r\nSec-Purpose: prefetch\r\n\r\n`,
    );
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.body, IMAGES.png);
    const [hit, ...others] = journal.hits;
    assert.ok(hit);
    assert.deepEqual(others, []);
    assert.ok(hit.at >= before && hit.at <= (Date.now() + 1) * 1_000);
    assert.deepEqual(
      { ...hit, at: 0 },
      {
        kind: 'open',
        at: 0,
        code,
        address: '127.0.0.1',
        referrer: 'https://a/b',
        agent: 'Agent/1',
        purpose: 'prefetch',
      },
    );
    assert.equal(collector.counters.images.open.kept, 1);
    assert.equal(collector.counters.requests[lane], 1);
  });

  test(`nothing is answered before the commit (${lane} lane)`, async (t) => {
    const { port, journal } = await startCollector(t);
    journal.holds = true;
    const client = await Client.open(t, port);
    await client.send(`GET /track HTTP/1.1\r\n${odd}${HEADERS}`);
    while (journal.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    assert.equal(client.unread.length, 0);
    journal.release();
    assert.equal((await client.reply()).status, 200);
  });

  test(`absent headers are absent, empty ones empty (${lane} lane)`, async (t) => {
    const { port, journal } = await startCollector(t);
    await exchange(t, port, `GET /track HTTP/1.1\r\nHost: h\r\n${odd}User-Agent:\r\n\r\n`);
    const [hit] = journal.hits;
    assert.deepEqual([hit?.referrer, hit?.agent, hit?.purpose, hit?.code], [null, '', null, null]);
  });

  test(`header bytes are kept as they came: pipes, quotes, tabs, any encoding (${lane} lane)`, async (t) => {
    const { port, journal } = await startCollector(t);
    const referrer = 'https://a/|"\'%0d%0a|x\t<script>';
    const agents: [sent: Buffer, kept: string][] = [
      [Buffer.from('Ünïcødé ☃', 'utf8'), 'Ünïcødé ☃'],
      [Buffer.from('caf\xe9', 'latin1'), 'café'],
      [Buffer.from('a|b"c', 'latin1'), 'a|b"c'],
    ];
    for (const [agent] of agents) {
      const head = `GET /track HTTP/1.1\r\nHost: h\r\n${odd}Referer: ${referrer}\r\nUser-Agent: `;
      await exchange(t, port, Buffer.concat([Buffer.from(head), agent, Buffer.from('\r\n\r\n')]));
    }
    assert.deepEqual(
      journal.hits.map(({ referrer, agent }) => [referrer, agent]),
      agents.map(([, kept]) => [referrer, kept]),
    );
  });

  test(`a believed proxy's client is kept, by the address policy (${lane} lane)`, async (t) => {
    const { port, journal } = await startCollector(t, {
      trustedProxies: ['127.0.0.0/8'],
      ipPolicy: 'truncate',
    });
    const head = `GET /track HTTP/1.1\r\n${odd}X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n${HEADERS}`;
    await exchange(t, port, head);
    assert.equal(journal.hits[0]?.address, '203.0.113.0');
  });
}

test('several X-Forwarded-For lines are one list', async (t) => {
  const { port, journal } = await startCollector(t, { trustedProxies: ['127.0.0.1/32'] });
  const lines = 'X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.9\r\n';
  await exchange(t, port, `GET /track HTTP/1.1\r\n${lines}${HEADERS}`);
  assert.equal(journal.hits[0]?.address, '203.0.113.9');
});

const REFUSALS: readonly [Outcome, string, number, AppendOutcome, works: boolean][] = [
  ['code-malformed', '/image/%00.png', 200, 'queued', true],
  ['code-unknown', '/image/AAAAAAAAAAAAAAAA.png', 200, 'queued', true],
  ['journal-busy', `/image/${CODES.mint()}.png`, 503, 'journal-busy', true],
  ['journal-full', `/image/${CODES.mint()}.png`, 503, 'journal-full', true],
  ['journal-down', `/image/${CODES.mint()}.png`, 503, 'journal-down', true],
  ['commit-failed', `/image/${CODES.mint()}.png`, 503, 'queued', false],
];

for (const [outcome, target, status, appended, works] of REFUSALS) {
  test(`${outcome} is answered ${status} with the image, by both lanes in the same bytes`, async (t) => {
    const { port, journal, collector } = await startCollector(t);
    journal.outcome = appended;
    journal.works = works;
    const heads = await Promise.all(
      LANES.map(async ([, odd]) => {
        const reply = await exchange(t, port, `GET ${target} HTTP/1.1\r\n${odd}${HEADERS}`);
        assert.equal(reply.status, status);
        assert.deepEqual(reply.body, IMAGES.png);
        return withoutDate(reply.head);
      }),
    );
    assert.equal(heads[0], heads[1]);
    assert.equal(collector.counters.images.open[outcome], 2);
    assert.equal(collector.counters.images.open.kept, 0);
    const replies = (): number => collector.counters.replies[Math.floor(status / 100)] ?? 0;
    await eventually(() => replies() === 2, 'the replies are counted by status');
  });
}

test('both lanes answer in the same bytes, kept alive and closed', async (t) => {
  const { port } = await startCollector(t);
  for (const connection of ['', 'Connection: close\r\n', 'Connection: keep-alive\r\n']) {
    const heads = await Promise.all(
      LANES.map(async ([, odd]) => {
        const head = `GET /track.gif HTTP/1.1\r\n${connection}${odd}${HEADERS}`;
        const client = await Client.open(t, port);
        await client.send(head);
        const reply = await client.reply();
        assert.deepEqual(reply.body, IMAGES.gif);
        if (connection.includes('close')) await client.closed;
        return withoutDate(reply.head);
      }),
    );
    assert.equal(heads[0], heads[1]);
  }
});

test('HEAD has the same headers as GET and is not a hit', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  const code = CODES.mint();
  const get = await exchange(t, port, `GET /image/${code}.png HTTP/1.1\r\n${HEADERS}`);
  const head = await exchange(t, port, `HEAD /image/${code}.png HTTP/1.1\r\n${HEADERS}`, true);
  assert.equal(withoutDate(head.head), withoutDate(get.head));
  assert.equal(head.body.length, 0);
  assert.equal(journal.hits.length, 1);
  assert.equal(collector.counters.images.open['head-not-counted'], 1);
});

test('OPTIONS is 204, allows any page to ask, and is not a hit', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  const reply = await exchange(
    t,
    port,
    `OPTIONS /track HTTP/1.1\r\nOrigin: https://x\r\n${HEADERS}`,
  );
  assert.equal(reply.status, 204);
  assert.equal(reply.headers['access-control-allow-origin'], '*');
  assert.equal(reply.headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS');
  assert.equal(journal.hits.length, 0);
  assert.equal(collector.counters.images.visit['options-not-counted'], 1);
});

test('other methods are 405 with an empty body, and not a hit', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const reply = await exchange(
      t,
      port,
      `${method} /track HTTP/1.1\r\nContent-Length: 2\r\n${HEADERS}hi`,
    );
    assert.equal(reply.status, 405);
    assert.equal(reply.headers['allow'], 'GET, HEAD, OPTIONS');
    assert.equal(reply.headers['content-length'], '0');
    assert.equal(reply.headers['content-type'], undefined);
  }
  assert.equal(journal.hits.length, 0);
  assert.equal(collector.counters.images.visit['method-refused'], 4);
});

test('a GET with a body is a hit, and its body is not taken for a request', async (t) => {
  const { port, journal } = await startCollector(t);
  const client = await Client.open(t, port);
  const smuggled = `GET /image/${CODES.mint()} HTTP/1.1\r\nHost: evil\r\n\r\n`;
  const head = `GET /track HTTP/1.1\r\nContent-Length: ${smuggled.length}\r\n${HEADERS}`;
  await client.send(`${head}${smuggled}${TRACK}`);
  assert.equal((await client.reply()).status, 200);
  assert.equal((await client.reply()).status, 200);
  assert.deepEqual(
    journal.hits.map(({ kind }) => kind),
    ['visit', 'visit'],
  );
});

test('an absolute target means the same as its path (RFC 9112 §3.2.2)', async (t) => {
  const { port, journal } = await startCollector(t);
  const code = CODES.mint();
  const reply = await exchange(t, port, `GET http://h/image/${code}.png HTTP/1.1\r\n${HEADERS}`);
  assert.deepEqual(reply.body, IMAGES.png);
  assert.equal(journal.hits[0]?.code, code);
});

test('with the code check off a code from elsewhere is kept', async (t) => {
  const { port, journal } = await startCollector(t, { codeCheck: 'off' });
  await exchange(t, port, `GET /image/from-elsewhere_1.gif HTTP/1.1\r\n${HEADERS}`);
  assert.equal(journal.hits[0]?.code, 'from-elsewhere_1');
});

test('an offer to speak another protocol is not taken, and the image comes', async (t) => {
  const { port, journal } = await startCollector(t);
  const offer =
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
  assert.equal((await exchange(t, port, `GET /track HTTP/1.1\r\n${offer}${HEADERS}`)).status, 200);
  assert.equal(journal.hits.length, 1);
});
