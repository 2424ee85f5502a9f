// The search among networks against the slow and obvious way, on random networks within networks.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { readAddress } from './address-words.ts';
import { parsePrefix, PrefixTable } from './prefix-table.ts';

const SEED = 20261121;

/** Few bits vary, so that networks lie in each other and addresses hit them. */
const ipv4 = fc
  .array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 })
  .map((parts) => parts.join('.'));
const ipv6 = fc
  .array(fc.constantFrom(0, 1, 0x8000, 0xffff), { minLength: 8, maxLength: 8 })
  .map((parts) => new ipaddr.IPv6(parts).toRFC5952String());

function longestMatch(address: string, prefixes: readonly string[]): string | null {
  const parsed = ipaddr.parse(address);
  let best: [number, string] | null = null;
  for (const prefix of prefixes) {
    const [network, length] = ipaddr.parseCIDR(prefix);
    if (network.kind() !== parsed.kind() || !parsed.match(network, length)) continue;
    if (best === null || length >= best[0]) best = [length, `${network.toString()}/${length}`];
  }
  return best?.[1] ?? null;
}

function tableOf(prefixes: readonly string[]): PrefixTable<string> {
  return new PrefixTable(
    prefixes.map((text) => {
      const prefix = parsePrefix(text);
      assert.ok(prefix !== null, text);
      const [network, length] = ipaddr.parseCIDR(text);
      return [prefix, `${network.toString()}/${length}`] as const;
    }),
  );
}

suite('the table of networks', () => {
  for (const [kind, address, bits] of [
    ['IPv4', ipv4, 32],
    ['IPv6', ipv6, 128],
  ] as const) {
    test(`finds the longest ${kind} prefix, as the obvious way does`, () => {
      const prefix = fc
        .tuple(address, fc.integer({ min: 0, max: bits }))
        .map(([network, length]) => `${network}/${length}`);
      const property = fc.property(
        fc.array(prefix, { maxLength: 12 }),
        fc.array(address, { minLength: 1, maxLength: 12 }),
        (prefixes, addresses) => {
          const table = tableOf(prefixes);
          for (const one of addresses) {
            const found = table.find(one);
            const expected = longestMatch(one, prefixes);
            // The same network may be written with different host bits; what counts is its length.
            assert.equal(
              found?.split('/')[1],
              expected?.split('/')[1],
              `${one} in ${prefixes.join(' ')}`,
            );
          }
        },
      );
      fc.assert(property, { seed: SEED, numRuns: 500 });
    });
  }

  test('a network with one address, the first and the last address of all are found', () => {
    const table = tableOf(['0.0.0.0/32', '255.255.255.255/32', '::/128', '2001:db8::/32']);
    assert.equal(table.find('0.0.0.0'), '0.0.0.0/32');
    assert.equal(table.find('255.255.255.255'), '255.255.255.255/32');
    assert.equal(table.find('::'), '::/128');
    assert.equal(table.find('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'), '2001:db8::/32');
    assert.equal(table.find('2001:db9::'), null);
    assert.equal(table.find(''), null);
  });

  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/8/8',
    '::/129',
    'x',
    '1.2.3.256',
    '::1::',
  ]) {
    test(`does not take ${JSON.stringify(text)} for a network`, () => {
      assert.equal(parsePrefix(text), null);
    });
  }

  test('reads canonical addresses as ipaddr.js does, and nothing else', () => {
    const words = new Uint32Array(4);
    const property = fc.property(fc.ipV6(), (text) => {
      if (text.includes('.')) return;
      const canonical = ipaddr.IPv6.parse(text).toRFC5952String();
      assert.equal(readAddress(canonical, words), 4);
      const { parts } = ipaddr.IPv6.parse(canonical);
      const expected = [0, 2, 4, 6].map((i) => (parts[i] ?? 0) * 65_536 + (parts[i + 1] ?? 0));
      assert.deepEqual([...words], expected);
    });
    fc.assert(property, { seed: SEED, numRuns: 500 });
    for (const text of [
      ':',
      ':::',
      '1:2',
      '1:2:3:4:5:6:7:8:9',
      'g::',
      '12345::',
      '1..2.3',
      '....',
    ]) {
      assert.equal(readAddress(text, words), 0, text);
    }
  });
});
