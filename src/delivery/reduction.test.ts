// What a storing machine keeps of hits that came from machines with other settings: no more than of its own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, PixelMode } from '../config/config.ts';
import { CodeAuthority } from '../hit/code.ts';
import type { Event, Hit, Withheld } from '../hit/event.ts';
import { impersonal } from '../hit/verdict.ts';
import { Judge } from '../verdict/judge.ts';
import { PrefixTable } from '../verdict/networks/prefix-table.ts';
import { Reduction } from './reduction.ts';

const codes = new CodeAuthority(Buffer.from('a secret for tests of reductions'));
const judge = new Judge({
  apple: new PrefixTable<string>([]),
  scanners: new PrefixTable<never>([]),
  countries: null,
});
const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/140.0.0.0 Safari/537.36';

interface Settings extends Partial<Config> {
  readonly said?: ReadonlyMap<string, PixelMode>;
}

function reduction({ said = new Map<string, PixelMode>(), ...given }: Settings = {}): Reduction {
  const config = {
    privacy: 'standard',
    pixelMode: 'individual',
    ipPolicy: 'full',
    ignoredAddresses: ['192.0.2.0/24'],
    ...given,
  } as const;
  const modes = { find: (code: string) => said.get(code) ?? null };
  return new Reduction({ config, codes, modes, judge: { ready: async () => undefined, judge } });
}

const open = (code: string, more: Partial<Hit> = {}): Hit => ({
  kind: 'open',
  at: 1,
  code,
  address: '192.0.2.77',
  referrer: 'https://user@mail.example/inbox?who=me#x',
  agent: AGENT,
  purpose: null,
  ...more,
});
const visit = (more: Partial<Hit> = {}): Hit => ({
  ...open('', { referrer: 'https://site.example/page?who=me' }),
  kind: 'visit',
  code: null,
  ...more,
});
const withheld: Withheld = {
  verdict: { ...judge.judge(visit()), country: 'SE' },
  visitor: '0123456789abcdef',
  ownAddress: false,
  mailSecurity: true,
};

test('a hit of a pixel that is kept whole comes through as it is', async () => {
  const hit = open(codes.mint('individual'), { ownBrowser: true });
  assert.deepEqual(await reduction().apply(hit), hit);
  assert.deepEqual(await reduction({ pixelMode: 'aggregate' }).apply(hit), hit);
});

test('a hit whose address is cut here is judged by the whole of it before', async () => {
  const config = { ignoredAddresses: ['192.0.2.77/32'] };
  const hit = open(codes.mint('individual'));
  for (const [ipPolicy, address] of [
    ['truncate', '192.0.2.0'],
    ['none', ''],
  ] as const) {
    const by = reduction({ ...config, ipPolicy });
    const verdict = judge.judge(hit);
    const judged = { verdict, visitor: null, ownAddress: true, mailSecurity: false };
    assert.deepEqual(await by.apply(hit), { ...hit, address, withheld: judged });
    const other = (await by.apply({ ...hit, address: '192.0.2.78' })) as Hit;
    assert.equal(other.withheld?.ownAddress, false);
    const before = { ...hit, withheld };
    assert.deepEqual(await by.apply(before), { ...before, address }, 'a collector knew better');
  }
});

test('what was said here outweighs the code, and the code outweighs the default', async () => {
  const code = codes.mint('individual');
  const off = reduction({ said: new Map([[code, 'off' as const]]) });
  assert.equal(await off.apply(open(code)), null);
  assert.equal(await reduction({ pixelMode: 'individual' }).apply(open(codes.mint('off'))), null);
  const byDefault = reduction({ pixelMode: 'off' });
  assert.equal(await byDefault.apply(open(codes.mint())), null);
  assert.equal(await byDefault.apply(visit()), null);
  assert.notEqual(await byDefault.apply(open(code)), null);
});

test('a hit of an aggregate pixel is judged here, and nobody is in what is left', async () => {
  const hit = open(codes.mint('aggregate'), { purpose: 'x', ownBrowser: true });
  const kept = await reduction().apply(hit);
  assert.deepEqual(kept, {
    ...hit,
    address: '',
    agent: null,
    purpose: null,
    referrer: 'https://mail.example',
    withheld: {
      verdict: impersonal('browser-agent', 'Chrome'),
      visitor: null,
      ownAddress: true,
      mailSecurity: false,
    },
  });
  assert.doesNotMatch(JSON.stringify(kept), /192\.0\.2|Windows|who|inbox|user/);
});

test('a verdict of the collector’s is kept in an aggregate, but not its visitor', async () => {
  const kept = (await reduction({ pixelMode: 'aggregate' }).apply(visit({ withheld }))) as Hit;
  assert.deepEqual(kept.withheld, {
    verdict: impersonal('browser-agent', 'Chrome'),
    visitor: null,
    ownAddress: false,
    mailSecurity: true,
  });
  assert.equal(kept.referrer, 'https://site.example/page');
});

test('strict keeps a visitor that a collector made, and makes aggregates of all others', async () => {
  const strict = reduction({ privacy: 'strict' });
  const made = (await strict.apply(visit({ withheld }))) as Hit;
  assert.deepEqual(made.withheld, withheld);
  const opened = (await strict.apply(open(codes.mint(), { withheld }))) as Hit;
  assert.equal(opened.referrer, 'https://mail.example', 'a path of webmail names people');
  const unmade = (await strict.apply(visit())) as Hit;
  assert.equal(unmade.withheld?.visitor, null);
  for (const kept of [made, unmade]) {
    assert.deepEqual([kept.address, kept.agent], ['', null]);
    assert.equal(kept.referrer, 'https://site.example/page');
  }
});

test('a recipient is dropped where nobody is to be told apart, and nothing else of a note', async () => {
  const properties = { recipient: 'ann@mail.example', label: 'June' };
  const note = (code: string): Event => ({ kind: 'pixel-minted', at: 1, code, properties });
  const recipient = async (by: Reduction, event: Event): Promise<string | null | undefined> => {
    const kept = await by.apply(event);
    assert.ok(kept?.kind === 'pixel-minted' || kept?.kind === 'pixel-changed');
    assert.equal(kept.properties?.label, 'June');
    return kept.properties.recipient;
  };
  assert.equal(await recipient(reduction(), note(codes.mint())), 'ann@mail.example');
  assert.equal(await recipient(reduction({ privacy: 'strict' }), note(codes.mint())), undefined);
  assert.equal(await recipient(reduction(), note(codes.mint('aggregate'))), undefined);
  assert.equal(await recipient(reduction({ pixelMode: 'off' }), note(codes.mint())), undefined);
  const changed: Event = {
    kind: 'pixel-changed',
    at: 1,
    code: codes.mint(),
    properties: { ...properties, mode: 'aggregate' },
  };
  assert.equal(await recipient(reduction(), changed), undefined);
  const bare: Event = { kind: 'pixel-minted', at: 1, code: codes.mint() };
  assert.deepEqual(await reduction({ privacy: 'strict' }).apply(bare), bare);
});
