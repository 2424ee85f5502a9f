// A real collector under everything that clients may do on a connection: all splits, pipelines, slow
// readers, ends and resets, rubbish between requests. Each request is answered once, in order, to the one
// that asked.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Chance } from '../torture/random.ts';
import { type Ask, everyAsk, makeAsk } from './asks.ts';
import { type CollectorRig, startRig } from './collector-rig.ts';
import { nextAddress } from './conversation.ts';
import { fuzzStreams, judge, quiet, talk, type Talker } from './stream-campaign.ts';
import { fuzzTwins, twinsDisagree } from './twin-campaign.ts';

const SEED = 20_261_130;
const SECONDS = 10;
/** Within so many streams a fault of the collector's surroundings is found, on a machine of any speed. */
const STREAMS_TO_FIND = 2_000;
const CLIENTS_AT_ONCE = 250;
/** Long enough for the collector to have read the first piece when the second comes. */
const SPLIT_MS = 3;

test('every request is answered once, in order, to its own client, and kept if it is said so', async (t) => {
  const report = await fuzzStreams({ seed: SEED, streams: Infinity, seconds: SECONDS });
  const { streams, requests, resets, seconds } = report;
  t.diagnostic(
    `${streams} streams of ${requests} requests, ${resets} of them reset; ` +
      `${Math.round(requests / seconds)} requests a second, seed ${SEED}`,
  );
  assert.equal(report.failure, null);
  assert.ok(requests > 200 && resets > 0);
});

test('nobody notices the fast lane: with it and without it the same is heard of any bytes', async (t) => {
  const report = await fuzzTwins({ seed: SEED, streams: Infinity, seconds: SECONDS });
  const { pairs, fast, repeated, seconds } = report;
  t.diagnostic(
    `${pairs} pairs, ${fast} requests by the fast lane, ${repeated} pairs heard again; ` +
      `${Math.round(pairs / seconds)} pairs a second, seed ${SEED}`,
  );
  assert.equal(report.failure, null);
  assert.ok(fast > pairs / 10, 'the fast lane was compared');
  assert.ok(repeated < 5 + pairs / 50, 'Node’s own whims are rare');
});

interface Remembered {
  readonly shows: string;
  /** A character is a byte. */
  readonly pieces: readonly string[];
}

test('twins agree on every stream on which they once did not', async (t) => {
  const rig = await start(t);
  const file = readFileSync(new URL('streams.corpus.jsonl', import.meta.url), 'utf8');
  for (const line of file.trim().split('\n')) {
    const { shows, pieces } = JSON.parse(line) as Remembered;
    for (const pause of [null, 0, SPLIT_MS]) {
      const conduct = {
        pieces: pieces.map((piece) => Buffer.from(piece, 'latin1')),
        pauses: pieces.map(() => pause),
        end: 'early',
        deafMs: 0,
      } as const;
      assert.equal(await twinsDisagree(rig, conduct), null, shows);
    }
  }
});

for (const fault of ['swaps', 'forgets', 'doubles'] as const) {
  test(`a journal that ${fault} is found out`, async () => {
    const { failure } = await fuzzStreams({ seed: SEED, streams: STREAMS_TO_FIND, fault });
    assert.notEqual(failure, null);
  });
}

test('requests of every kind may be split at any byte, behind one and before another', async (t) => {
  const rig = await start(t);
  const chance = new Chance(SEED);
  const talkers: Talker[] = [];
  for (const [kind, ask] of everyAsk(chance).entries()) {
    for (let at = 1; at < ask.bytes.length; at++) {
      const next = makeAsk(chance, `split-${kind}-${at}`);
      talkers.push(splitting([ask, next], at));
    }
  }
  await converseAll(rig, talkers);
  t.diagnostic(`${talkers.length} splits of ${everyAsk(chance).length} kinds of requests`);
});

test('requests of every kind may come byte by byte', async (t) => {
  const rig = await start(t);
  const chance = new Chance(SEED);
  const talkers = everyAsk(chance).map((ask, kind): Talker => {
    const asks = [ask, makeAsk(chance, `bytewise-${kind}`)];
    const pieces = Array.from(bytesOf(asks), (byte) => Buffer.of(byte));
    const pauses = pieces.map(() => 0);
    const conduct = { pieces, pauses, end: 'late', deafMs: 0 } as const;
    return { address: nextAddress(), asks, conduct };
  });
  await converseAll(rig, talkers);
});

async function start(t: TestContext): Promise<CollectorRig> {
  const rig = await startRig();
  t.after(() => rig.close());
  return rig;
}

function splitting(asks: readonly Ask[], at: number): Talker {
  const bytes = bytesOf(asks);
  const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
  const conduct = { pieces, pauses: [SPLIT_MS, null], end: 'late', deafMs: 0 } as const;
  return { address: nextAddress(), asks, conduct };
}

function bytesOf(asks: readonly Ask[]): Buffer {
  return Buffer.from(asks.map(({ bytes }) => bytes).join(''), 'latin1');
}

async function converseAll(rig: CollectorRig, talkers: readonly Talker[]): Promise<void> {
  for (let i = 0; i < talkers.length; i += CLIENTS_AT_ONCE) {
    const some = talkers.slice(i, i + CLIENTS_AT_ONCE);
    const heard = await Promise.all(
      some.map(async (one) => ({ one, heard: await talk(rig, one) })),
    );
    assert.equal(await quiet(rig), null);
    for (const { one, heard: all } of heard) assert.equal(judge(one, all, rig), null);
  }
}
