// The same as Node's own HMAC, whatever the key and the text.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Hmac } from './hmac.ts';

test('every digest is the one that Node’s own HMAC gives', () => {
  const key = fc.uint8Array({ maxLength: 200 });
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 });
  fc.assert(
    fc.property(key, texts, (bytes, all) => {
      const hmac = new Hmac(bytes);
      for (const text of all) {
        const theirs = createHmac('sha256', bytes).update(text).digest('hex');
        assert.equal(hmac.digest(text).toString('hex'), theirs);
      }
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});
