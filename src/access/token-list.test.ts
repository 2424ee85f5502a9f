// The list of tokens as a file: what it may hold, and that a file which is not quite one is none.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SIGN_IN_LINKS_MAX, TOKENS_MAX } from '../limits.ts';
import {
  formatTokenList,
  parseTokenList,
  TokenName,
  TokenScopes,
  type TokenRow,
  withLink,
  withoutLink,
  withoutToken,
  withToken,
} from './token-list.ts';
import { digestOf } from './token-text.ts';

const EMPTY = parseTokenList(null);
const row = (name: string): TokenRow => ({
  id: digestOf(name)
    .replaceAll(/[^0-9a-f]/g, '')
    .padEnd(16, '0')
    .slice(0, 16),
  name,
  scopes: ['read'],
  digest: digestOf(name),
  created_at: '2026-11-30T10:00:00.000Z',
});

suite('a name', () => {
  for (const name of ['a', 'CI bot', 'Éva’s phone', 'x'.repeat(64), '🦊'.repeat(64), '--scope']) {
    test(`may be ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.equal(TokenName.parse(name), name);
    });
  }
  test('is the same however its accents are written', () => {
    assert.equal(TokenName.parse('E\u0301va'), 'Éva');
  });
  const bad = [
    '',
    ' ',
    ' a',
    'a ',
    'a\nb',
    'a\u0000',
    'a\u202eb',
    'a\u200bb',
    'a\u2028b',
    '\u001b[31m',
  ];
  for (const name of [...bad, 'x'.repeat(65), '🦊'.repeat(65), '\ud800']) {
    test(`must not be ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.equal(TokenName.safeParse(name).success, false);
    });
  }
});

test('scopes are at least one, each once, and kept in their own order', () => {
  assert.deepEqual(TokenScopes.parse(['mint', 'read']), ['read', 'mint']);
  for (const scopes of [[], ['read', 'read'], ['write'], ['READ'], 'read', null, ['__proto__']]) {
    assert.equal(TokenScopes.safeParse(scopes).success, false, JSON.stringify(scopes));
  }
});

test('names are unique among live tokens, and free again when a token is revoked', () => {
  const one = withToken(EMPTY, row('one'));
  assert.ok(typeof one === 'object');
  assert.equal(withToken(one, { ...row('other'), name: 'one' }), 'name-taken');
  assert.equal(withToken(EMPTY, row('installation')), 'name-taken');
  const none = withoutToken(one, row('one').id);
  assert.deepEqual(none, EMPTY);
  assert.equal(typeof withToken(EMPTY, row('one')), 'object');
  assert.equal(withoutToken(one, 'ffffffffffffffff'), null);
});

test(`there are ${TOKENS_MAX} tokens at most`, () => {
  let list = EMPTY;
  for (let i = 0; i < TOKENS_MAX; i++) {
    const more = withToken(list, row(`token ${i}`));
    assert.ok(typeof more === 'object');
    list = more;
  }
  assert.equal(withToken(list, row('one more')), 'too-many');
  assert.deepEqual(parseTokenList(formatTokenList(list)), list);
});

test('a link is good until its end and then once; the oldest goes when there are too many', () => {
  const later = withLink(EMPTY, digestOf('a'), 0, 1_000);
  assert.deepEqual(withoutLink(later, digestOf('a'), 999), EMPTY);
  assert.equal(withoutLink(later, digestOf('a'), 1_000), null);
  assert.equal(withoutLink(later, digestOf('b'), 0), null);
  assert.equal(withLink(later, digestOf('b'), 2_000, 3_000).links.length, 1, 'ended ones go');
  let many = EMPTY;
  for (let i = 0; i <= SIGN_IN_LINKS_MAX; i++) many = withLink(many, digestOf(`${i}`), 0, 1_000);
  assert.equal(many.links.length, SIGN_IN_LINKS_MAX);
  assert.equal(withoutLink(many, digestOf('0'), 0), null);
  assert.notEqual(withoutLink(many, digestOf('1'), 0), null);
});

test('a file that is not quite one is none, and what it says is not repeated', () => {
  const list = withToken(EMPTY, row('a-secret-name'));
  assert.ok(typeof list === 'object');
  const text = formatTokenList(list);
  const broken = [
    '',
    'null',
    '[]',
    '{}',
    text.slice(0, -3),
    `${text}x`,
    text.replace('"version": 1', '"version": 2'),
    text.replace('"read"', '"root"'),
    text.replace('"tokens"', '"token"'),
    text.replace(/"digest": "[^"]+"/, '"digest": "short"'),
    text.replace('"name"', '"extra": 1, "name"'),
    text.replace('a-secret-name', 'a\\u0000name'),
  ];
  for (const each of broken) {
    assert.throws(
      () => parseTokenList(each),
      (error) => error instanceof RangeError && !error.message.includes('secret'),
      each,
    );
  }
});
