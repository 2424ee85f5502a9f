// The request-smuggling corpus against a real collector, with the store process behind it: no trick makes one
// body two requests, gets two answers out of one, or leaves anything behind that a neighbour could meet.

import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { type CollectorRig, startRig } from './fuzz/collector-rig.ts';
import { converse, nextAddress } from './fuzz/conversation.ts';
import { readReplies } from './fuzz/replies.ts';
import { quiet } from './fuzz/stream-campaign.ts';
import { CHUNKS } from './smuggling/chunks.ts';
import { DETOURS } from './smuggling/detours.ts';
import { FRAMING } from './smuggling/framing.ts';
import { LINES } from './smuggling/lines.ts';
import { REQUEST_LINES } from './smuggling/request-lines.ts';
import { FOLLOWING_REFERRER, HIDDEN, HIDDEN_REFERRER, type Trick } from './smuggling/trick.ts';

const GROUPS = {
  'how long a body is': FRAMING,
  chunks: CHUNKS,
  lines: LINES,
  'request lines and hosts': REQUEST_LINES,
  'expectations, upgrades, pauses and ends': DETOURS,
};
const FOLLOWING = `GET /track HTTP/1.1\r\nHost: h\r\nReferer: ${FOLLOWING_REFERRER}\r\n\r\n`;

let rig: CollectorRig;
before(async () => {
  rig = await startRig();
});
after(() => rig.close());

for (const [group, tricks] of Object.entries(GROUPS)) {
  test(`no trick smuggles a request: ${group}`, async (t) => {
    t.diagnostic(`${tricks.length} tricks`);
    const failed: string[] = [];
    // One after the other: what one leaves behind, the next would meet.
    for (const trick of tricks) {
      const { name, from, replies, goesOn, hits = [], passed = [] } = trick;
      const found = JSON.stringify(await play(trick));
      const expected = JSON.stringify({
        replies: goesOn ? [...replies, 200] : replies,
        rest: '',
        hits: goesOn ? [...hits, FOLLOWING_REFERRER] : hits,
        passed,
        fault: null,
      });
      if (found !== expected) failed.push(`${name} (${from}): ${found}, not ${expected}`);
    }
    assert.equal(failed.length, 0, failed.join('\n'));
  });
}

test('every trick of the corpus hides what would be found', () => {
  const names = new Set<string>();
  for (const trick of Object.values(GROUPS).flat()) {
    assert.ok(!names.has(trick.name), `${trick.name} is there twice`);
    names.add(trick.name);
    for (const seen of [
      ...(trick.hits ?? []),
      ...(trick.passed ?? []).map((text) => text.slice(0, 40)),
    ]) {
      assert.ok(!seen.includes(HIDDEN_REFERRER) && !seen.startsWith(`GET ${HIDDEN}`), trick.name);
    }
  }
});

async function play({ sent }: Trick): Promise<unknown> {
  const parts = typeof sent === 'string' ? [sent] : sent;
  const texts = [...parts.slice(0, -1), `${parts.at(-1)}${FOLLOWING}`];
  const conduct = {
    pieces: texts.map((text) => Buffer.from(text, 'latin1')),
    pauses: texts.map((_, i) => (i < texts.length - 1 ? 'heard' : null)),
    end: 'early',
    deafMs: 0,
  } as const;
  const address = nextAddress();
  const { received, failure } = await converse(rig.port, address, conduct, () => true);
  const isHead = parts[0]?.startsWith('HEAD ') === true;
  const { replies, rest } = readReplies(received, (i) => isHead && i === 0);
  return {
    replies: replies.map(({ status }) => status),
    rest: failure ?? rest,
    hits: (rig.kept.get(address) ?? []).map(({ referrer }) => referrer),
    passed: (rig.store.passed.get(address) ?? []).map(
      ({ method, url, body }) => `${method} ${url} ${body}`,
    ),
    fault: await quiet(rig),
  };
}
