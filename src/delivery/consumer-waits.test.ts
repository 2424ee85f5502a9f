// When the consumer asks for messages and when it had better not, what it says meanwhile, and how it gets
// back what a queue has given up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptied, events, put, rig, some } from '../../test/consumer-rig.ts';
import { MemoryDeadLetters } from '../../test/memory-bus.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { CONSUMER_RECEIVERS_MAX } from '../limits.ts';
import { StoreError } from '../store/store.ts';
import type { IntakeParts } from './intake.ts';

/** A journal whose state a test can set. */
function stateful(parts: IntakeParts): { journal: JournalWriter; state: 'open' | 'full' } {
  const { journal } = parts;
  const wish: { state: 'open' | 'full' } = { state: 'full' };
  const made: JournalWriter = {
    append: (record, length, waiter) =>
      wish.state === 'full' ? 'journal-full' : journal.append(record, length, waiter),
    get stats() {
      const lastError = wish.state === 'full' ? 'no room, says the test' : null;
      return { ...journal.stats, state: wish.state, lastError };
    },
    onCommit: null,
    close: () => journal.close(),
  };
  return Object.assign(wish, { journal: made });
}

test('nothing is received while the journal cannot keep it, and /ready says why', async (t) => {
  let wish: ReturnType<typeof stateful> | undefined;
  const alter = (parts: IntakeParts): Partial<IntakeParts> => {
    wish = stateful(parts);
    return { journal: wish.journal };
  };
  const { receiver, store, consumer } = await rig(t, { alter });
  assert.ok(wish !== undefined);
  put(receiver, events(30));
  await sleep(300);
  assert.equal(receiver.deliveries, 0);
  assert.equal(consumer.reason, 'events wait in the queue: journal-full');
  assert.equal(consumer.failure?.message, 'no room, says the test');
  wish.state = 'open';
  await emptied(receiver);
  assert.equal(consumer.reason, null);
  wish.state = 'full';
  // A receiver is waiting already; what it brings waits in hand, and no more is asked for.
  put(receiver, events(1_000).slice(30));
  await sleep(500);
  const inVain = CONSUMER_RECEIVERS_MAX * receiver.messagesMax;
  assert.ok(receiver.deliveries <= 30 + inVain, `${receiver.deliveries} deliveries`);
  assert.equal(consumer.failure?.fault, 'journal-full');
  wish.state = 'open';
  await emptied(receiver);
  assert.equal(consumer.failure, null);
  assert.deepEqual([(await store.totals()).visits, receiver.deliveries], [1_000, 1_000]);
});

test('a store that refuses is said in /ready, and so is one that does not load', async (t) => {
  let does: 'refuse' | 'stand' | 'work' = 'work';
  const alter = ({ store, barrier }: IntakeParts): Partial<IntakeParts> => ({
    store: {
      known: async (asked) => {
        if (does === 'refuse') throw new StoreError('not now', true);
        return await store.known(asked);
      },
    },
    barrier: async () => does !== 'stand' && (await barrier()),
  });
  const { receiver, consumer } = await rig(t, { alter });
  for (const [what, fault] of [
    ['refuse', 'store-failed'],
    ['stand', 'store-behind'],
  ] as const) {
    does = what;
    put(receiver, events(5), what);
    while (consumer.failure === null) await sleep(5);
    assert.equal(consumer.failure.fault, fault);
    does = 'work';
    await emptied(receiver);
    assert.equal(consumer.failure, null);
  }
});

test('little is in hand before a first round has gone through: a crash costs few a delivery', async (t) => {
  const mayPass = Promise.withResolvers<void>();
  let asked = 0;
  const alter = ({ barrier }: IntakeParts): Partial<IntakeParts> => ({
    barrier: async () => {
      if (asked++ > 0) await mayPass.promise;
      return await barrier();
    },
  });
  const { receiver, consumer } = await rig(t, { alter });
  put(receiver, events(400));
  while (consumer.inHand === 0) await sleep(5);
  await sleep(200);
  assert.equal(receiver.deliveries, receiver.messagesMax);
  mayPass.resolve();
  await emptied(receiver);
  assert.equal(receiver.deliveries, 400);
});

test('dead letters that can be read are taken back once, and the others are left and counted', async (t) => {
  const letters = new MemoryDeadLetters();
  put(letters.queue, events(33));
  letters.queue.put('bad', '{"VisitedAt":"never"}');
  const { receiver, store, consumer } = await rig(t, { letters });
  put(receiver, events(50).slice(30));
  await emptied(receiver);
  while (letters.queue.messages.size > 1 || consumer.deadLetters !== 1) await sleep(5);
  assert.deepEqual([...letters.queue.messages.keys()], letters.shelved);
  assert.deepEqual(letters.shelved, ['bad']);
  await sleep(100);
  assert.equal(letters.queue.deliveries, 34, 'the shelved one is not asked for again');
  assert.equal((await store.totals()).visits, 50);
  const { kept, duplicates, revived, unreadable } = consumer.stats;
  assert.deepEqual([kept, duplicates, revived, unreadable], [50, 3, 33, 1]);
  assert.equal(consumer.reason, 'the queue has dead letters: 1');
  assert.equal(consumer.failure, null);
});

test('dead letters that may not be read hold nothing up; none are taken while the store fails', async (t) => {
  const letters = new MemoryDeadLetters();
  put(letters.queue, events(5));
  letters.queue.fault = 'denied';
  let fails = false;
  const alter = ({ store }: IntakeParts): Partial<IntakeParts> => ({
    store: {
      known: async (asked) => {
        if (fails) throw new StoreError('not now', true);
        return await store.known(asked);
      },
    },
  });
  const { receiver, store, consumer } = await rig(t, { letters, alter });
  put(receiver, events(20).slice(5));
  await emptied(receiver);
  assert.deepEqual([consumer.failure, consumer.deadLetters], [null, null]);
  fails = true;
  put(receiver, [some(99)]);
  while (consumer.failure === null) await sleep(5);
  letters.queue.fault = null;
  await sleep(150);
  assert.equal(letters.queue.deliveries, 0);
  fails = false;
  await emptied(letters.queue);
  assert.equal((await store.totals()).visits, 21);
});
