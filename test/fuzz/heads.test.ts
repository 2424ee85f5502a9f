// The fast lane's reader against Node's lane: a campaign of half a minute, the inputs of earlier ones, and
// the proof that the campaign sees what it should. `npm run fuzz` goes on for as long as one likes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { disagreement, readByLane } from './comparing.ts';
import { explain, fuzzHeads } from './head-campaign.ts';
import { WEAKENED } from './weakened.ts';

const SEED = 20_261_130;
const SECONDS = 20;
/** Within so many requests every weakness of the list is found, on a machine of any speed. */
const REQUESTS_TO_FIND = 50_000;

test('whatever the fast lane takes, Node’s lane reads as the same requests', async (t) => {
  const report = await fuzzHeads({ seed: SEED, requests: Infinity, seconds: SECONDS });
  const { requests, accepted, handedOver, seconds } = report;
  const rate = Math.round(requests / seconds);
  t.diagnostic(
    `${requests} requests: ${accepted} accepted, ${handedOver} handed over; ` +
      `${rate} a second, seed ${SEED}`,
  );
  const found = report.disagreement;
  assert.equal(found, null, found === null ? '' : await explain(found));
  assert.ok(accepted > requests / 5, 'enough was taken to be compared');
  assert.ok(handedOver > requests / 5, 'and enough was not');
});

interface Remembered {
  readonly shows: string;
  /** How many requests the fast lane takes of the bytes. */
  readonly taken: number;
  /** A character is a byte. */
  readonly bytes: string;
}

const REMEMBERED = readFileSync(new URL('heads.corpus.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Remembered);

test('every input that once showed something is read as it should be', async () => {
  for (const { shows, taken, bytes } of REMEMBERED) {
    const raw = Buffer.from(bytes, 'latin1');
    assert.equal(readByLane(raw).taken.length, taken, shows);
    assert.equal(await disagreement(raw), null, shows);
  }
});

for (const [weakness, read] of Object.entries(WEAKENED)) {
  test(`the campaign finds a reader that ${weakness}`, async () => {
    const { disagreement } = await fuzzHeads({ seed: SEED, requests: REQUESTS_TO_FIND, read });
    assert.notEqual(disagreement, null);
  });
}
