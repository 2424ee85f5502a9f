// The form of events on a bus: nothing is lost in it, nothing in it offends SQS, and other systems'
// messages read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Recorded } from '../hit/event.ts';
import { MESSAGE_TYPES, readMessage, UnreadableMessage, writeMessage } from './message.ts';
import { anyEvent, anyId } from '../../test/any-event.ts';

const SEED = 20_261_121;
const ID = { writer: '9f3c2a7b1d4e8f60', segment: 1_795_298_776, position: 4_096 };
const VISIT = {
  kind: 'visit',
  at: 1_702_246_963_793_620,
  code: null,
  address: '10.0.0.1',
  referrer: 'https://site/page',
  agent: 'Mozilla/5.0',
  purpose: null,
} as const;

const read = (body: string, id = 'a-message'): Recorded => readMessage({ id, body });
const foreign = (fields: Record<string, unknown>): string =>
  JSON.stringify({
    Referer: 'https://site/page',
    UserAgent: 'Mozilla/5.0',
    IpAddress: '10.0.0.1',
    VisitedAt: '2023-12-10T22:22:43.7936205+00:00',
    ...fields,
  });

test('a visit has the names of tracking-system, and the type by which its storage filters', () => {
  const { type, body } = writeMessage({ id: ID, event: VISIT });
  assert.equal(type, 'Visit');
  assert.deepEqual(JSON.parse(body), {
    Referer: 'https://site/page',
    UserAgent: 'Mozilla/5.0',
    IpAddress: '10.0.0.1',
    VisitedAt: '2023-12-10T22:22:43.7936200+00:00',
    Id: '9f3c2a7b1d4e8f60-1795298776-4096',
    Kind: 'visit',
  });
});

test('opens and minted pixels have a type of their own and their code', () => {
  const open = writeMessage({ id: ID, event: { ...VISIT, kind: 'open', code: 'abc' } });
  const minted = writeMessage({ id: ID, event: { kind: 'pixel-minted', at: 1, code: 'abc' } });
  assert.deepEqual([open.type, minted.type], ['open', 'pixel-minted']);
  assert.ok([open.type, minted.type, 'Visit'].every((type) => MESSAGE_TYPES.includes(type)));
  assert.deepEqual(JSON.parse(minted.body), {
    VisitedAt: '1970-01-01T00:00:00.0000010+00:00',
    Id: '9f3c2a7b1d4e8f60-1795298776-4096',
    Kind: 'pixel-minted',
    Code: 'abc',
  });
});

const anyText = fc.option(
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.constantFrom('\0', '\u0001', '\u007f', '\u0085', '\ufffe', '\uffff', '\ud800', '\udfff'),
        fc.constantFrom('"', '\\', '\\u0041', '\u{1f4e7}', '\u2028', '|', '\r\n'),
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join('')),
);
test('every event comes back as it was, bare and in an envelope, and its text is ASCII', () => {
  fc.assert(
    fc.property(anyEvent(anyText), anyId, (event, id) => {
      const { body } = writeMessage({ id, event });
      assert.match(body, /^[\x20-\x7e]+$/);
      assert.deepEqual(read(body), { id, event });
      const envelope = { Type: 'Notification', MessageId: 'm', TopicArn: 't', Message: body };
      assert.deepEqual(read(JSON.stringify(envelope)), { id, event });
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

test('a message of tracking-system is a visit, with an id that depends on its name alone', () => {
  const { id, event } = read(foreign({}));
  assert.deepEqual(event, VISIT);
  assert.deepEqual(read(foreign({}), 'a-message').id, id);
  assert.notDeepEqual(read(foreign({}), 'another').id, id);
  assert.equal(read(foreign({}), 'another').id.writer, id.writer);
});

test('in an envelope the name is that of the publication', () => {
  const envelope = JSON.stringify({
    Type: 'Notification',
    MessageId: 'published',
    Message: foreign({}),
  });
  assert.deepEqual(read(envelope, 'delivery 1'), read(envelope, 'delivery 2'));
  assert.deepEqual(read(envelope, 'x').id, read(foreign({}), 'published').id);
});

test('times in other spellings are the same instant', () => {
  const at = (VisitedAt: string): number => read(foreign({ VisitedAt })).event.at;
  assert.equal(at('2023-12-10T22:22:43.7936205Z'), VISIT.at);
  assert.equal(at('2023-12-10T23:22:43.793620+01:00'), VISIT.at);
  assert.equal(at('2023-12-10T22:22:43'), 1_702_246_963_000_000);
  assert.equal(at('2023-12-10T22:22:43.5'), 1_702_246_963_500_000);
});

test('what is missing or null is missing, and an address is put in its one spelling', () => {
  const { event } = read(JSON.stringify({ VisitedAt: '2023-12-10T22:22:43Z', UserAgent: null }));
  assert.deepEqual(event, {
    ...VISIT,
    at: 1_702_246_963_000_000,
    address: '',
    referrer: null,
    agent: null,
  });
  for (const [given, expected] of [
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['unknown', ''],
  ]) {
    const hit = read(foreign({ IpAddress: given })).event;
    assert.equal(hit.kind === 'visit' && hit.address, expected);
  }
});

test('keys of a later version are passed over', () => {
  assert.deepEqual(read(foreign({ Verdict: { class: 'crawler' } })).event, VISIT);
});

test('whatever else comes is unreadable, and says why without quoting it', () => {
  for (const [body, reason] of [
    ['', 'it is not JSON'],
    ['{"VisitedAt":', 'it is not JSON'],
    ['null', 'it is no event'],
    ['[]', 'it is no event'],
    ['{}', 'its VisitedAt is not what it should be'],
    [foreign({ VisitedAt: 'yesterday' }), 'its VisitedAt is not what it should be'],
    [foreign({ VisitedAt: '1969-12-31T23:59:59Z' }), 'its VisitedAt is not what it should be'],
    [foreign({ VisitedAt: '2023-13-10T22:22:43Z' }), 'its VisitedAt is not what it should be'],
    [foreign({ Id: 'secret' }), 'its Id is not what it should be'],
    [foreign({ Id: '9f3c2a7b1d4e8f60-1-4294967296' }), 'its Id is not what it should be'],
    [foreign({ Kind: 'click' }), 'its Kind is not what it should be'],
    [foreign({ Kind: 'open' }), 'its Code is not what it should be'],
    [foreign({ Referer: 7 }), 'its Referer is not what it should be'],
    [foreign({ UserAgent: 'x'.repeat(70_000) }), 'its UserAgent is not what it should be'],
    [foreign({ Code: 'x'.repeat(65) }), 'its Code is not what it should be'],
    [foreign({ Kind: 'open', Code: 'c\ud800' }), 'its Code is not what it should be'],
    [foreign({ Kind: 'open', Code: 'a/b' }), 'its Code is not what it should be'],
    [
      JSON.stringify({
        Kind: 'pixel-minted',
        Code: 'é',
        Id: '9f3c2a7b1d4e8f60-1-1',
        VisitedAt: '2026-01-01T00:00:00Z',
      }),
      'its Code is not what it should be',
    ],
    [foreign({ Kind: 'pixel-minted', Code: 'a' }), 'its Id is not what it should be'],
  ] as const) {
    assert.throws(() => read(body), new UnreadableMessage(reason), body.slice(0, 80));
  }
});
