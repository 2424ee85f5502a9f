// Who may be an own browser: only who was given a signed text, for its purpose, until its end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOwn, signOwn } from './own-browser.ts';

const SECRET = Buffer.alloc(32, 1);
const NOW = 1_800_000_000;

test('a signed text is right for its purpose until it ends, under its secret', () => {
  for (const purpose of ['link', 'cookie'] as const) {
    const text = signOwn(SECRET, purpose, NOW + 10);
    assert.match(text, /^1800000010\.[\w-]{43}$/);
    assert.ok(checkOwn(SECRET, purpose, text, NOW));
    assert.ok(!checkOwn(SECRET, purpose, text, NOW + 10));
    assert.ok(!checkOwn(SECRET, purpose === 'link' ? 'cookie' : 'link', text, NOW));
    assert.ok(!checkOwn(Buffer.alloc(32, 2), purpose, text, NOW));
  }
});

test('a text that was changed or made up is wrong', () => {
  const text = signOwn(SECRET, 'cookie', NOW + 10);
  const later = text.replace('1800000010', '1900000010');
  const other = text.slice(0, -2) + (text.endsWith('AA') ? 'BB' : 'AA');
  const bad = ['', '.', 'x', later, other, `${text}A`, ` ${text}`, text.slice(0, -1), '9e9.x'];
  for (const one of bad) assert.ok(!checkOwn(SECRET, 'cookie', one, NOW), one);
});
