// A retry under an idempotency key mints nothing twice, whatever was killed between the request and its
// answer: the real server, and SIGKILL at any moment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder, eventually } from './e2e.ts';
import {
  endAll,
  freePort,
  processesOf,
  type Server,
  signal,
  startServer,
  TEST_TOKEN,
} from './server.ts';

const WITHIN = { timeout: 180_000 };
const ROUNDS = 4;
const PIXELS = 2_000;

interface Minted {
  readonly status: number;
  readonly replayed: string | null;
  readonly codes: readonly string[];
}

const body = (round: number): string =>
  JSON.stringify({
    pixels: Array.from({ length: PIXELS }, (_, i) => ({
      label: `pixel ${i}`,
      campaign: `round ${round}`,
      recipient: `reader${i}@mail.example`,
    })),
  });

/** Null when the connection broke, or nobody answers. */
async function mint(server: Server, round: number, key: string): Promise<Minted | null> {
  const sent = fetch(`${server.baseUrl}/v1/pixels/batch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TEST_TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      connection: 'close',
    },
    body: body(round),
  });
  try {
    const reply = await sent;
    const { pixels = [] } = (await reply.json()) as { pixels?: { code: string }[] };
    const replayed = reply.headers.get('idempotency-replayed');
    return { status: reply.status, replayed, codes: pixels.map(({ code }) => code) };
  } catch {
    return null;
  }
}

async function total(server: Server, round: number): Promise<number> {
  const answer = await server.api(`/v1/pixels?campaign=round%20${round}&limit=1`);
  assert.equal(answer.status, 200, answer.body.toString());
  return (JSON.parse(answer.body.toString()) as { total: number }).total;
}

test(
  'kill -9 between request and answer: a retry gets each pixel once',
  WITHIN,
  async (context) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    let server = await startServer({ dataDir, port });
    let answered = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const key = `mailing-${round}`;
      const lost = mint(server, round, key);
      await sleep(20 + round * 60);
      if (round % 2 === 0) {
        for (const { pid } of processesOf(dataDir)) signal(pid, 'SIGKILL');
        await endAll(dataDir);
        server = await startServer({ dataDir, port });
      } else {
        for (const pid of server.pids('store')) signal(pid, 'SIGKILL');
      }
      const first = await lost;
      if (first?.status === 201) answered++;

      const retries = await eventually(async () => {
        // Two at once, as impatient clients send them.
        const both = await Promise.all([mint(server, round, key), mint(server, round, key)]);
        return both.every((each) => each?.status === 201) ? both : null;
      });
      const codes = retries[0]?.codes ?? [];
      assert.equal(new Set(codes).size, PIXELS);
      for (const retry of retries) assert.deepEqual(retry?.codes, codes);
      if (first?.status === 201) assert.deepEqual(first.codes, codes);
      assert.equal((await mint(server, round, key))?.replayed, 'true');
      assert.equal(await total(server, round), PIXELS);
      assert.equal((await mint(server, round + 1_000, key))?.status, 422);
    }
    assert.ok(answered < ROUNDS, 'a kill came before an answer at least once');
    assert.equal((await server.stop()).code, 0);
  },
);
