// Server-sent events come in pieces of any size, and must be the same events however they were cut.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from './events.js';

const TEXT = [
  ': a sign of life',
  '',
  'id: 1',
  'event: hit',
  'data: {"label": "ä – 🦊"}',
  '',
  'retry: 250',
  'data',
  'data:  two',
  'data: lines',
  '',
  'event: nothing',
  '',
  'data: after',
  '',
  'data: cut off, so never told',
].join('\n');

const EVENTS = [
  { type: 'hit', data: '{"label": "ä – 🦊"}', id: '1', retryMs: null },
  { type: 'message', data: '\n two\nlines', id: '1', retryMs: 250 },
  { type: 'message', data: 'after', id: '1', retryMs: 250 },
];

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.subarray(at, at + size));
      }
      controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>) {
  const events = [];
  for await (const event of readEvents(stream, 1_000)) events.push(event);
  return events;
}

for (const [name, end] of [
  ['LF', '\n'],
  ['CR LF', '\r\n'],
  ['CR', '\r'],
] as const) {
  test(`with ${name}, in pieces of any size`, async () => {
    const bytes = new TextEncoder().encode(TEXT.replaceAll('\n', end));
    for (const size of [1, 2, 3, 5, 7, 64, bytes.length]) {
      assert.deepEqual(await read(streamOf(bytes, size)), EVENTS, `pieces of ${size}`);
    }
  });
}

test('silence is an end: a connection may be dead without saying so', async () => {
  let isCancelled = false;
  const silent = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
  await assert.rejects(async () => {
    for await (const event of readEvents(silent, 20)) assert.fail(event.data);
  }, /nothing came for 20 ms/);
  assert.ok(isCancelled);
});

test('whoever stops reading closes the stream', async () => {
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: x\n\n')),
    cancel: () => void (isCancelled = true),
  });
  for await (const event of readEvents(endless, 1_000)) {
    assert.equal(event.data, 'x');
    break;
  }
  assert.ok(isCancelled);
});
