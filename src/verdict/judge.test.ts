// Headers, agent and networks together: the order of precedence, and what depends on an address.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Judge, type References } from './judge.ts';
import type { ScannerNetwork } from './networks/network-files.ts';
import { parsePrefix, PrefixTable } from './networks/prefix-table.ts';
import type { Evidence, Reason, VerdictClass } from '../hit/verdict.ts';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const GMAIL_PROXY =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const APPLE = '198.51.100.7';
const SCANNER = '203.0.113.9';
const GATEWAY = '192.0.2.200';
const HOME = '81.2.69.160';

function table<Value>(rows: readonly (readonly [string, Value])[]): PrefixTable<Value> {
  return new PrefixTable(
    rows.map(([text, value]) => {
      const prefix = parsePrefix(text);
      assert.ok(prefix !== null, text);
      return [prefix, value] as const;
    }),
  );
}

const REFERENCES: References = {
  apple: table([
    ['198.51.100.0/24', 'FR'],
    ['2001:db8:a::/48', 'DE'],
  ]),
  scanners: table<ScannerNetwork>([
    ['203.0.113.0/24', { kind: 'scanner', name: 'Example Scanner' }],
    ['192.0.2.128/25', { kind: 'mail-security', name: 'Example Gateway' }],
  ]),
  countries: { date: '2026-01-01', find: (address) => (address === HOME ? 'GB' : null) },
};

const judge = new Judge(REFERENCES);
const evidence = (given: Partial<Evidence>): Evidence => ({
  agent: CHROME,
  address: HOME,
  purpose: null,
  ...given,
});

suite('precedence', () => {
  const cases: [string, Partial<Evidence>, VerdictClass, Reason][] = [
    ['a browser at home is a person', {}, 'human-browser', 'browser-agent'],
    [
      'a prefetch header beats a person',
      { purpose: 'prefetch;prerender' },
      'prefetch',
      'prefetch-header',
    ],
    [
      'a prefetch header beats a proxy',
      { purpose: 'prefetch', agent: GMAIL_PROXY },
      'prefetch',
      'prefetch-header',
    ],
    ['another purpose means nothing', { purpose: 'navigate' }, 'human-browser', 'browser-agent'],
    [
      'a proxy’s token beats a scanner’s network',
      { agent: GMAIL_PROXY, address: SCANNER },
      'gmail-proxy',
      'gmail-proxy-token',
    ],
    [
      'Apple’s agent beats a scanner’s network',
      { agent: 'Mozilla/5.0', address: SCANNER },
      'apple-mpp',
      'apple-mpp-bare-agent',
    ],
    [
      'Apple’s agent from Apple’s network is certain',
      { agent: 'Mozilla/5.0', address: APPLE },
      'apple-mpp',
      'apple-mpp-listed',
    ],
    [
      'Apple’s agent from elsewhere is probable',
      { agent: 'Mozilla/5.0' },
      'apple-mpp',
      'apple-mpp-bare-agent',
    ],
    [
      'a browser from Apple’s network is a person on Private Relay',
      { address: APPLE },
      'human-browser',
      'browser-agent',
    ],
    [
      'a scanner’s network beats a browser',
      { address: SCANNER },
      'security-scanner',
      'scanner-network',
    ],
    [
      'a scanner’s network beats a mail client',
      { address: SCANNER, agent: 'Airmail 1.4 rv:238' },
      'security-scanner',
      'scanner-network',
    ],
    [
      'a gateway’s network alone proves nothing',
      { address: GATEWAY },
      'human-browser',
      'browser-agent',
    ],
    ['a crawler at home is a crawler', { agent: 'Googlebot/2.1' }, 'crawler', 'crawler-token'],
    ['nothing is known without an agent', { agent: null }, 'unknown', 'no-agent'],
  ];
  for (const [title, given, verdictClass, reason] of cases) {
    test(title, () => {
      const verdict = judge.judge(evidence(given));
      assert.deepEqual([verdict.class, verdict.reason], [verdictClass, reason]);
    });
  }
});

suite('country', () => {
  test('is told of people only', () => {
    assert.equal(judge.judge(evidence({})).country, 'GB');
    for (const agent of [GMAIL_PROXY, 'Mozilla/5.0', 'curl/8.9.1', '']) {
      assert.equal(judge.judge(evidence({ agent })).country, null, agent);
    }
  });

  test('of people behind Apple’s relays is what Apple says', () => {
    assert.equal(judge.judge(evidence({ address: APPLE })).country, 'FR');
    assert.equal(judge.judge(evidence({ address: '2001:db8:a:1::5' })).country, 'DE');
  });

  test('is unknown without an address or without a database', () => {
    assert.equal(judge.judge(evidence({ address: '' })).country, null);
    const without = new Judge({ ...REFERENCES, countries: null });
    assert.equal(without.judge(evidence({})).country, null);
  });
});

test('newer references count from the next verdict on, also for agents judged before', () => {
  const own = new Judge(REFERENCES);
  assert.equal(own.judge(evidence({})).class, 'human-browser');
  const scanners = table<ScannerNetwork>([[`${HOME}/32`, { kind: 'scanner', name: 'New' }]]);
  own.use({ ...REFERENCES, scanners });
  assert.equal(own.judge(evidence({})).class, 'security-scanner');
});
