// How a connection ends whose client asked for that: at once, but never before the client has its replies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LINGER_MS_MAX } from '../src/limits.ts';
import { Client, eventually, HEADERS, startCollector, TRACK } from './collector.fixture.ts';

const last = (path: string): string => `GET ${path} HTTP/1.1\r\nConnection: close\r\n${HEADERS}`;

test('a client that asked for the end is left with its reply, whether it ends too or not', async (t) => {
  const { port, collector } = await startCollector(t);
  const client = await Client.open(t, port);
  const began = performance.now();
  await client.send(last('/track'));
  assert.equal((await client.reply()).status, 200);
  await client.closed;
  assert.equal(client.socket.writable, true, 'the client has not ended');
  await eventually(() => collector.counters.connectionsOpen === 0, 'the collector holds nothing');
  assert.ok(performance.now() - began < LINGER_MS_MAX / 2, 'nobody waited for its end');
});

/** More than one read takes. */
const JUNK = 'x'.repeat(200_000);
// Answered after a commit, and at once.
const SENT_ON: readonly [name: string, first: string, then: string, replies: number][] = [
  ['behind a hit', last('/track') + JUNK, '', 1],
  ['behind what is no hit', last('/image/unknown.gif') + JUNK, '', 1],
  ['while its hit is committed', last('/track'), JUNK, 1],
  ['behind two requests', TRACK, last('/image/unknown.gif') + JUNK, 2],
];

for (const [name, first, then, replies] of SENT_ON) {
  test(`who asked for the end and sent on ${name} still gets each reply, no reset`, async (t) => {
    const { port, journal } = await startCollector(t);
    for (let i = 0; i < 10; i++) {
      journal.holds = then !== '';
      const client = await Client.open(t, port);
      let reset: unknown = null;
      client.socket.on('error', (error) => {
        reset = error;
      });
      client.socket.write(first);
      if (then !== '') {
        await eventually(() => journal.waiting === 1, 'the hit waits');
        client.socket.pause();
        // The request is read by itself, and what is behind it not at all.
        for (const part of [then.slice(0, -JUNK.length), JUNK]) {
          client.socket.write(part);
          await sleep(5);
        }
        journal.holds = false;
        journal.release();
        await sleep(5);
        client.socket.resume();
      }
      for (let reply = 0; reply < replies; reply++)
        assert.equal((await client.reply()).status, 200);
      await client.closed;
      assert.equal(reset, null);
    }
  });
}
