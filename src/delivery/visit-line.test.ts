// The visit log's lines: the form that tracking-system wrote, and that nothing a client sends can forge one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hit } from '../hit/event.ts';
import { visitLine } from './visit-line.ts';

const SEED = 20_261_121;

function lineOf(facts: Partial<Hit>): string {
  return visitLine({
    kind: 'visit',
    at: 1_702_246_963_793_620,
    code: null,
    address: '10.0.0.1',
    referrer: 'https://site/page',
    agent: 'Mozilla/5.0',
    purpose: null,
    ...facts,
  });
}

const fieldsOf = (line: string): string[] => line.slice(0, -1).split('|');

/** What the file's header says a reader does. */
function readValue(text: string | undefined): string | null {
  if (text === undefined) throw new Error('a field is missing');
  if (text === 'null') return null;
  return text.replaceAll(/%[01][0-9A-F]|%7[CF]|%25|%6E|%C2%[89][0-9A-F]|%E2%80%A[89]/g, (escape) =>
    Buffer.from(escape.replaceAll('%', ''), 'hex').toString(),
  );
}

test('a visit is time, referrer, agent and address with seven digits of a second', () => {
  const expected = '2023-12-10T22:22:43.7936200+00:00|https://site/page|Mozilla/5.0|10.0.0.1\n';
  assert.equal(lineOf({}), expected);
});

test('times keep every microsecond', () => {
  assert.match(lineOf({ at: 0 }), /^1970-01-01T00:00:00\.0000000\+00:00\|/);
  assert.match(lineOf({ at: 1 }), /^1970-01-01T00:00:00\.0000010\+00:00\|/);
  assert.match(lineOf({ at: 1_702_246_963_000_001 }), /^2023-12-10T22:22:43\.0000010\+00:00\|/);
  assert.match(lineOf({ at: 8_999_999_999_999_999 }), /^2255-03-14T15:59:59\.9999990\+00:00\|/);
});

test('a missing referrer or agent is null, an empty one is empty, a literal null is told apart', () => {
  assert.deepEqual(fieldsOf(lineOf({ referrer: null, agent: null })).slice(1, 3), ['null', 'null']);
  assert.deepEqual(fieldsOf(lineOf({ referrer: '', agent: '' })).slice(1, 3), ['', '']);
  assert.deepEqual(fieldsOf(lineOf({ referrer: 'null', agent: '%6Eull' })).slice(1, 3), [
    '%6Eull',
    '%256Eull',
  ]);
});

test('an address that was not kept is a dash, never null', () => {
  assert.equal(fieldsOf(lineOf({ address: '' }))[3], '-');
});

test('ordinary URLs stay as they are', () => {
  for (const url of [
    'https://site.example/a%20b?q=caf%C3%A9&x=100%&y=%zz#%E2%82%AC',
    'https://site.example/na\u00efve/\u65e5\u672c\u8a9e/\u{1f4e7}',
  ]) {
    assert.equal(fieldsOf(lineOf({ referrer: url }))[1], url);
  }
});

test('separators, line ends and control characters are percent-encoded', () => {
  const referrer = 'a|b\rc\nd\u0000e\u001bf\u007fg\u0085h\u2028i\u2029j%0Ak%7cl%2525';
  assert.equal(
    fieldsOf(lineOf({ referrer }))[1],
    'a%7Cb%0Dc%0Ad%00e%1Bf%7Fg%C2%85h%E2%80%A8i%E2%80%A9j%250Ak%257cl%252525',
  );
});

test('whatever a client sends is one line of four fields and can be read back', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(
      '|',
      '\n',
      '\r',
      '%',
      '%25',
      '%7C',
      '%0a',
      '%C2',
      '%85',
      '%E2%80',
      '%A8',
      '\u0085',
    ),
    fc.constantFrom('null', '%6E', 'ull', '\u2028', '2', '5', 'C', '0A'),
  );
  const text = fc.option(fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')));
  fc.assert(
    fc.property(text, text, (referrer, agent) => {
      const line = lineOf({ referrer, agent });
      // oxlint-disable-next-line no-control-regex -- that there are none is the claim
      assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      assert.ok(line.endsWith('\n'));
      const fields = fieldsOf(line);
      assert.equal(fields.length, 4);
      assert.equal(readValue(fields[1]), referrer);
      assert.equal(readValue(fields[2]), agent);
    }),
    { seed: SEED, numRuns: 5_000 },
  );
});
