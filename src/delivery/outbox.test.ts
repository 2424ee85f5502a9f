// The outbox with a bus that refuses as it is told: who is to blame is found out, and nobody else waits.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemorySender } from '../../test/memory-bus.ts';
import { BusError, type BusFault, type OutgoingMessage } from '../bus/bus.ts';
import { BUS_RETRY_MS_MIN, RELAY_REQUESTS_MAX, RELAY_STOP_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { Outbox } from './outbox.ts';

interface Rig {
  readonly outbox: Outbox;
  /** What an operator reads in the log. */
  readonly lines: string[];
  add(...bodies: readonly string[]): void;
}

async function started(t: TestContext, sender: MemorySender): Promise<Rig> {
  const lines: string[] = [];
  const line = (_fields: unknown, text?: string): unknown => lines.push(text ?? String(_fields));
  const outbox = new Outbox(sender, { error: line, info: line } as unknown as Logger);
  outbox.start();
  t.after(() => outbox.stop());
  await until('it is checked', () => outbox.isChecked);
  const add = (...bodies: readonly string[]): void => {
    for (const body of bodies) outbox.add({ type: 'Visit', body }, () => undefined);
  };
  return { outbox, lines, add };
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isTrue(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
  }
}

const numbered = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${word} ${i}`);
const isBad = ({ body }: OutgoingMessage): boolean => body.startsWith('bad');

test('ten messages that are refused together are found out, and nobody waits for them', async (t) => {
  const sender = new MemorySender();
  sender.refuses = isBad;
  const { outbox, lines, add } = await started(t, sender);
  add(...numbered('bad', 10));
  await until('they were refused', () => sender.batches.length > 0);
  const began = performance.now();
  add(...numbered('good', 9));
  await until('the good ones are sent', () => sender.sent.length === 9);
  assert.ok(performance.now() - began < 5_000);
  await until('it is said', () => lines.length > 0);
  add(...numbered('later', 30));
  await until('others are sent', () => sender.sent.length === 39);
  await until('each is known to be refused', () => outbox.stuck === 10);
  assert.deepEqual(lines, [
    'the bus refuses some events, which wait in the journal: refused by the test',
  ]);
  assert.equal(outbox.failure?.fault, 'failed');
  assert.equal(outbox.isFailing, false);
  assert.ok(sender.batches.filter((size) => size === 1).length >= 10);
});

/** As a service that reads no entry of a batch when it cannot read one. */
class PickySender extends MemorySender {
  override async send(messages: readonly OutgoingMessage[]): Promise<readonly (BusError | null)[]> {
    if (!messages.some(isBad)) return await super.send(messages);
    this.batches.push(messages.length);
    throw new BusError('invalid', `not accepted, request ${this.batches.length}`, {
      trouble: 'not accepted',
    });
  }
}

test('one message for which whole batches are refused is found out, and the others go on', async (t) => {
  const sender = new PickySender();
  const { outbox, lines, add } = await started(t, sender);
  add(...numbered('good', 4), 'bad', ...numbered('well', 35));
  await until('the good ones are sent', () => sender.sent.length === 39);
  await until('it is said of the one', () => outbox.stuck === 1);
  assert.deepEqual(
    lines.map((line) => line.replace(/ \d+$/, '')),
    [
      'events wait in the journal: not accepted, request',
      'the bus accepts events',
      'the bus refuses some events, which wait in the journal: not accepted, request',
    ],
  );
});

test('requests that fail together are one failure, after which there is one pause', async (t) => {
  const sender = new MemorySender();
  const { add, lines } = await started(t, sender);
  const gate = Promise.withResolvers<void>();
  sender.gate = gate.promise;
  add(...numbered('event', RELAY_REQUESTS_MAX * 10));
  await until('all are on their way', () => sender.inFlight === RELAY_REQUESTS_MAX);
  const timers = t.mock.method(globalThis, 'setTimeout');
  sender.fault = 'unreachable';
  gate.resolve();
  await until('all have failed', () => sender.inFlight === 0);
  const pauses = timers.mock.calls
    .map(({ arguments: [, milliseconds = 0] }) => milliseconds)
    .filter((milliseconds) => milliseconds >= BUS_RETRY_MS_MIN / 2);
  timers.mock.restore();
  assert.equal(pauses.length, 1);
  assert.ok((pauses[0] ?? Infinity) <= BUS_RETRY_MS_MIN * 2);
  sender.fault = null;
  await until('all are sent', () => sender.sent.length === RELAY_REQUESTS_MAX * 10);
  assert.deepEqual(lines, [
    'events wait in the journal: unreachable by the test',
    'the bus accepts events',
  ]);
});

test('what fails for the same reason is said once, whatever time or request its message names', async (t) => {
  const sender = new MemorySender();
  const { outbox, lines, add } = await started(t, sender);
  let attempts = 0;
  let fault: BusFault = 'denied';
  sender.send = async () => {
    attempts++;
    throw new BusError(fault, `${fault}, attempt ${attempts}`, { trouble: fault });
  };
  add('event');
  await until('it was tried again', () => attempts === 3);
  assert.deepEqual(lines, ['events wait in the journal: denied, attempt 1']);
  fault = 'missing';
  await until('another reason', () => lines.length > 1);
  assert.equal(lines[1], 'events wait in the journal: missing, attempt 4');
  assert.equal(outbox.failure?.message, 'missing, attempt 4');
});

test('it stops in time though a request never ends', async (t) => {
  const sender = new MemorySender();
  let isClosed = false;
  sender.close = () => (isClosed = true);
  const { outbox, add } = await started(t, sender);
  sender.gate = new Promise(() => undefined);
  add('event');
  await until('it is on its way', () => sender.inFlight === 1);
  const began = performance.now();
  await outbox.stop();
  assert.ok(performance.now() - began < RELAY_STOP_MS_MAX + 500);
  assert.ok(isClosed);
});
