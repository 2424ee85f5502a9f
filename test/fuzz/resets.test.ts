// Clients that reset at the worst moment, against a collector that is a process of its own with a real
// journal: whatever was answered with 200 is on disk once, and nothing is there that nobody sent.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isHit } from '../../src/hit/event.ts';
import { startProcess } from '../collector.fixture.ts';
import { readJournal } from '../read-journal.ts';
import { Chance } from '../torture/random.ts';
import { converse, drawConduct, nextAddress } from './conversation.ts';
import { pick } from './heads.ts';
import { readReplies } from './replies.ts';

const SEED = 20_261_130;
const CLIENTS = 400;
const CLIENTS_AT_ONCE = 50;
const REQUESTS_MAX = 30;
const LINES = ['GET /track', 'GET /track.gif?x', 'GET http://pixels.example/track'];

interface Sent {
  readonly address: string;
  readonly requests: number;
  /** How many replies came through. */
  readonly answered: number;
}

test('what was answered before a reset is on disk once, and nothing that nobody sent', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-resets-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const { port, stop } = await startProcess(t, dataDir);
  const chance = new Chance(SEED);
  const all: Sent[] = [];
  while (all.length < CLIENTS) {
    const some = Array.from({ length: CLIENTS_AT_ONCE }, () => talk(port, chance));
    all.push(...(await Promise.all(some)));
  }
  assert.equal(await stop('SIGTERM'), 0);

  const kept = new Map<string, (string | null)[]>();
  const damage = await readJournal(dataDir, ({ event }) => {
    if (!isHit(event)) return;
    kept.set(event.address, [...(kept.get(event.address) ?? []), event.referrer]);
  });
  assert.deepEqual(damage, []);
  let underWay = 0;
  for (const { address, requests, answered } of all) {
    const referrers = kept.get(address) ?? [];
    assert.ok(referrers.length >= answered, `${address}: a hit that was answered is not kept`);
    assert.ok(referrers.length <= requests, `${address}: more hits than requests`);
    underWay += referrers.length - answered;
    const expected = referrers.map((_, i) => referrerOf(address, i));
    assert.deepEqual(referrers, expected, 'each once, in order');
    kept.delete(address);
  }
  assert.equal(kept.size, 0, 'nobody else was there');
  const answered = all.reduce((sum, one) => sum + one.answered, 0);
  assert.ok(answered > 0 && underWay > 0, 'some were answered, and some under way');
  t.diagnostic(`${CLIENTS} resets: ${answered} hits were answered, ${underWay} more were kept`);
});

async function talk(port: number, chance: Chance): Promise<Sent> {
  const address = nextAddress();
  const requests = chance.between(1, REQUESTS_MAX);
  const bytes = Array.from({ length: requests }, (_, i) => {
    const line = `${pick(chance, LINES)} HTTP/1.1`;
    return `${line}\r\nHost: pixels.example\r\nReferer: ${referrerOf(address, i)}\r\n\r\n`;
  });
  const conduct = drawConduct(chance, Buffer.from(bytes.join('')), 'reset');
  // Some are answered in part by then, some wholly, some not at all.
  const pauses = [...conduct.pauses.slice(0, -1), chance.between(0, 100)];
  const { received } = await converse(port, address, { ...conduct, pauses, deafMs: 0 }, () => true);
  const { replies } = readReplies(received, () => false);
  assert.ok(replies.every(({ status }) => status === 200));
  return { address, requests, answered: replies.length };
}

function referrerOf(address: string, i: number): string {
  return `http://${address}/${i}`;
}
