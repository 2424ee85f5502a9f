// Codes say the mode that they were minted with, and those from before there were modes stay what they were.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodeAuthority } from './code.ts';

const codes = new CodeAuthority(Buffer.alloc(32, 1));

test('a code says the mode that it was minted with', () => {
  for (const mode of [null, 'individual', 'aggregate', 'off'] as const) {
    for (let i = 0; i < 200; i++) assert.deepEqual(codes.verify(codes.mint(mode)), { mode });
  }
  assert.deepEqual(codes.verify(codes.mint()), { mode: null });
});

test('a code that an older program minted is ours, and has no mode', () => {
  for (const code of ['NCXJohZ3VgwAMmAA', 'iUiVdPoekbst5yAv', 'fwihxMV9uZYr1kAm']) {
    assert.deepEqual(codes.verify(code), { mode: null });
  }
});

test('nobody makes another mode of a code without the secret', () => {
  const random = codes.mint().slice(0, 11);
  const endings = new Set<string>();
  for (const mode of [null, 'individual', 'aggregate', 'off'] as const) {
    // Other random characters have other MACs.
    const ending = codes.mint(mode).slice(11);
    if (codes.verify(random + ending) !== null) endings.add(ending);
  }
  assert.equal(endings.size, 0);
});
