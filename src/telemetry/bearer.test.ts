// The token check, by table: every way to get it wrong, and the few to get it right.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerChallenge, bearerCheck, type BearerVerdict } from './bearer.ts';

const TOKEN = 'correct-horse-battery';

const TABLE: readonly [name: string, values: string[] | undefined, verdict: BearerVerdict][] = [
  ['no header', undefined, 'missing'],
  ['an empty list', [], 'missing'],
  ['the token', [`Bearer ${TOKEN}`], 'right'],
  ['the scheme in any case (RFC 9110 §11.1)', [`bEARER ${TOKEN}`], 'right'],
  ['several spaces between', [`Bearer   ${TOKEN}`], 'right'],
  ['another token', ['Bearer correct-horse-batterz'], 'wrong'],
  ['a beginning of the token', ['Bearer correct'], 'wrong'],
  ['more than the token', [`Bearer ${TOKEN}x`], 'wrong'],
  ['the token in another case', [`Bearer ${TOKEN.toUpperCase()}`], 'wrong'],
  ['an empty value', [''], 'malformed'],
  ['the scheme alone', ['Bearer'], 'malformed'],
  ['the scheme and a space', ['Bearer '], 'malformed'],
  ['another scheme', [`Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`], 'malformed'],
  ['the token alone', [TOKEN], 'malformed'],
  ['two tokens in one header', [`Bearer ${TOKEN} ${TOKEN}`], 'malformed'],
  ['two headers, both right', [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`], 'malformed'],
  ['16 kB', [`Bearer ${'x'.repeat(16_000)}`], 'wrong'],
];

for (const [name, values, verdict] of TABLE) {
  test(`${name} is ${verdict}`, () => assert.equal(bearerCheck(TOKEN)(values), verdict));
}

test('a token outside ASCII is compared as the bytes that came over the wire', () => {
  const wire = Buffer.from('Bearer pässword-pässword', 'utf8').toString('latin1');
  assert.equal(bearerCheck('pässword-pässword')([wire]), 'right');
});

test('a challenge names the error only when a token was sent', () => {
  assert.equal(bearerChallenge('missing'), 'Bearer realm="truepixel"');
  assert.equal(bearerChallenge('wrong'), 'Bearer realm="truepixel", error="invalid_token"');
});
