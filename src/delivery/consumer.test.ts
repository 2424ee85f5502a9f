// The consumer between a bus that does as it is told and a real journal, loader and store: every event once,
// however often and whenever it is delivered, and no message removed whose event is not in the store.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CODE, emptied, events, put, rig, some } from '../../test/consumer-rig.ts';
import { MemoryReceiver } from '../../test/memory-bus.ts';
import { writeMessage } from '../bus/message.ts';
import type { Event } from '../hit/event.ts';
import { CONSUMER_MESSAGES_MAX } from '../limits.ts';
import { StoreError } from '../store/store.ts';
import type { IntakeParts } from './intake.ts';

test('events keep their ids on the way to store and visit log, and messages are removed', async (t) => {
  const { receiver, store, consumer, visitLines } = await rig(t);
  put(receiver, [...events(700), some(9_000, 'open')]);
  receiver.put('pixel', writeMessage({ ...some(1), event: minted(5) }).body);
  await emptied(receiver);
  assert.deepEqual(await store.totals(), { pixels: 1, opens: 1, visits: 700 });
  const { hits } = await store.pixelHits({ code: CODE, limit: 10, before: null });
  assert.deepEqual(
    hits.map(({ id, event }) => ({ id, event })),
    [some(9_000, 'open')],
  );
  const lines = await visitLines();
  assert.equal(new Set(lines).size, 700);
  assert.equal(lines.length, 700);
  assert.deepEqual([consumer.stats.kept, consumer.stats.duplicates], [702, 0]);
});

const minted = (at: number): Event => ({ kind: 'pixel-minted', at, code: CODE });

test('deliveries that repeat change nothing: at once, later, and after a restart', async (t) => {
  const first = await rig(t);
  put(first.receiver, events(300));
  put(first.receiver, events(300), 'the same event in another message');
  await emptied(first.receiver);
  put(first.receiver, events(300));
  await emptied(first.receiver);
  assert.equal(first.consumer.stats.kept, 300);
  assert.equal(first.consumer.stats.duplicates, 600);
  await first.end();
  const second = await rig(t, { dir: first.dir });
  put(second.receiver, events(310));
  await emptied(second.receiver);
  assert.deepEqual(await second.store.totals(), { pixels: 0, opens: 0, visits: 310 });
  assert.equal((await second.visitLines()).length, 310);
  assert.deepEqual([second.consumer.stats.kept, second.consumer.stats.duplicates], [10, 300]);
});

test('messages of another system without ids count once too', async (t) => {
  const { receiver, store } = await rig(t);
  const body = JSON.stringify({ UserAgent: 'x', VisitedAt: '2026-06-01T00:00:00.1234567+00:00' });
  for (let i = 0; i < 3; i++) {
    receiver.put('a', body);
    receiver.put('b', body);
    await emptied(receiver);
  }
  assert.equal((await store.totals()).visits, 2);
});

test('nothing is removed before its event is in the store', async (t) => {
  let mayPass = false;
  let asked = 0;
  const passes = (): number => asked;
  const alter = ({ barrier }: IntakeParts): Partial<IntakeParts> => ({
    barrier: async () => {
      asked++;
      return (asked <= 2 || mayPass) && (await barrier());
    },
  });
  const { receiver, store, consumer } = await rig(t, { alter });
  put(receiver, events(20));
  while (passes() < 5) await sleep(5);
  assert.equal(receiver.removed.length, 0);
  mayPass = true;
  await emptied(receiver);
  assert.equal((await store.totals()).visits, 20);
  assert.equal(consumer.stats.kept, 20);
});

test('a journal that refuses, and one whose answer is wrong, lose and double nothing', async (t) => {
  let calls = 0;
  const alter = ({ journal }: IntakeParts): Partial<IntakeParts> => ({
    journal: {
      stats: journal.stats,
      onCommit: null,
      close: () => journal.close(),
      append: (record, length, waiter) => {
        calls++;
        if (calls % 5 === 0) return 'journal-full';
        if (calls % 7 !== 0) return journal.append(record, length, waiter);
        // Durable, but the writer never learns of it: what a failed fsync may look like.
        return journal.append(record, length, { settled: () => waiter.settled(false) });
      },
    },
  });
  const { receiver, store, visitLines } = await rig(t, { alter });
  put(receiver, events(400));
  await emptied(receiver);
  assert.equal((await store.totals()).visits, 400);
  assert.equal((await visitLines()).length, 400);
});

test('a store that cannot be asked only makes messages wait', async (t) => {
  let failures = 3;
  const alter = ({ store }: IntakeParts): Partial<IntakeParts> => ({
    store: {
      known: async (asked) => {
        if (failures-- > 0) throw new StoreError('not now', true);
        return await store.known(asked);
      },
    },
  });
  const { receiver, store } = await rig(t, { alter });
  put(receiver, events(10));
  await emptied(receiver);
  assert.equal((await store.totals()).visits, 10);
});

test('a message that cannot be read stays in the queue, counts once, and blocks nobody', async (t) => {
  const receiver = new MemoryReceiver(60);
  const { store, consumer } = await rig(t, { receiver });
  receiver.put('bad', '{"VisitedAt":"never"}');
  put(receiver, events(50));
  while (receiver.messages.size > 1) await sleep(5);
  await sleep(300);
  assert.deepEqual([...receiver.messages.keys()], ['bad']);
  assert.equal(consumer.stats.unreadable, 1);
  assert.ok(receiver.deliveries > 52, 'it was delivered again and again');
  assert.equal((await store.totals()).visits, 50);
});

test('messages stay hidden for as long as a slow store needs', async (t) => {
  const receiver = new MemoryReceiver(300);
  const alter = ({ barrier }: IntakeParts): Partial<IntakeParts> => ({
    barrier: async () => {
      await sleep(1_000);
      return await barrier();
    },
  });
  const { consumer } = await rig(t, { receiver, alter });
  put(receiver, events(9));
  await emptied(receiver);
  assert.equal(receiver.deliveries, 9);
  assert.equal(consumer.stats.duplicates, 0);
});

test('a queue that fails is asked again, and which fault it is can be told', async (t) => {
  const receiver = new MemoryReceiver();
  receiver.fault = 'missing';
  const { consumer } = await rig(t, { receiver });
  put(receiver, events(5));
  while (consumer.failure === null) await sleep(5);
  assert.equal(consumer.failure.fault, 'missing');
  receiver.fault = null;
  await emptied(receiver);
  assert.equal(consumer.failure, null);
});

test('messages that cannot be removed are a failure until they are, though receiving works', async (t) => {
  const receiver = new MemoryReceiver(200);
  receiver.keepsAll = true;
  const { consumer, store } = await rig(t, { receiver });
  put(receiver, events(5));
  while (consumer.failure === null) await sleep(5);
  const { deliveries } = receiver;
  while (receiver.deliveries < deliveries + 10) await sleep(5);
  assert.equal(consumer.failure?.fault, 'denied');
  receiver.keepsAll = false;
  await emptied(receiver);
  while (consumer.failure !== null) await sleep(5);
  assert.deepEqual([(await store.totals()).visits, consumer.stats.kept], [5, 5]);
});

test('what is in hand has a bound, and a drain gives back what it cannot complete', async (t) => {
  const receiver = new MemoryReceiver();
  let asked = 0;
  const alter = (): Partial<IntakeParts> => ({
    // The start's, and those of a first round; then never again.
    barrier: async () => asked++ < 3 || (await new Promise<boolean>(() => undefined)),
  });
  const { consumer, end } = await rig(t, { receiver, alter });
  put(receiver, events(CONSUMER_MESSAGES_MAX + 1_000));
  while (consumer.inHand < CONSUMER_MESSAGES_MAX) await sleep(5);
  await sleep(100);
  assert.ok(consumer.inHand < CONSUMER_MESSAGES_MAX + 100);
  await end();
  const now = performance.now();
  assert.equal(receiver.removed.length, receiver.messagesMax, 'those of the first round');
  assert.ok([...receiver.messages.values()].every(({ visibleAt }) => visibleAt <= now));
});

test('nothing is received that could not be stored, neither at the start nor later', async (t) => {
  let passes = false;
  let asked = 0;
  const counted = (): number => asked;
  const alter = ({ barrier }: IntakeParts): Partial<IntakeParts> => ({
    barrier: async () => {
      asked++;
      return passes && (await barrier());
    },
  });
  const { receiver, store, consumer } = await rig(t, { alter });
  put(receiver, events(5_000));
  while (counted() < 3) await sleep(5);
  assert.equal(receiver.deliveries, 0);
  passes = true;
  while (consumer.stats.kept === 0) await sleep(5);
  passes = false;
  const before = counted();
  while (counted() < before + 3) await sleep(5);
  const { deliveries } = receiver;
  await sleep(300);
  assert.ok(receiver.deliveries <= deliveries + 10, 'one receiver was still waiting');
  passes = true;
  await emptied(receiver);
  assert.equal((await store.totals()).visits, 5_000);
  assert.equal(receiver.deliveries, 5_000);
});

test('an event is kept as this machine may keep it, or its message is removed all the same', async (t) => {
  const apply = async (event: Event): Promise<Event | null> => {
    if (event.kind !== 'open') return null;
    return { ...event, agent: null };
  };
  const { receiver, store, consumer } = await rig(t, { alter: () => ({ reduction: { apply } }) });
  put(receiver, [some(1, 'open'), some(2), some(3)]);
  await emptied(receiver);
  const { hits } = await store.pixelHits({ code: CODE, limit: 5, before: null });
  assert.deepEqual(
    hits.map(({ event }) => event.agent),
    [null],
  );
  assert.equal((await store.totals()).visits, 0);
  const { kept, unkept, duplicates } = consumer.stats;
  assert.deepEqual([kept, unkept, duplicates], [1, 2, 0]);
});

test('a string that no header can hold is stored all the same', async (t) => {
  const { receiver, store } = await rig(t);
  const event: Event = { ...some(1, 'open').event, agent: 'a\0b' } as Event;
  receiver.put('nul', writeMessage({ id: some(1).id, event }).body);
  receiver.put(
    'lone',
    writeMessage({ id: some(2).id, event: { ...event, agent: 'a\ud800' } as Event }).body,
  );
  await emptied(receiver);
  const { hits } = await store.pixelHits({ code: CODE, limit: 2, before: null });
  assert.deepEqual(
    new Set(hits.map(({ event: { agent } }) => agent)),
    new Set(['a\0b', 'a\ufffd']),
  );
});
