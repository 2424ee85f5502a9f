// Server-sent events come in pieces that are cut anywhere; what is read must not depend on where.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventParser } from './event-stream.ts';

const TEXT =
  ': hello\n\nid: a-1\nevent: hit\ndata: {"x":1}\n\n' +
  'event: hit\r\ndata: first\r\ndata:second\r\n\r\n' +
  ':\nid: a-2\n\ndata: last\n\nevent: gap\n\nid: a-3\ndata: unfinished';

const EVENTS = [
  { event: 'hit', data: '{"x":1}' },
  { event: 'hit', data: 'first\nsecond' },
  { event: 'message', data: 'last' },
];

test('events are the same wherever the network cut them', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), TEXT.length];
      const parser = new EventParser('');
      const events = places.flatMap((from, i) => parser.push(TEXT.slice(from, places[i + 1])));
      assert.deepEqual(events, EVENTS);
      assert.equal(parser.id, 'a-2');
    }),
    { seed: 20_261_130 },
  );
});

test('where to go on from is the last id that was said whole, and before any the old one', () => {
  const parser = new EventParser('old');
  parser.push('data: x\n\nid: new\n');
  assert.equal(parser.id, 'old');
  parser.push('\n');
  assert.equal(parser.id, 'new');
});

test('an event without end is refused', () => {
  const parser = new EventParser('');
  assert.throws(() => {
    for (let i = 0; i < 100; i++) parser.push(`data: ${'x'.repeat(10_000)}\n`);
  }, /longer/);
});
