// Whose address counts, by table: what a stranger claims, what proxies claim, and what of it may be kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESS_CACHE_ENTRIES_MAX } from '../limits.ts';
import { ClientAddresses } from './client-address.ts';
import { PixelRequest } from './request.ts';

const PROXIES = ['10.0.0.0/8', '2001:db8:5::/48'];

function requestWith(forwarded: string | null): PixelRequest {
  const request = new PixelRequest();
  request.begin(Buffer.from(`junk${forwarded ?? ''}junk`, 'latin1'));
  if (forwarded !== null) {
    request.forwardedStart = 4;
    request.forwardedEnd = 4 + forwarded.length;
  }
  return request;
}

const TABLE: readonly [name: string, peer: string, forwarded: string | null, client: string][] = [
  ['a stranger without the header', '203.0.113.9', null, '203.0.113.9'],
  ['a stranger who claims to be somebody', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a proxy that says nothing', '10.1.2.3', null, '10.1.2.3'],
  ['a proxy and its client', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  [
    'what the client made up stands to the left',
    '10.1.2.3',
    '1.1.1.1, 198.51.100.1',
    '198.51.100.1',
  ],
  ['two proxies', '10.1.2.3', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['proxies all the way', '10.1.2.3', '10.7.7.7, 10.9.9.9', '10.7.7.7'],
  ['an empty header', '10.1.2.3', '', '10.1.2.3'],
  ['a blank header', '10.1.2.3', ' , ', '10.1.2.3'],
  ['no address at the right end', '10.1.2.3', '198.51.100.1, unknown', '10.1.2.3'],
  ['no address behind a proxy', '10.1.2.3', '198.51.100.1, junk, 10.9.9.9', '10.9.9.9'],
  ['a trailing comma', '10.1.2.3', '198.51.100.1,', '10.1.2.3'],
  ['a leading comma', '10.1.2.3', ',10.9.9.9', '10.9.9.9'],
  ['ports and brackets', '10.1.2.3', '[2001:DB8::1]:443, 10.9.9.9:80', '2001:db8::1'],
  ['no blanks', '10.1.2.3', '198.51.100.1,10.9.9.9', '198.51.100.1'],
  ['IPv4 in an IPv6 coat is IPv4', '::ffff:10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
  ['an IPv6 proxy', '2001:db8:5::1', '198.51.100.1', '198.51.100.1'],
  ['its neighbour is none', '2001:db8:6::1', '198.51.100.1', '2001:db8:6::1'],
  ['octal is no address', '10.1.2.3', '010.0.0.1', '10.1.2.3'],
  ['a very long header', '10.1.2.3', `${'1.1.1.1, '.repeat(1_500)}198.51.100.1`, '198.51.100.1'],
];

test('a peer is worked out once for all of its connections', () => {
  const addresses = new ClientAddresses({ trustedProxies: PROXIES, ipPolicy: 'full' });
  const peer = addresses.peer('::ffff:10.1.2.3');
  assert.equal(addresses.peer('::ffff:10.1.2.3'), peer);
  assert.notEqual(addresses.peer('10.1.2.4'), peer);
  assert.equal(addresses.peer(undefined), null);
  assert.equal(addresses.peer('no address'), null);
});

for (const [name, remote, forwarded, client] of TABLE) {
  test(`${name}: ${client}`, () => {
    const addresses = new ClientAddresses({ trustedProxies: PROXIES, ipPolicy: 'full' });
    const peer = addresses.peer(remote);
    assert.ok(peer);
    const request = requestWith(forwarded);
    assert.equal(addresses.of(peer, request).kept.toString(), client);
    assert.equal(addresses.of(peer, request).kept.toString(), client, 'the same from the cache');
    assert.equal(addresses.client(peer, forwarded ?? undefined), client);
  });
}

test('the policy is applied to peers and to forwarded addresses, but not to what is no hit', () => {
  const expected = {
    full: ['203.0.113.9', '2001:db8:1:2::9'],
    truncate: ['203.0.113.0', '2001:db8:1::'],
    none: ['', ''],
  } as const;
  for (const ipPolicy of ['full', 'truncate', 'none'] as const) {
    const addresses = new ClientAddresses({ trustedProxies: PROXIES, ipPolicy });
    const stranger = addresses.peer('203.0.113.9');
    const proxy = addresses.peer('10.0.0.1');
    assert.ok(stranger && proxy);
    const kept = [
      addresses.of(stranger, requestWith(null)).kept.toString(),
      addresses.of(proxy, requestWith('2001:db8:1:2::9')).kept.toString(),
    ];
    assert.deepEqual(kept, expected[ipPolicy]);
    assert.equal(addresses.client(stranger, undefined), '203.0.113.9');
  }
});

test('two proxies that send the same junk keep their own addresses', () => {
  const addresses = new ClientAddresses({ trustedProxies: PROXIES, ipPolicy: 'full' });
  for (const remote of ['10.0.0.1', '10.0.0.2']) {
    const peer = addresses.peer(remote);
    assert.ok(peer);
    assert.equal(addresses.of(peer, requestWith('junk')).kept.toString(), remote);
  }
});

test('more clients than the cache holds still get their own address', () => {
  const addresses = new ClientAddresses({ trustedProxies: PROXIES, ipPolicy: 'full' });
  const peer = addresses.peer('10.0.0.1');
  assert.ok(peer);
  for (let i = 0; i < ADDRESS_CACHE_ENTRIES_MAX * 2; i++) {
    const client = `198.18.${(i >> 8) & 255}.${i & 255}`;
    assert.equal(addresses.of(peer, requestWith(client)).kept.toString(), client);
  }
});

test('a socket that has no address any more has no peer', () => {
  const addresses = new ClientAddresses({ trustedProxies: [], ipPolicy: 'full' });
  assert.equal(addresses.peer(undefined), null);
});
