// Events that go from one machine's journal to another's: same id, same strings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFERRER_BYTES_MAX } from '../limits.ts';
import { decodeRecords, encodeEvent, RecordEncoder } from './encoding.ts';
import type { Event, EventId, Recorded } from './event.ts';

const VISIT: Event = {
  kind: 'visit',
  at: 1,
  code: null,
  address: '192.0.2.1',
  referrer: 'https://site.example/',
  agent: 'Mozilla/5.0',
  purpose: null,
};
const MINTED: Event = { kind: 'pixel-minted', at: 2, code: 'abc' };

function record(event: Event, origin?: EventId): Buffer {
  const encoder = new RecordEncoder();
  return Buffer.from(encoder.bytes.subarray(0, encodeEvent(encoder, event, origin)));
}

function decodeAll(...records: readonly Buffer[]): Recorded[] {
  const all: Recorded[] = [];
  const batch = { writer: 'aaaaaaaaaaaaaaaa', segment: 3, offset: 40 };
  decodeRecords({ ...batch, records: Buffer.concat(records) }, (one) => all.push(one));
  return all;
}

test('an event from another journal keeps the id that it had there', () => {
  const origin = { writer: 'fedcba9876543210', segment: 4_294_967_295, position: 4_294_967_294 };
  const own = record(VISIT);
  assert.deepEqual(decodeAll(own, record(VISIT, origin), record(MINTED, origin), own), [
    { id: { writer: 'aaaaaaaaaaaaaaaa', segment: 3, position: 40 }, event: VISIT },
    { id: origin, event: VISIT },
    { id: origin, event: MINTED },
    {
      id: {
        writer: 'aaaaaaaaaaaaaaaa',
        segment: 3,
        position: 40 + Buffer.concat([own, record(VISIT, origin), record(MINTED, origin)]).length,
      },
      event: VISIT,
    },
  ]);
});

test('Latin-1 text whose UTF-8 would be cut goes to another journal unchanged', () => {
  const event = { ...VISIT, referrer: '\u00e9'.repeat(REFERRER_BYTES_MAX) };
  assert.deepEqual(decodeAll(record(event))[0]?.event, event);
});

test('text that would read as UTF-8 is not written as Latin-1, and is cut', () => {
  const referrer = '\u00c3\u00a9'.repeat(REFERRER_BYTES_MAX / 2);
  const [recorded] = decodeAll(record({ ...VISIT, referrer }));
  assert.ok(recorded?.event.kind === 'visit');
  assert.equal(recorded.event.referrer, referrer.slice(0, REFERRER_BYTES_MAX / 2));
});
