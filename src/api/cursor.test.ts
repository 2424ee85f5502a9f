// A cursor is taken back only as it was given out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCursor, writeCursor } from './cursor.ts';

const place = fc.record(
  {
    at: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    id: fc
      .tuple(
        fc.stringMatching(/^[0-9a-f]{16}$/),
        fc.nat({ max: 9_999_999_999 }),
        fc.nat({ max: 9_999_999_999 }),
      )
      .map((parts) => parts.join('-')),
  },
  { noNullPrototype: true },
);

test('any place comes back as it was, from text that needs no escaping in a URL', () => {
  fc.assert(
    fc.property(fc.string(), place, (code, given) => {
      const cursor = writeCursor(code, given);
      assert.match(cursor, /^[A-Za-z0-9_-]{1,100}$/);
      assert.deepEqual(readCursor(code, cursor), given);
    }),
    { seed: 20_261_121 },
  );
});

test('a cursor that was altered, cut, lengthened or meant for another pixel is none', () => {
  const alter = fc.record({ at: fc.nat({ max: 99 }), to: fc.stringMatching(/^[A-Za-z0-9_=-]$/) });
  fc.assert(
    fc.property(place, alter, (given, { at, to }) => {
      const cursor = writeCursor('code', given);
      assert.equal(readCursor('other', cursor), null);
      assert.equal(readCursor('code', cursor + to), null);
      assert.equal(readCursor('code', cursor.slice(0, -1)), null);
      const altered = cursor.slice(0, at) + to + cursor.slice(at + 1);
      if (altered !== cursor) assert.equal(readCursor('code', altered), null);
    }),
    { seed: 20_261_121 },
  );
});

test('text that is nothing like a cursor is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => readCursor('code', text) === null),
    { seed: 20_261_121 },
  );
});
