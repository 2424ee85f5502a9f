// Encoding, codes and addresses: what stands in the journal is what came, and codes cannot be guessed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyEvent } from '../../test/any-event.ts';
import { AGENT_BYTES_MAX, EVENT_BYTES_MAX, REFERRER_BYTES_MAX } from '../limits.ts';
import { applyAddressPolicy, canonicalAddress } from './address.ts';
import { nowMicros } from './clock.ts';
import { CodeAuthority } from './code.ts';
import { decodeRecords, encodeEvent, FieldTag, RecordEncoder } from './encoding.ts';
import { type Event, formatEventId, parseEventId, type Recorded } from './event.ts';

const SEED = 20261121;

function decodeAll(records: Buffer, offset = 0): Recorded[] {
  const all: Recorded[] = [];
  decodeRecords({ writer: 'aaaaaaaaaaaaaaaa', segment: 3, offset, records }, (one) =>
    all.push(one),
  );
  return all;
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((value) => Buffer.byteLength(value) <= AGENT_BYTES_MAX);

test('every event comes back from a batch as it went in, with the id of its place', () => {
  const encoder = new RecordEncoder();
  fc.assert(
    fc.property(fc.array(anyEvent(fc.option(text)), { maxLength: 20 }), (events) => {
      const places: number[] = [];
      let length = 0;
      const parts = events.map((event) => {
        places.push(500 + length);
        const bytes = Buffer.from(encoder.bytes.subarray(0, encodeEvent(encoder, event)));
        length += bytes.length;
        return bytes;
      });
      const back = decodeAll(Buffer.concat(parts), 500);
      assert.deepEqual(
        back.map((one) => one.event),
        events,
      );
      assert.deepEqual(
        back.map((one) => one.id.position),
        places,
      );
    }),
    { seed: SEED },
  );
});

test('bytes that are no UTF-8 are read as Latin-1, and none is lost', () => {
  const encoder = new RecordEncoder();
  encoder.begin('visit', 1);
  encoder.field(FieldTag.AGENT, Buffer.from([0x4d, 0xe9, 0xff, 0x7c]), 0, 4);
  const [recorded] = decodeAll(encoder.bytes.subarray(0, encoder.end()));
  assert.equal(recorded?.event.kind === 'visit' && recorded.event.agent, 'M\u00e9\u00ff|');
});

test('a value longer than its limit is cut, never in the middle of a character', () => {
  const encoder = new RecordEncoder();
  const long = 'ab' + '\u20ac'.repeat(AGENT_BYTES_MAX);
  encoder.begin('visit', 1);
  encoder.text(FieldTag.REFERRER, 'r'.repeat(REFERRER_BYTES_MAX * 2));
  encoder.text(FieldTag.AGENT, long);
  const length = encoder.end();
  assert.ok(length <= EVENT_BYTES_MAX);
  const [recorded] = decodeAll(encoder.bytes.subarray(0, length));
  assert.ok(recorded?.event.kind === 'visit');
  assert.equal(recorded.event.referrer, 'r'.repeat(REFERRER_BYTES_MAX));
  const agent = recorded.event.agent ?? '';
  assert.ok(long.startsWith(agent));
  assert.ok(
    Buffer.byteLength(agent) > AGENT_BYTES_MAX - 4 && Buffer.byteLength(agent) <= AGENT_BYTES_MAX,
  );
});

test('a kind and a field of a later version are passed over and counted', () => {
  const encoder = new RecordEncoder();
  const minted: Event = { kind: 'pixel-minted', at: 7, code: 'abc' };
  const known = Buffer.from(encoder.bytes.subarray(0, encodeEvent(encoder, minted)));
  const unknownKind = Buffer.from(known);
  unknownKind[2] = 99;
  const unknownField = Buffer.concat([known, Buffer.from([77, 2, 0, 1, 2])]);
  unknownField.writeUInt16LE(unknownField.length, 0);
  const events: Event[] = [];
  const records = Buffer.concat([unknownKind, unknownField]);
  const batch = { writer: 'aaaaaaaaaaaaaaaa', segment: 1, offset: 0, records };
  assert.equal(
    decodeRecords(batch, (one) => events.push(one.event)),
    1,
  );
  assert.deepEqual(events, [minted]);
});

test('bytes that are no records are an error, not an endless loop', () => {
  assert.throws(() => decodeAll(Buffer.alloc(40)), RangeError);
  assert.throws(() => decodeAll(Buffer.from([200, 0, 1, 0])), RangeError);
});

test('an event id reads back as it was written, and nothing else reads as one', () => {
  const id = { writer: '0123456789abcdef', segment: 12, position: 4096 };
  assert.equal(formatEventId(id), '0123456789abcdef-12-4096');
  assert.deepEqual(parseEventId(formatEventId(id)), id);
  for (const bad of [
    '',
    '0123456789abcdef-12',
    '0123456789ABCDEF-1-2',
    '0123456789abcdef-1-2 ',
    "' OR 1",
  ]) {
    assert.equal(parseEventId(bad), null, bad);
  }
});

test('a minted code verifies under its own secret and no other, and never after a change', () => {
  const ours = new CodeAuthority(Buffer.alloc(32, 1));
  const theirs = new CodeAuthority(Buffer.alloc(32, 2));
  const seen = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const code = ours.mint();
    assert.match(code, /^[A-Za-z0-9]{16}$/);
    assert.ok(ours.verify(code));
    assert.ok(!theirs.verify(code));
    const at = i % 16;
    const other = code.slice(0, at) + (code[at] === 'a' ? 'b' : 'a') + code.slice(at + 1);
    assert.ok(!ours.verify(other), `${other} differs from ${code} at ${at}`);
    seen.add(code);
  }
  assert.equal(seen.size, 500);
  for (const bad of ['', 'short', 'x'.repeat(17), '../../etc/passwd', "' OR '1'='1' --"]) {
    assert.ok(!ours.verify(bad));
  }
});

test('addresses have one spelling, and what is no address is null', () => {
  const table: [string, string | null][] = [
    ['1.2.3.4', '1.2.3.4'],
    [' 1.2.3.4 ', '1.2.3.4'],
    ['1.2.3.4:8080', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['127.1', null],
    ['0x7f.0.0.1', null],
    ['1.2.3.4:', null],
    ['[::1', null],
    ['[::1]x', null],
    ['unknown', null],
    ['', null],
    ['1.2.3.4|forged', null],
  ];
  for (const [given, expected] of table) assert.equal(canonicalAddress(given), expected, given);
});

test('the address policy keeps all, the network, or nothing', () => {
  assert.equal(applyAddressPolicy('203.0.113.77', 'full'), '203.0.113.77');
  assert.equal(applyAddressPolicy('203.0.113.77', 'truncate'), '203.0.113.0');
  assert.equal(applyAddressPolicy('2001:db8:aaaa:bbbb:cccc::1', 'truncate'), '2001:db8:aaaa::');
  assert.equal(applyAddressPolicy('2001:db8:aaaa:bbbb:cccc::1', 'none'), '');
  assert.equal(applyAddressPolicy('203.0.113.77', 'none'), '');
});

test('the clock has microseconds and agrees with the wall clock', () => {
  const before = Date.now();
  const now = nowMicros();
  assert.ok(Number.isInteger(now));
  assert.ok(now >= (before - 3) * 1_000 && now <= (Date.now() + 3) * 1_000);
});
