// The live stream over a real connection: what is told, to whom, and how a client goes on.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiRig, AUTHORIZED, type Rig } from '../../test/api-rig.ts';
import { CODE, loadOf, someHit, somePixel } from '../../test/contracts/store-events.ts';
import { EventStream } from '../../test/event-stream.ts';
import type { JudgedHit } from '../hit/event.ts';
import { LIVE_EVENTS_PER_SECOND_MAX, LIVE_HITS_MAX, LIVE_STREAMS_MAX } from '../limits.ts';
import { codeDigest, ErasedCodes } from '../store/erased.ts';
import { StoreError } from '../store/store.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { LiveFeed } from './live-feed.ts';

interface Live extends Rig {
  readonly url: string;
  readonly feed: LiveFeed;
  readonly registry: ReturnType<typeof createRegistry>;
  readonly load: (...hits: JudgedHit[]) => Promise<void>;
  readonly open: (query?: string, lastId?: string) => Promise<EventStream>;
}

async function liveRig(
  t: TestContext,
  { store = new MemoryStore(), erased = new ErasedCodes(), inOrder = true } = {},
): Promise<Live> {
  const feed = new LiveFeed({ store, erased, inOrder });
  const registry = createRegistry('test');
  const rig = apiRig({}, { store, live: feed, registry });
  const url = await rig.app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => rig.app.close());
  const load = async (...hits: JudgedHit[]): Promise<void> => {
    await store.load(loadOf({ hits }));
    feed.take(hits);
  };
  const open = async (query = '', lastId?: string): Promise<EventStream> => {
    const last = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
    const stream = await EventStream.open(`${url}/v1/live${query}`, { ...AUTHORIZED, ...last });
    t.after(() => stream.close());
    if (stream.reply.statusCode === 200) {
      await stream.until(() => stream.lastId !== '', 'where the stream begins');
    }
    return stream;
  };
  return { ...rig, store, url, feed, registry, load, open };
}

const hitsOf = (stream: EventStream): string[] =>
  stream.named('hit').map((data) => (data as { id: string }).id);
const positions = (stream: EventStream): number[] =>
  hitsOf(stream).map((id) => (Number(id.split('-')[2]) - 16) / 100);

/** After every client came: nothing of before is missing to it. */
const AFTERWARDS = (Date.now() + 60_000) * 1_000;
const recent = (number: number, facts = {}): JudgedHit =>
  someHit(number, { at: AFTERWARDS + number, ...facts });

test('a hit is told as in every other answer, with what its pixel is called', async (t) => {
  const { open, load, store } = await liveRig(t);
  const properties = { label: 'mail 1', campaign: 'spring' };
  await store.load(loadOf({ notes: [somePixel(1, { code: CODE, properties })] }));
  const stream = await open();
  assert.equal(stream.reply.statusCode, 200);
  assert.equal(stream.reply.headers['content-type'], 'text/event-stream');
  assert.equal(stream.reply.headers['x-accel-buffering'], 'no');
  assert.equal(stream.reply.headers['cache-control'], 'no-store');
  assert.ok(stream.retryMs !== null && stream.retryMs > 0);
  const visit = someHit(2, {
    kind: 'visit',
    code: null,
    referrer: 'https://a.example/\n\ndata: x',
  });
  await load(someHit(1), visit);
  await stream.until(() => stream.events.length === 2, 'both hits');
  const verdict = {
    class: 'human-browser',
    reason: 'browser-agent',
    client: 'Chrome',
    os: 'Windows',
    device: 'desktop',
    country: 'DE',
    own: null,
  };
  assert.deepEqual(stream.named('hit'), [
    {
      kind: 'open',
      uri: CODE,
      time_stamp: '2026-06-01T00:00:00.000002Z',
      ip_address: '192.0.2.1',
      user_agent: 'Mozilla/5.0',
      referrer: null,
      id: '00000000000000aa-1-116',
      ...verdict,
      label: 'mail 1',
      campaign: 'spring',
    },
    {
      kind: 'visit',
      uri: null,
      time_stamp: '2026-06-01T00:00:00.000003Z',
      ip_address: '192.0.2.1',
      user_agent: 'Mozilla/5.0',
      referrer: 'https://a.example/\n\ndata: x',
      id: '00000000000000aa-1-216',
      ...verdict,
      label: null,
      campaign: null,
    },
  ]);
});

test('a stream tells only what was asked for', async (t) => {
  const { open, load, store } = await liveRig(t);
  const properties = { campaign: 'spring' };
  await store.load(loadOf({ notes: [somePixel(1, { code: 'a', properties })] }));
  const streams = await Promise.all(
    [
      '?kind=visit',
      '?pixel=a&pixel=b',
      '?campaign=spring',
      '?campaign=',
      '?kind=open&campaign=',
    ].map((query) => open(query)),
  );
  await load(
    someHit(1, { code: 'a' }),
    someHit(2, { code: 'b' }),
    someHit(3, { code: 'c' }),
    someHit(4, { kind: 'visit', code: null }),
  );
  const all = await open();
  await load(someHit(5, { code: 'a' }), someHit(6, { kind: 'visit', code: null }));
  await all.until(() => all.events.length === 2, 'the last hits');
  await sleep(20);
  assert.deepEqual(streams.map(positions), [
    [4, 6],
    [1, 2, 5],
    [1, 5],
    [2, 3, 4, 6],
    [2, 3],
  ]);
});

test('a client that comes back is told what it missed, once, while the feed has it', async (t) => {
  const { open, load } = await liveRig(t);
  const first = await open();
  await load(recent(1), recent(2));
  await first.until(() => first.events.length === 2, 'two hits');
  const { lastId } = first;
  first.close();
  await load(recent(3));
  const second = await open('', lastId);
  await load(recent(4));
  await second.until(() => second.events.length === 2, 'two more');
  assert.deepEqual(positions(second), [3, 4]);
  // From the middle of a load, too.
  const [, middle] = await marksOf(t, open, load);
  assert.notEqual(middle, undefined);
});

/** The ids of every event of a load of three hits, and that each of them is a place to go on from. */
async function marksOf(t: TestContext, open: Live['open'], load: Live['load']): Promise<string[]> {
  const stream = await open();
  const marks: string[] = [];
  const seen = new Set<string>();
  stream.reply.on('data', () => undefined);
  const text: string[] = [];
  stream.reply.on('data', (piece: string) => text.push(piece));
  await load(recent(10), recent(11), recent(12));
  await stream.until(() => stream.events.length === 3, 'three hits');
  for (const [, mark = ''] of text.join('').matchAll(/^id: (.*)$/gm)) {
    if (!seen.has(mark)) marks.push(mark);
    seen.add(mark);
  }
  for (const [i, mark] of marks.slice(-3).entries()) {
    const again = await open('', mark);
    await again.until(() => again.lastId !== '', 'where it begins');
    await again.until(() => again.events.length === 2 - i, 'the rest of the load');
    assert.deepEqual(positions(again), [11, 12].slice(i));
    again.close();
  }
  t.diagnostic(`${marks.length} places`);
  return marks;
}

test('after a restart the store tells what was missed, nothing lost and nothing twice', async (t) => {
  const before = await liveRig(t);
  const stream = await before.open();
  const other = { writer: 'f000000000000000', segment: 1, position: 16 };
  await before.load(recent(1), recent(2), { ...recent(3), id: other });
  await stream.until(() => stream.events.length === 3, 'three hits');
  const { lastId } = stream;
  // Stored, and not told any more; the other writer's is older than what was told last.
  const late = { ...recent(0), id: { ...other, position: 900 } };
  await before.store.load(loadOf({ hits: [recent(4), late] }));
  await before.app.close();
  const after = await liveRig(t, { store: before.store });
  const again = await after.open('', lastId);
  await again.until(() => again.events.length === 2, 'what was missed');
  await after.load(recent(5));
  await again.until(() => again.events.length === 3, 'what comes');
  assert.deepEqual(hitsOf(again), [
    'f000000000000000-1-900',
    '00000000000000aa-1-416',
    '00000000000000aa-1-516',
  ]);
  assert.deepEqual(again.named('gap'), []);
  // And so on, from each of its own events.
  const third = await liveRig(t, { store: before.store });
  const last = await third.open('', again.lastId);
  await third.load(recent(6));
  await last.until(() => last.events.length === 1, 'what comes then');
  assert.deepEqual(positions(last), [6]);
});

test('a hit that comes while the store is read is told once', async (t) => {
  const before = await liveRig(t);
  const stream = await before.open();
  await before.load(recent(1));
  await stream.until(() => stream.events.length === 1, 'a hit');
  await before.app.close();
  class Slow extends MemoryStore {
    override async hits(query: Parameters<MemoryStore['hits']>[0]) {
      await sleep(30);
      return await super.hits(query);
    }
  }
  const store = new Slow();
  await store.load(loadOf({ hits: [recent(1), recent(2)] }));
  const after = await liveRig(t, { store });
  const opening = after.open('', stream.lastId);
  await sleep(10);
  await after.load(recent(3));
  const again = await opening;
  await after.load(recent(4));
  await again.until(() => positions(again).includes(4), 'the last one');
  assert.deepEqual(positions(again), [2, 3, 4]);
});

test('what can not be told is said: too much, over a bus, or from nobody knows where', async (t) => {
  const rig = await liveRig(t, { inOrder: false });
  const unknown = await rig.open('', 'no mark');
  assert.deepEqual(unknown.named('gap'), [{ missed: null }]);
  await rig.load(recent(1));
  await unknown.until(() => unknown.events.length === 2, 'what comes');
  assert.deepEqual(positions(unknown), [1]);
  const other = await liveRig(t, { store: rig.store, inOrder: false });
  const over = await other.open('', unknown.lastId);
  assert.deepEqual(over.named('gap'), [{ missed: null }]);
  // A feed that has moved on, and more in the store than is told.
  const ordered = await liveRig(t);
  const stream = await ordered.open();
  stream.close();
  const many = Array.from({ length: LIVE_HITS_MAX + 5 }, (_, i) => recent(i));
  await ordered.load(...many);
  const late = await ordered.open('?kind=open', stream.lastId);
  await late.until(() => late.named('hit').length === 5_000, 'the newest');
  assert.deepEqual(late.named('gap'), [{ missed: null }]);
  assert.deepEqual(
    positions(late),
    many.slice(-5_000).map((_, i) => i + LIVE_HITS_MAX + 5 - 5_000),
  );
});

test('of hits that come too fast so many are told, and the number of the others', async (t) => {
  const { open, load } = await liveRig(t);
  const stream = await open();
  const count = 3 * LIVE_EVENTS_PER_SECOND_MAX;
  await load(...Array.from({ length: count }, (_, i) => recent(i)));
  await stream.until(() => stream.named('skipped').length === 1, 'how many were not told');
  assert.equal(stream.named('hit').length, LIVE_EVENTS_PER_SECOND_MAX);
  assert.deepEqual(stream.named('skipped'), [{ count: count - LIVE_EVENTS_PER_SECOND_MAX }]);
  await load(recent(count));
  await stream.until(() => positions(stream).includes(count), 'what comes in the next second');
});

test('a client that takes nothing costs nothing more, and hears how much it missed', async (t) => {
  const { open, load, feed } = await liveRig(t);
  const first = await open();
  first.close();
  let next = 0;
  const agent = 'x'.repeat(2_000);
  const loadMany = (): Promise<void> =>
    load(...Array.from({ length: LIVE_HITS_MAX }, () => recent(next++, { agent })));
  await loadMany();
  // More than sockets hold, and all of it to be told.
  const stream = await open('', first.lastId);
  stream.reply.pause();
  await sleep(50);
  for (let i = 0; i < 3; i++) {
    await loadMany();
    assert.ok(feed.end - feed.first <= 2 * LIVE_HITS_MAX);
    await sleep(10);
  }
  assert.ok(positions(stream).length < LIVE_HITS_MAX);
  stream.reply.resume();
  await load(recent(next++));
  const sum = (name: string, key: string): number =>
    stream
      .named(name)
      .reduce<number>((total, data) => total + ((data as Record<string, number>)[key] ?? NaN), 0);
  const told = (): number =>
    stream.named('hit').length + sum('skipped', 'count') + sum('gap', 'missed');
  await stream.until(() => told() >= next, 'all, or how many they were');
  assert.equal(told(), next);
  assert.equal(stream.named('gap').length, 1);
  assert.deepEqual(
    positions(stream),
    positions(stream).toSorted((a, b) => a - b),
  );
});

test('hits of an erased pixel are not told, and the feed forgets what it had of them', async (t) => {
  const erased = new ErasedCodes();
  const { open, load, feed, store } = await liveRig(t, { erased });
  const first = await open();
  await load(recent(1, { code: 'a' }), recent(2, { code: 'b' }));
  await first.until(() => first.events.length === 2, 'two hits');
  erased.add(codeDigest('a'));
  await store.erasePixel('a');
  await load(recent(3, { code: 'a' }), recent(4, { code: 'b' }));
  await first.until(() => first.events.length === 3, 'the other one');
  assert.deepEqual(positions(first), [1, 2, 4]);
  const { lastId } = first;
  await load(recent(5, { code: 'c', address: '198.51.100.7' }));
  await store.eraseAddress('198.51.100.7');
  feed.forget();
  await load(recent(6, { code: 'b' }));
  const again = await open('', lastId);
  await again.until(() => again.events.length === 1, 'what is left');
  assert.deepEqual(positions(again), [6]);
});

test('nothing is kept while nobody watches', async () => {
  const feed = new LiveFeed({ store: new MemoryStore(), erased: new ErasedCodes(), inOrder: true });
  feed.take([recent(1)]);
  assert.equal(feed.end, 0);
  const leave = feed.join(() => undefined);
  feed.take([recent(2)]);
  assert.equal(feed.end, 1);
  leave();
  feed.take([recent(3)]);
  assert.equal(feed.end, 2, 'whoever comes back at once goes on');
  feed.close();
});

test('streams are bounded, and end when their clients go or the server drains', async (t) => {
  const { open, app, url, registry } = await liveRig(t);
  const streams = await Promise.all(Array.from({ length: LIVE_STREAMS_MAX }, () => open()));
  const refused = await EventStream.open(`${url}/v1/live`, AUTHORIZED);
  assert.equal(refused.reply.statusCode, 503);
  assert.equal(refused.reply.headers['retry-after'], '1');
  streams[0]?.close();
  await sleep(50);
  const instead = await open();
  assert.match(await registry.metrics(), /^truepixel_api_live_streams\S* 100$/m);
  assert.equal(instead.reply.statusCode, 200);
  const began = performance.now();
  await app.close();
  assert.ok(performance.now() - began < 2_000, 'the server did not wait for them');
  await instead.until(() => instead.ended && instead.reply.complete, 'its end');
});

test('a store that fails ends the stream, and its client goes on where it was', async (t) => {
  const { open, load, store } = await liveRig(t);
  const stream = await open();
  await load(recent(1));
  await stream.until(() => stream.events.length === 1, 'a hit');
  const hits = [recent(2)];
  await store.load(loadOf({ hits }));
  store.failure = new StoreError('it is away', true);
  await load().catch(() => undefined);
  const { lastId } = stream;
  stream.close();
  store.failure = null;
  const again = await open('', lastId);
  await load(recent(3));
  await again.until(() => again.events.length === 1, 'what comes');
  assert.deepEqual(positions(again), [3]);
});

test('a request that asks for what nobody knows is refused by name', async (t) => {
  const { app } = await liveRig(t);
  for (const [query, parameter] of [
    ['?kind=click', 'kind'],
    ['?country=DE', 'country'],
    [`?pixel=${'x'.repeat(65)}`, 'pixel'],
  ]) {
    const reply = await app.inject({ url: `/v1/live${query}`, headers: AUTHORIZED });
    assert.equal(reply.statusCode, 400, query);
    const { errors } = reply.json<{ errors: { parameter: string }[] }>();
    assert.equal(errors[0]?.parameter, parameter);
  }
  assert.equal((await app.inject({ url: '/v1/live' })).statusCode, 401);
});
