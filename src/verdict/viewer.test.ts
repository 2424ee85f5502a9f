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
  assert.equal(viewerOf(hit('192.0.2.1', 'Mozilla/5.0 (X11)'), PERSON), 'c1355d444258d73a');
});

test('a hundred thousand people who differ little are as many viewers, in either half', () => {
  const viewers = new Set<string>();
  const halves = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    const address = `10.${i >> 10}.${(i >> 3) & 127}.7`;
    const viewer = viewerOf(hit(address, `Mozilla/5.0 Chrome/${i & 7}.0`), PERSON);
    assert.match(viewer, /^[0-9a-f]{16}$/);
    viewers.add(viewer);
    halves.add(viewer.slice(8)).add(viewer.slice(0, 8));
  }
  assert.equal(viewers.size, 100_000);
  // Of 200,000 random numbers of 32 bits about five are there already.
  assert.ok(halves.size > 199_950, `${halves.size}`);
});

test('address and agent are not one text', () => {
  assert.notEqual(viewerOf(hit('192.0.2.1', '2'), PERSON), viewerOf(hit('192.0.2.12', ''), PERSON));
});

test('whoever is no person is known by the kind of client', () => {
  const gmail = impersonal('gmail-proxy-token', 'Gmail');
  assert.equal(viewerOf(hit('192.0.2.1', 'a'), gmail), viewerOf(hit('192.0.2.2', 'b'), gmail));
});
