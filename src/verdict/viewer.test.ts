// That viewers are told apart, and stay the same for ever: stores keep them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hit } from '../hit/event.ts';
import { impersonal, type Verdict } from '../hit/verdict.ts';
import { viewerOf } from './viewer.ts';

const PERSON: Verdict = { ...impersonal('browser-agent', 'Chrome'), os: 'Windows' };

function hit(address: string, agent: string | null): Hit {
  const common = { referrer: null, purpose: null };
  return { kind: 'open', at: 1, code: 'AAAAAAAAAAAAAAAA', address, agent, ...common };
}

test('a viewer is the same in every process', () => {
  assert.equal(viewerOf(hit('192.0.2.1', 'Mozilla/5.0 (X11)'), PERSON), '7419ce262f63138f');
});

test('address and agent are not one text', () => {
  assert.notEqual(viewerOf(hit('192.0.2.1', '2'), PERSON), viewerOf(hit('192.0.2.12', ''), PERSON));
});

test('a person whose address was cut is told apart by what is left, and by a visitor if there is one', () => {
  const withheld = { verdict: PERSON, visitor: null, ownAddress: false, mailSecurity: false };
  const cut = (address: string, agent: string | null, visitor: string | null): string =>
    viewerOf({ ...hit(address, agent), withheld: { ...withheld, visitor } }, PERSON);
  assert.notEqual(cut('192.0.2.0', 'a', null), cut('192.0.2.0', 'b', null));
  assert.notEqual(cut('192.0.2.0', 'a', null), cut('198.51.100.0', 'a', null));
  assert.equal(cut('192.0.2.0', 'a', '0123456789abcdef'), '0123456789abcdef');
  const nobody = cut('', null, null);
  assert.notEqual(nobody, cut('', 'a', null));
  assert.equal(nobody, viewerOf({ ...hit('', null), withheld }, { ...PERSON, os: 'Linux' }));
});

test('whoever is no person is known by the kind of client', () => {
  const gmail = impersonal('gmail-proxy-token', 'Gmail');
  assert.equal(viewerOf(hit('192.0.2.1', 'a'), gmail), viewerOf(hit('192.0.2.2', 'b'), gmail));
});
