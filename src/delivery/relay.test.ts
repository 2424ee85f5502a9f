// The relay between a real journal and a bus that does as it is told: everything at least once, nothing
// passed that was not acknowledged, and bounds whatever the bus does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { anyEvent } from '../../test/any-event.ts';
import { MemorySender } from '../../test/memory-bus.ts';
import { readJournal } from '../../test/read-journal.ts';
import type { OutgoingMessage } from '../bus/bus.ts';
import { MESSAGE_TYPES, writeMessage } from '../bus/message.ts';
import type { Event } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import { lastBatchEnd, segmentOfFileName } from '../journal/format.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import {
  RELAY_DRAIN_MS_MAX,
  RELAY_MESSAGES_MAX,
  RELAY_REQUESTS_MAX,
  RELAY_STOP_MS_MAX,
} from '../limits.ts';
import { createLog } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { registerRelayMetrics } from './bus-metrics.ts';
import { Outbox } from './outbox.ts';
import { Relay } from './relay.ts';
import { RelayCursors } from './relay-cursors.ts';

const MIB = 1024 * 1024;
const LIMITS = { segmentBytes: MIB, journalBytesMax: 1024 * MIB, diskFreeBytesMin: 0 };
const log = createLog('silent', 'test');
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

const visit = (at: number): Event => ({
  kind: 'visit',
  at,
  code: null,
  address: '192.0.2.1',
  referrer: null,
  agent: `agent ${at}`,
  purpose: null,
});

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-relay-'));
  dirs.push(dir);
  return dir;
}

async function keep(journal: JournalWriter, first: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => visit(first + i));
  const kept = await Promise.all(events.map((event) => appendEvent(journal, event)));
  assert.ok(kept.every((outcome) => outcome === 'kept'));
}

interface Rig {
  readonly sender: MemorySender;
  readonly outbox: Outbox;
  readonly relay: Relay;
  readonly cursors: RelayCursors;
}

async function relayOf(t: TestContext, dir: string, sender = new MemorySender()): Promise<Rig> {
  const cursors = await RelayCursors.open(join(dir, 'relay.json'));
  const outbox = new Outbox(sender, log);
  const journal = (): JournalReader => new JournalReader(journalDirs(dir));
  const relay = new Relay({ journal, outbox, cursors, role: 'collector', log });
  relay.start();
  t.after(() => relay.drain());
  return { sender, outbox, relay, cursors };
}

/** The times of the visits that the bus has, which are their numbers. */
const sentBy = (sender: MemorySender): number[] =>
  sender.sent.map(({ body }) => Number(/agent (\d+)/.exec(body)?.[1]));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isTrue(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
  }
}

test('every event of every collector goes to the bus once, in full batches if there are many', async (t) => {
  const dir = await newDir();
  const first = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const second = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  await keep(first, 0, 3_000);
  const { sender } = await relayOf(t, dir);
  await keep(second, 3_000, 2_000);
  await until('5,000 sent', () => sender.sent.length >= 5_000);
  await sleep(100);
  assert.deepEqual(sorted(sentBy(sender)), upTo(5_000));
  assert.ok(sender.batches.length < 700, `${sender.batches.length} requests for 500 full batches`);
  assert.ok(sender.inFlightMax <= RELAY_REQUESTS_MAX);
  await first.close();
  await second.close();
});

test('what came from a bus, and what another process relays, is not relayed', async (t) => {
  const dir = await newDir();
  for (const role of ['bus', 'api', 'collector'] as const) {
    const journal = await openJournal({ dataDir: dir, ...LIMITS }, role, log);
    await keep(journal, role.length, 1);
    await journal.close();
  }
  const { sender } = await relayOf(t, dir);
  await until('one sent', () => sender.sent.length > 0);
  await sleep(200);
  assert.deepEqual(sentBy(sender), ['collector'.length]);
});

test('a relay begins where the last one ended, across segments', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  await keep(journal, 0, 9_000);
  await keep(journal, 9_000, 9_000);
  const first = await relayOf(t, dir);
  await until('all sent', () => first.sender.sent.length === 18_000);
  await first.relay.drain();
  await keep(journal, 18_000, 10);
  const second = await relayOf(t, dir);
  await until('the rest sent', () => second.sender.sent.length >= 10);
  assert.deepEqual(sorted(sentBy(second.sender)), upTo(18_010).slice(18_000));
  await journal.close();
});

test('the cursor passes nothing that was not acknowledged, in whatever order answers come', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  for (let i = 0; i < 40; i++) await keep(journal, i, 1);
  const sender = new MemorySender();
  sender.refuses = ({ body }) => body.includes('agent 17"');
  const first = await relayOf(t, dir, sender);
  await until('all others sent', () => sender.sent.length === 39);
  await first.relay.drain();
  const saved = await readFile(join(dir, 'relay.json'), 'utf8');
  const second = await relayOf(t, dir);
  await until('the rest sent again', () => second.sender.sent.length >= 23);
  assert.deepEqual(sorted(sentBy(second.sender)), upTo(40).slice(17), saved);
  await journal.close();
});

test('a bus that fails costs nothing but time, and says which fault it is', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const sender = new MemorySender();
  sender.fault = 'denied';
  const { relay, outbox } = await relayOf(t, dir, sender);
  await until('the check has failed', () => outbox.failure !== null);
  await keep(journal, 0, 5_000);
  await until('the outbox is full', () => outbox.held === RELAY_MESSAGES_MAX);
  assert.deepEqual(relay.readiness(), { ready: false, reason: 'events wait for the bus: denied' });
  await sleep(100);
  assert.equal(outbox.held, RELAY_MESSAGES_MAX);
  assert.equal(sender.batches.length, 0);
  sender.fault = null;
  await until('all sent', () => sender.sent.length === 5_000);
  assert.deepEqual(relay.readiness(), { ready: true, reason: null });
  assert.deepEqual(sorted(sentBy(sender)), upTo(5_000));
  await journal.close();
});

test('of a batch only what was refused is sent again', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const sender = new MemorySender();
  const refusals = new Map<string, number>();
  sender.refuses = ({ body }) => {
    const count = refusals.get(body) ?? 0;
    refusals.set(body, count + 1);
    return count === 0 && /agent \d*3"/.test(body);
  };
  const { outbox } = await relayOf(t, dir, sender);
  await keep(journal, 0, 500);
  await until('all sent', () => sender.sent.length >= 500);
  assert.deepEqual(sorted(sentBy(sender)), upTo(500));
  assert.equal(outbox.stats.failures.get('failed'), 50);
  await journal.close();
});

test('one message that is refused again and again is said, and the others go on', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const sender = new MemorySender();
  let isRefused = true;
  sender.refuses = ({ body }) => isRefused && body.includes('agent 3"');
  const { outbox } = await relayOf(t, dir, sender);
  await keep(journal, 0, 30);
  const trickle = setInterval(() => void keep(journal, 100 + sender.sent.length, 2), 20);
  t.after(() => clearInterval(trickle));
  await until('it is said', () => outbox.failure !== null);
  const sent = sender.sent.length;
  await until('others are sent', () => sender.sent.length > sent + 20);
  assert.equal(outbox.failure?.message, 'refused by the test');
  isRefused = false;
  await until('it is sent', () => outbox.failure === null);
  assert.ok(sentBy(sender).includes(3));
  clearInterval(trickle);
  await journal.close();
});

test('a drain sends what the journal still holds, but does not wait for a bus that fails', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const healthy = await relayOf(t, dir);
  await keep(journal, 0, 700);
  await healthy.relay.drain();
  assert.equal(healthy.sender.sent.length, 700);
  const sender = new MemorySender();
  const failing = await relayOf(t, dir, sender);
  await sleep(50);
  sender.fault = 'unreachable';
  await keep(journal, 700, 700);
  await until('it has failed', () => failing.outbox.failure !== null);
  const began = performance.now();
  await failing.relay.drain();
  assert.ok(performance.now() - began < 2_000);
  assert.equal(sender.sent.length, 0);
  await journal.close();
});

test('the age of what waits and the bytes behind it are told', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const sender = new MemorySender();
  const gate = Promise.withResolvers<void>();
  sender.gate = gate.promise;
  const { relay } = await relayOf(t, dir, sender);
  const event = { ...visit(1), at: Date.now() * 1_000 - 90_000_000 } as Event;
  await appendEvent(journal, event);
  const behind = (): number => relay.behind?.bytes ?? -1;
  const lag = (): number => relay.lagSeconds ?? -1;
  await until('it is measured', () => behind() > 0 && lag() > 0);
  assert.ok(lag() > 89 && lag() < 120);
  gate.resolve();
  await until('it is done', () => behind() === 0 && lag() === 0);
  await journal.close();
});

test('every segment that is not relayed counts as behind, once it was measured', async (t) => {
  const dir = await newDir();
  const limits = { ...LIMITS, segmentBytes: 64 * 1024 };
  const journal = await openJournal({ dataDir: dir, ...limits }, 'collector', log);
  for (let i = 0; i < 10; i++) await keep(journal, i * 1_000, 1_000);
  const sender = new MemorySender();
  const gate = Promise.withResolvers<void>();
  sender.gate = gate.promise;
  const outbox = new Outbox(sender, log);
  const relay = new Relay({
    journal: () => new JournalReader(journalDirs(dir)),
    outbox,
    cursors: await RelayCursors.open(join(dir, 'relay.json')),
    role: 'collector',
    log,
  });
  const registry = createRegistry('relay');
  registerRelayMetrics(registry, relay, outbox.stats);
  const told = async (): Promise<string | undefined> =>
    /^truepixel_relay_behind_bytes\{.*\} (\d+)$/m.exec(await registry.metrics())?.[1];
  assert.equal(await told(), undefined);
  relay.start();
  t.after(() => relay.drain());
  await until('it is measured', () => relay.behind !== null);
  const folder = join(dir, 'journal', 'collector-0');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tpj'));
  const sizes = names.map((name) => {
    const segment = segmentOfFileName(name, '') ?? 0;
    return lastBatchEnd(readFileSync(join(folder, name)), 0, segment) ?? 0;
  });
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(names.length > 3, `${names.length} segments`);
  assert.deepEqual(relay.behind, { bytes, segments: names.length });
  assert.equal(await told(), String(bytes));
  gate.resolve();
  await until('nothing is behind', () => relay.behind?.bytes === 0);
  await journal.close();
});

test('a relay is not ready before the bus has answered, and ends in time when it never does', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  await keep(journal, 0, 30);
  const sender = new MemorySender();
  const answer = Promise.withResolvers<void>();
  sender.check = () => answer.promise;
  const { relay, outbox } = await relayOf(t, dir, sender);
  await until('messages wait', () => outbox.held === 30);
  const silent = { ready: false, reason: 'the bus has not answered yet' };
  assert.deepEqual(relay.readiness(), silent);
  answer.resolve();
  await until('it is ready', () => relay.readiness().ready);
  await until('all sent', () => sender.sent.length === 30);
  sender.gate = new Promise(() => undefined);
  await keep(journal, 30, 1);
  await until('one is on its way', () => sender.inFlight === 1);
  const began = performance.now();
  await relay.drain();
  assert.ok(performance.now() - began < RELAY_DRAIN_MS_MAX + RELAY_STOP_MS_MAX + 500);
  const second = await relayOf(t, dir);
  await until('it is sent again', () => second.sender.sent.length > 0);
  assert.deepEqual(sentBy(second.sender), [30]);
  await journal.close();
});

test('events of every kind reach the bus as they are, under their ids in the journal', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  const text = fc.option(fc.string({ unit: 'binary', maxLength: 60 }));
  const events = fc.sample(anyEvent(text), { numRuns: 300, seed: 20_261_122 });
  for (const event of events) assert.equal(await appendEvent(journal, event), 'kept');
  await journal.close();
  const kinds = new Set(events.map(({ kind }) => kind));
  assert.equal(kinds.size, MESSAGE_TYPES.length);
  const { sender } = await relayOf(t, dir);
  await until('all sent', () => sender.sent.length === events.length);
  const kept: OutgoingMessage[] = [];
  await readJournal(dir, (recorded) => kept.push(writeMessage(recorded)));
  const sort = (messages: readonly OutgoingMessage[]): OutgoingMessage[] =>
    messages.toSorted((a, b) => (a.body < b.body ? -1 : 1));
  assert.deepEqual(sort(sender.sent), sort(kept));
});

test('what a killed writer did not complete is not behind', async (t) => {
  const dir = await newDir();
  const journal = await openJournal({ dataDir: dir, ...LIMITS }, 'collector', log);
  await keep(journal, 0, 3);
  const names = await readdir(join(dir, 'journal', 'collector-0'));
  const segment = names.find((name) => name.endsWith('.tpj')) ?? '';
  await appendFile(join(dir, 'journal', 'collector-0', segment), Buffer.alloc(200, 7));
  const { relay, sender } = await relayOf(t, dir);
  await until('all sent', () => sender.sent.length === 3);
  await sleep(1_200);
  assert.deepEqual(relay.behind, { bytes: 0, segments: 0 });
  await journal.close();
});

test('two relays never share a place, and a damaged one says what to do', async () => {
  const dir = await newDir();
  const path = join(dir, 'relay.json');
  const cursors = await RelayCursors.open(path);
  cursors.set('collector-0', { segment: 7, offset: 9 });
  await cursors.save();
  const waiting = RelayCursors.open(path);
  await sleep(150);
  await cursors.close();
  const next = await waiting;
  assert.deepEqual(next.get('collector-0'), { segment: 7, offset: 9 });
  await next.close();
  await writeFile(path, '{"version":1,"cursors":{"collector-0":[7]}}');
  await assert.rejects(RelayCursors.open(path), {
    name: 'Failure',
    message: /is damaged: remove it/,
  });
});
