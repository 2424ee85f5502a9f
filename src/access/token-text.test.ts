// Texts that open doors: that they are random through and through, and are told apart by their beginnings.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { DIGEST_FORM, digestOf, isSecret, newSecret, type SecretKind } from './token-text.ts';

const KINDS: readonly SecretKind[] = ['token', 'link', 'session'];

test('each kind has its own prefix, and none passes for another', () => {
  for (const kind of KINDS) {
    const text = newSecret(kind);
    assert.match(text, /^tp[ls]?_[0-9A-Za-z]{43}$/);
    assert.deepEqual(
      KINDS.filter((other) => isSecret(other, text)),
      [kind],
    );
    for (const wrong of [text.slice(0, -1), `${text}x`, ` ${text}`, `${text}\n`, text.slice(3)]) {
      assert.equal(isSecret(kind, wrong), false, JSON.stringify(wrong));
    }
  }
});

test('all 43 digits are random: none is ever the same, and 256 bits are in them', () => {
  const texts = Array.from({ length: 2_000 }, () => newSecret('token').slice(3));
  assert.equal(new Set(texts).size, texts.length);
  for (let place = 0; place < 43; place++) {
    // The first digit carries what 256 bits have above 62^42: nearly all of a digit too.
    const seen = new Set(texts.map((text) => text[place]));
    assert.ok(seen.size > 50, `digit ${place} had ${seen.size} values`);
  }
});

test('what is kept is SHA-256 of the text', () => {
  const text = newSecret('token');
  assert.equal(digestOf(text), createHash('sha256').update(text).digest('base64url'));
  assert.match(digestOf(text), DIGEST_FORM);
});
