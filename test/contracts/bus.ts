// What every bus must do, run against each adapter and each server that speaks its protocol.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BusReceiver,
  BusSender,
  OutgoingMessage,
  ReceivedMessage,
} from '../../src/bus/bus.ts';

/** How long a message stays hidden in these tests. */
export const HIDDEN_S = 5;
const RECEIVE_MS_MAX = 30_000;
/** How long a request may take at a {@link SilentPlace}, where a receiver waits as long for messages. */
export const SILENT_MS = 1_000;

/** A topic, or whatever a bus calls it, of its own, and both sides of it. */
export interface BusPlace {
  readonly sender: BusSender;
  /** Its messages are hidden for {@link HIDDEN_S}. */
  readonly receiver: BusReceiver;
}

/** Both sides of a place whose server begins every answer and then says no more. */
export interface SilentPlace extends BusPlace {
  /** Connections that are open there. */
  connections(): Promise<number>;
  end(): Promise<void>;
}

export interface BusRig {
  newPlace(): Promise<BusPlace>;
  /** Both sides of places that nobody made. */
  missingPlace(): BusPlace;
  silentPlace(): Promise<SilentPlace>;
  end(): Promise<void>;
}

export function busContract(
  name: string,
  start: () => Promise<BusRig>,
  skip: string | false,
): void {
  describe(`the bus contract: ${name}`, { skip }, () => {
    let rig: BusRig;
    const places: BusPlace[] = [];
    before(async () => {
      rig = await start();
    });
    after(async () => {
      for (const { sender, receiver } of places) {
        sender.close();
        receiver.close();
      }
      await rig.end();
    });
    const busTest = (title: string, body: (place: BusPlace) => Promise<void>): void => {
      test(title, async () => {
        const place = await rig.newPlace();
        places.push(place);
        await body(place);
      });
    };

    busTest('what is sent is received once, each text as it was', async ({ sender, receiver }) => {
      await sender.check();
      const bodies = [
        'x',
        '{"a":"\\u0000\\ud800\\uffff","b":"\\"\\\\ <&> \'%41+ "}',
        ' leading and trailing ',
        'x'.repeat(40_000),
        ...Array.from({ length: 9 }, (_, i) => `number ${i}`),
      ];
      await sendAll(sender, bodies);
      const messages = await receiveSome(receiver, bodies.length);
      assert.deepEqual(messages.map(({ body }) => body).toSorted(), bodies.toSorted());
      assert.equal(new Set(messages.map(({ id }) => id)).size, bodies.length);
      await receiver.acknowledge(messages);
      assert.deepEqual(await receiveBriefly(receiver, HIDDEN_S * 1_000 + 500), []);
    });

    busTest('a full batch of the greatest size goes through', async ({ sender, receiver }) => {
      const bytes = Math.floor(sender.bytesMax / sender.messagesMax) - 'Visit'.length;
      const outcomes = await sender.send(
        Array.from({ length: sender.messagesMax }, () => outgoing('y'.repeat(bytes))),
      );
      assert.deepEqual(
        outcomes,
        Array.from({ length: sender.messagesMax }, () => null),
      );
      const messages = await receiveSome(receiver, sender.messagesMax);
      assert.ok(messages.every(({ body }) => body.length === bytes));
      await receiver.acknowledge(messages);
    });

    busTest('a message that was not removed comes back under the same id', async (place) => {
      const { sender, receiver } = place;
      await sendAll(sender, ['again']);
      const [first] = await receiveSome(receiver, 1);
      assert.deepEqual(await receiveBriefly(receiver, 700), []);
      const [second] = await receiveSome(receiver, 1);
      assert.deepEqual([second?.id, second?.body], [first?.id, 'again']);
      assert.ok(second);
      await receiver.acknowledge([second]);
      assert.deepEqual(await receiveBriefly(receiver, HIDDEN_S * 1_000 + 500), []);
    });

    busTest('a message that is held stays away for longer', async ({ sender, receiver }) => {
      await sendAll(sender, ['held']);
      const messages = await receiveSome(receiver, 1);
      for (let i = 0; i < 3; i++) {
        await sleep((HIDDEN_S * 1_000) / 2);
        await receiver.hold(messages);
      }
      assert.deepEqual(await receiveBriefly(receiver, (HIDDEN_S * 1_000) / 2), []);
      await receiver.acknowledge(messages);
    });

    busTest('a message that is released is there at once', async ({ sender, receiver }) => {
      await sendAll(sender, ['released']);
      const messages = await receiveSome(receiver, 1);
      await receiver.release(messages);
      const began = performance.now();
      const again = await receiveSome(receiver, 1);
      assert.ok(performance.now() - began < (HIDDEN_S * 1_000) / 2);
      await receiver.acknowledge(again);
    });

    busTest('many messages are removed with one call', async ({ sender, receiver }) => {
      const bodies = Array.from({ length: 95 }, (_, i) => String(i));
      await sendAll(sender, bodies);
      const messages = await receiveSome(receiver, bodies.length);
      await receiver.acknowledge(messages);
      assert.deepEqual(await receiveBriefly(receiver, HIDDEN_S * 1_000 + 500), []);
    });

    busTest('a receiver that waits ends at once when told to', async ({ receiver }) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 200);
      const began = performance.now();
      assert.deepEqual(await receiver.receive(stop.signal), []);
      const waited = performance.now() - began;
      assert.ok(waited > 150 && waited < 3_000, `${waited} ms`);
    });

    busTest('a message sent while a receiver waits comes at once', async ({ sender, receiver }) => {
      const received = receiver.receive(new AbortController().signal);
      await sleep(300);
      await sendAll(sender, ['now']);
      const began = performance.now();
      const messages = await received;
      assert.deepEqual(
        messages.map(({ body }) => body),
        ['now'],
      );
      assert.ok(performance.now() - began < 3_000);
      await receiver.acknowledge(messages);
    });

    test('a place that nobody made is said to be missing, by every call', async () => {
      const { sender, receiver } = rig.missingPlace();
      const missing = { name: 'BusError', fault: 'missing', retryable: false };
      await assert.rejects(sender.check(), missing);
      await assert.rejects(sender.send([outgoing('lost')]), missing);
      await assert.rejects(receiver.receive(new AbortController().signal), missing);
      sender.close();
      receiver.close();
    });

    test('an answer that begins and does not end is a failure in time, of every call', async () => {
      const { sender, receiver, connections, end } = await rig.silentPlace();
      const message = { id: 'a-message', receipt: 'a-receipt', body: '' };
      const calls: readonly (() => Promise<unknown>)[] = [
        () => sender.check(),
        () => sender.send([outgoing('unheard')]),
        () => receiver.check(),
        () => receiver.receive(new AbortController().signal),
        () => receiver.acknowledge([message]),
        () => receiver.hold([message]),
        () => receiver.release([message]),
      ];
      const began = performance.now();
      await Promise.all(
        calls.map(async (call) => {
          await assert.rejects(call(), { name: 'BusError', fault: 'unreachable', retryable: true });
        }),
      );
      assert.ok(performance.now() - began < 2 * SILENT_MS + 500);
      await sleep(100);
      assert.equal(await connections(), 0);

      const pending = [sender.send([outgoing('given up')]), receiver.acknowledge([message])];
      await sleep(SILENT_MS / 4);
      const closed = performance.now();
      sender.close();
      receiver.close();
      for (const call of pending) await assert.rejects(call, { fault: 'unreachable' });
      assert.ok(performance.now() - closed < SILENT_MS / 2);
      await end();
    });
  });
}

const outgoing = (body: string): OutgoingMessage => ({ type: 'Visit', body });

async function sendAll(sender: BusSender, bodies: readonly string[]): Promise<void> {
  for (let from = 0; from < bodies.length; from += sender.messagesMax) {
    const batch = bodies.slice(from, from + sender.messagesMax).map(outgoing);
    assert.deepEqual(
      await sender.send(batch),
      batch.map(() => null),
    );
  }
}

/** Receives until there are `count` messages. */
async function receiveSome(receiver: BusReceiver, count: number): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  const signal = AbortSignal.timeout(RECEIVE_MS_MAX);
  while (messages.length < count && !signal.aborted) {
    messages.push(...(await receiver.receive(signal)));
  }
  assert.equal(messages.length, count);
  return messages;
}

async function receiveBriefly(
  receiver: BusReceiver,
  milliseconds: number,
): Promise<readonly ReceivedMessage[]> {
  return await receiver.receive(AbortSignal.timeout(milliseconds));
}
