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

test('a seed has one code for each mode, which another secret has not', () => {
  const others = new CodeAuthority(Buffer.alloc(32, 2));
  const seen = new Set<string>();
  for (let i = 0; i < 500; i++) {
    for (const mode of [null, 'individual', 'aggregate', 'off'] as const) {
      const code = codes.derive(`seed ${i}`, mode);
      assert.equal(codes.derive(`seed ${i}`, mode), code);
      assert.deepEqual(codes.verify(code), { mode });
      assert.equal(others.verify(code), null);
      assert.notEqual(others.derive(`seed ${i}`, mode), code);
      seen.add(code);
    }
  }
  assert.equal(seen.size, 2_000);
});

test('derived codes favour no character at any place', () => {
  const counts = Array.from({ length: 11 }, () => new Map<string, number>());
  const runs = 6_200;
  for (let i = 0; i < runs; i++) {
    const code = codes.derive(String(i), null);
    for (const [place, count] of counts.entries()) {
      const character = code.charAt(place);
      count.set(character, (count.get(character) ?? 0) + 1);
    }
  }
  for (const count of counts) {
    assert.equal(count.size, 62);
    // 100 each are expected; chi-squared with 61 degrees of freedom is past 130 once in a million times.
    const chi = [...count.values()].reduce((sum, seen) => sum + (seen - 100) ** 2 / 100, 0);
    assert.ok(chi < 130, `chi-squared ${chi}`);
  }
});
