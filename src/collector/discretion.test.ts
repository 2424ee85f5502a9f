// What a record holds in each setting and mode, by table, from the bytes of a request to the decoded hit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE_SECRET, CODES, collectInto, FakeJournal } from '../../test/collector.fixture.ts';
import type { Config } from '../config/config.ts';
import type { Hit } from '../hit/event.ts';
import { OWN_COOKIE, signOwn } from '../hit/own-browser.ts';
import { readHead } from './head.ts';
import { PixelRequest } from './request.ts';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
const ADDRESS = '203.0.113.77';
const REFERRER = 'https://me:pw@Site.example/page?name=me#me';

interface Sent {
  readonly target?: string;
  readonly agent?: string;
  readonly headers?: string;
  readonly address?: string;
}

/** The hit that a request leaves in the journal, or what became of the request instead. */
function collect(settings: Partial<Config>, sent: Sent = {}): Hit | string {
  const journal = new FakeJournal();
  const { collect: collecting, addresses } = collectInto(journal, settings);
  const { target = '/track', agent = FIREFOX, headers = '', address = ADDRESS } = sent;
  const lines = `Host: h\r\nUser-Agent: ${agent}\r\nReferer: ${REFERRER}\r\nPurpose: x-me\r\n`;
  const head = Buffer.from(`GET ${target} HTTP/1.1\r\n${lines}${headers}\r\n`);
  const request = new PixelRequest();
  assert.equal(readHead(head, 0, request), head.length);
  const peer = addresses.peer(address);
  assert.ok(peer);
  const outcome = collecting.take(request, peer, { settled: () => undefined });
  return outcome ?? (journal.hits[0] as Hit);
}

function kept(settings: Partial<Config>, sent: Sent = {}): Hit {
  const hit = collect(settings, sent);
  assert.ok(typeof hit === 'object', `${JSON.stringify(hit)} in place of a hit`);
  return hit;
}

const VISITOR = /^[0-9a-f]{16}$/;
const COUNTED = {
  class: 'human-browser',
  reason: 'browser-agent',
  client: 'Firefox',
  os: null,
  device: null,
  country: null,
} as const;
const PERSON = { ...COUNTED, os: 'Windows', device: 'desktop' } as const;

test('by default all is kept as it came, and nothing is withheld', () => {
  const { at, ...hit } = kept({});
  assert.ok(at > 1e15);
  assert.deepEqual(hit, {
    kind: 'visit',
    code: null,
    address: ADDRESS,
    referrer: REFERRER,
    agent: FIREFOX,
    purpose: 'x-me',
  });
});

test('aggregate keeps a count: no address, agent, visitor or purpose', () => {
  const { at, ...visit } = kept({ pixelMode: 'aggregate' });
  assert.ok(at > 1e15);
  const withheld = { verdict: COUNTED, visitor: null, ownAddress: false, mailSecurity: false };
  const nothing = { address: '', agent: null, purpose: null };
  const page = 'https://Site.example/page';
  assert.deepEqual(visit, { kind: 'visit', code: null, referrer: page, ...nothing, withheld });
  const code = CODES.mint('aggregate');
  const { at: _, ...open } = kept({}, { target: `/image/${code}.png` });
  const referrer = 'https://Site.example';
  assert.deepEqual(open, { kind: 'open', code, referrer, ...nothing, withheld });
});

test('off keeps nothing, by code and by default, and says so by its outcome alone', () => {
  assert.equal(collect({ pixelMode: 'off' }), 'mode-off');
  assert.equal(collect({}, { target: `/image/${CODES.mint('off')}` }), 'mode-off');
  const code = CODES.mint('individual');
  assert.equal(kept({ pixelMode: 'off' }, { target: `/image/${code}` }).address, ADDRESS);
});

test('strict keeps a verdict in full and a visitor in place of address and agent', () => {
  const hit = kept({ privacy: 'strict' });
  const { withheld } = hit;
  assert.deepEqual([hit.address, hit.agent, hit.purpose], ['', null, null]);
  assert.equal(hit.referrer, 'https://Site.example/page');
  const target = `/image/${CODES.mint()}`;
  assert.equal(kept({ privacy: 'strict' }, { target }).referrer, 'https://Site.example');
  assert.deepEqual(withheld?.verdict, PERSON);
  assert.match(withheld?.visitor ?? '', VISITOR);
  const again = kept({ privacy: 'strict' });
  assert.equal(again.withheld?.visitor, withheld?.visitor);
  const other = kept({ privacy: 'strict' }, { address: '203.0.113.78' });
  assert.notEqual(other.withheld?.visitor, withheld?.visitor);
});

test('strict honours Sec-GPC and DNT as aggregate; other settings do not', () => {
  for (const headers of ['Sec-GPC: 1\r\n', 'DNT: 1\r\n']) {
    const strict = kept({ privacy: 'strict' }, { headers });
    assert.deepEqual([strict.withheld?.visitor, strict.withheld?.verdict], [null, COUNTED]);
    assert.equal(kept({}, { headers }).address, ADDRESS);
  }
  const no = kept({ privacy: 'strict' }, { headers: 'DNT: 0\r\nSec-GPC: 0\r\n' });
  assert.match(no.withheld?.visitor ?? '', VISITOR);
});

test('the address policy takes the address only, after it was judged by the whole of it', () => {
  for (const [ipPolicy, address] of [
    ['truncate', '203.0.113.0'],
    ['none', ''],
  ] as const) {
    const settings = { ipPolicy, ignoredAddresses: ['203.0.113.77/32'] };
    const hit = kept(settings);
    assert.deepEqual(
      [hit.address, hit.agent, hit.referrer, hit.purpose],
      [address, FIREFOX, REFERRER, 'x-me'],
    );
    assert.deepEqual(hit.withheld?.verdict, PERSON);
    assert.match(hit.withheld?.visitor ?? '', VISITOR);
    assert.equal(hit.withheld?.ownAddress, true);
    assert.equal(kept(settings, { address: '203.0.113.78' }).withheld?.ownAddress, false);
  }
});

test('names that come out of an agent are kept only where the agent is', () => {
  const agents = ['Janes-Own-App/1.0 CFNetwork/1 Darwin/23', 'janes-own-bot/1.0'];
  for (const agent of agents) {
    const named = kept({ ipPolicy: 'none' }, { agent });
    assert.match(named.withheld?.verdict.client ?? '', /jane/i);
    for (const settings of [{ privacy: 'strict' }, { pixelMode: 'aggregate' }] as const) {
      assert.equal(kept(settings, { agent }).withheld?.verdict.client, null);
    }
  }
  const known = kept({ pixelMode: 'aggregate' }, { agent: 'Slackbot-LinkExpanding 1.0' });
  assert.equal(known.withheld?.verdict.class, 'link-preview');
  assert.notEqual(known.withheld?.verdict.client, null);
});

test('a visit counts its visitor by site, an open does not', () => {
  const visit = kept({ privacy: 'strict' }).withheld?.visitor;
  const target = `/image/${CODES.mint()}`;
  const open = kept({ privacy: 'strict' }, { target }).withheld?.visitor;
  assert.notEqual(visit, open);
  const other = `/image/${CODES.mint()}`;
  assert.equal(kept({ privacy: 'strict' }, { target: other }).withheld?.visitor, open);
});

test('an own browser is marked in every mode, by a right cookie among others, and no cookie is kept', () => {
  const soon = Math.floor(Date.now() / 1_000) + 60;
  const right = signOwn(CODE_SECRET, 'cookie', soon);
  const cookies: [cookie: string, isOwn: boolean][] = [
    [`${OWN_COOKIE}=${right}`, true],
    [`a=b; ${OWN_COOKIE}=${right}; c=d`, true],
    [`a=b;${OWN_COOKIE}=${right}`, true],
    [`x${OWN_COOKIE}=${right}`, false],
    [`a=${OWN_COOKIE}=${right}`, false],
    [`${OWN_COOKIE}=${right}x`, false],
    [`${OWN_COOKIE}=${signOwn(CODE_SECRET, 'link', soon)}`, false],
    [`${OWN_COOKIE}=${signOwn(CODE_SECRET, 'cookie', soon - 120)}`, false],
    ['a=b', false],
  ];
  for (const settings of [{}, { privacy: 'strict' }, { pixelMode: 'aggregate' }] as const) {
    for (const [cookie, isOwn] of cookies) {
      const hit = kept(settings, { headers: `Cookie: ${cookie}\r\n` });
      assert.equal(hit.ownBrowser ?? false, isOwn, cookie);
      assert.ok(!JSON.stringify(hit).includes(right.slice(-20)));
    }
  }
});
