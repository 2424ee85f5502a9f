// Live hits and exports through the whole server: a hit is seen within a second of its reply, nothing is lost
// or told twice when the store process is killed, and what is not to be kept is not told.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder, eventually, lookMany, mint } from './e2e.ts';
import { EventStream } from './event-stream.ts';
import { freePort, type Server, signal, startServer, TEST_TOKEN } from './server.ts';

const WITHIN = { timeout: 120_000 };
const AUTHORIZED = { Authorization: `Bearer ${TEST_TOKEN}` };
const LOOKS = 60;
const SEEN_MS_MAX = 1_000;

async function watch(
  t: TestContext,
  server: Server,
  query = '',
  lastId?: string,
): Promise<EventStream> {
  const last = lastId === undefined || lastId === '' ? {} : { 'Last-Event-ID': lastId };
  const stream = await EventStream.open(`${server.baseUrl}/v1/live${query}`, {
    ...AUTHORIZED,
    ...last,
  });
  t.after(() => stream.close());
  if (stream.reply.statusCode === 200) {
    await stream.until(() => stream.lastId !== '' || stream.ended, 'where the stream begins');
  }
  return stream;
}

const agentsOf = (stream: EventStream): string[] =>
  stream.named('hit').map((data) => (data as { user_agent: string }).user_agent);

test('a hit is seen within a second of its reply, and in every answer', WITHIN, async (t) => {
  const server = await startServer({ dataDir: await dataFolder(t), port: await freePort() });
  const { unique_code: code } = await mint(server);
  const stream = await watch(t, server);
  const delays: number[] = [];
  for (let look = 1; look <= LOOKS; look++) {
    const path = look % 2 === 0 ? '/track' : `/image/${code}.png`;
    await server.get(path, { 'User-Agent': `look/${look}` });
    const replied = performance.now();
    await stream.until(() => stream.events.length === look, `look ${look}`);
    delays.push((stream.events.at(-1)?.at ?? Infinity) - replied);
    await sleep(10 * (look % 13));
  }
  const sorted = delays.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[LOOKS / 2] ?? Infinity, sorted.at(-1) ?? Infinity];
  t.diagnostic(`after its reply: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`);
  assert.ok(worst < SEEN_MS_MAX, `${worst} ms`);
  assert.deepEqual(
    agentsOf(stream),
    Array.from({ length: LOOKS }, (_, i) => `look/${i + 1}`),
  );
  const list = await server.api('/v1/hits');
  const { hits } = JSON.parse(list.body.toString()) as { hits: { id: string }[] };
  assert.deepEqual(
    hits.map(({ id }) => id).toReversed(),
    stream.named('hit').map((data) => (data as { id: string }).id),
  );
});

test('kills of the store lose no hit from a stream, and double none', WITHIN, async (t) => {
  const server = await startServer({
    dataDir: await dataFolder(t),
    port: await freePort(),
    env: { COLLECTORS: '2' },
  });
  const seen: string[] = [];
  let lastId = '';
  let stream = await watch(t, server);
  const over = new AbortController();
  /** As a browser does it: comes back where it was, until somebody answers. */
  const watching = (async () => {
    for (;;) {
      const current = stream;
      while (!current.ended && !over.signal.aborted) await sleep(5);
      seen.push(...agentsOf(current));
      assert.deepEqual(current.named('gap'), []);
      if (current.lastId !== '') ({ lastId } = current);
      if (over.signal.aborted) return;
      stream = await eventually(async () => {
        const next = await watch(t, server, '', lastId).catch(() => null);
        return next?.reply.statusCode === 200 ? next : null;
      });
    }
  })();
  const acknowledged = new Set<string>();
  for (let kill = 0; kill < 3; kill++) {
    const [pid] = server.pids('store');
    assert.ok(pid !== undefined);
    const looking = lookMany(server, '/track', 150, `round${kill}`);
    await sleep(60 + 50 * kill);
    signal(pid, 'SIGKILL');
    const looks = await looking;
    assert.deepEqual(looks.other, []);
    for (const agent of looks.acknowledged) acknowledged.add(agent);
    await eventually(async () => ((await server.api('/v1/hits')).status === 200 ? true : null));
  }
  await eventually(async () => {
    const told = new Set([...seen, ...agentsOf(stream)]);
    return acknowledged.size === told.size ? true : null;
  });
  over.abort();
  await watching;
  assert.equal(seen.length, acknowledged.size, 'each once');
  assert.deepEqual(new Set(seen), acknowledged);
});

test('a stream ends when the server does, and holds up no end', WITHIN, async (t) => {
  const server = await startServer({ dataDir: await dataFolder(t), port: await freePort() });
  const stream = await watch(t, server);
  const began = performance.now();
  assert.equal((await server.stop()).code, 0);
  assert.ok(performance.now() - began < 5_000);
  await stream.until(() => stream.ended, 'its end');
  assert.ok(stream.reply.complete, 'as streams end');
});

test('what is not kept of a hit is not told and not exported', WITHIN, async (t) => {
  const server = await startServer({
    dataDir: await dataFolder(t),
    port: await freePort(),
    env: { PIXEL_MODE: 'aggregate' },
  });
  const { unique_code: code } = await mint(server);
  const stream = await watch(t, server);
  await server.get(`/image/${code}.png`, { 'User-Agent': 'Mozilla/5.0 (X11; Linux) Secret/1' });
  await stream.until(() => stream.events.length === 1, 'the hit');
  const [hit] = stream.named('hit') as Record<string, unknown>[];
  assert.equal(hit?.['uri'], code);
  assert.equal(hit?.['ip_address'], '');
  assert.equal(hit?.['user_agent'], null);
  const file = await server.api(`/v1/export/hits?format=csv&pixel=${code}`);
  assert.equal(file.status, 200);
  assert.match(file.body.toString(), new RegExp(code));
  assert.doesNotMatch(file.body.toString(), /127\.0\.0\.1|Secret/);
});

test('an export has what was acknowledged before, through the collector', WITHIN, async (t) => {
  const server = await startServer({ dataDir: await dataFolder(t), port: await freePort() });
  // Other tests may have left hits in the same store.
  const from = new Date().toISOString();
  const { acknowledged } = await lookMany(server, '/track', 300);
  assert.equal(acknowledged.size, 300);
  const file = await server.api(`/v1/export/hits?format=ndjson&kind=visit&from=${from}`);
  const rows = file.body
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { user_agent: string }).user_agent);
  assert.deepEqual(new Set(rows), acknowledged);
  assert.equal(rows.length, 300);
  // A client that goes away in the middle leaves nothing under way.
  for (let i = 0; i < 10; i++) {
    const sent = request(`${server.baseUrl}/v1/export/hits?format=csv`, { headers: AUTHORIZED });
    sent.on('error', () => undefined);
    sent.end();
    await sleep(5);
    sent.destroy();
  }
  await eventually(async () =>
    (await server.api('/v1/export/hits?format=csv')).status === 200 ? true : null,
  );
});
