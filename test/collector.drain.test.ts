// The end of a collector: what it owes is sent, what waits is let go, and nobody hangs. At last the real
// process with the real journal, ended under load.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureRunDir, storeSocket } from '../src/config/paths.ts';
import { DRAIN_MS_MAX } from '../src/limits.ts';
import {
  Client,
  eventually,
  exchange,
  HEADERS,
  startCollector,
  startProcess,
  TOKEN,
  TRACK,
  TRACK_BY_NODE,
} from './collector.fixture.ts';
import { readJournal } from './read-journal.ts';

test('replies that are owed are sent with Connection: close, and idle connections end', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  const idle = await Client.open(t, port);
  const idleByNode = await Client.open(t, port);
  await idleByNode.send(TRACK_BY_NODE);
  await idleByNode.reply();
  journal.holds = true;
  const owed = await Promise.all([Client.open(t, port), Client.open(t, port)]);
  await owed[0]?.send(TRACK);
  await owed[1]?.send(TRACK_BY_NODE);
  await eventually(() => journal.waiting === 2, 'both hits wait');
  const drained = collector.drain();
  await Promise.all([idle.closed, idleByNode.closed]);
  await assert.rejects(Client.open(t, port), { code: 'ECONNREFUSED' });
  assert.equal(owed[0]?.unread.length, 0);
  journal.release();
  for (const client of owed) {
    const reply = await client.reply();
    assert.deepEqual([reply.status, reply.headers['connection']], [200, 'close']);
    await client.closed;
  }
  await drained;
  assert.equal(collector.counters.connectionsOpen, 0);
});

test('what was pipelined behind an owed reply is answered before the end or not at all', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  journal.holds = true;
  const client = await Client.open(t, port);
  await client.send(TRACK + TRACK + TRACK);
  await eventually(() => journal.waiting === 1, 'the first waits');
  const drained = collector.drain();
  journal.holds = false;
  journal.release();
  assert.equal((await client.reply()).headers['connection'], 'close');
  await client.closed;
  await drained;
  assert.equal(client.unread.length, 0);
  assert.equal(journal.hits.length, 1, 'nothing is kept that was not answered');
});

test('an event stream that would go on for ever does not hold up the end', async (t) => {
  const { port, dataDir, collector } = await startCollector(t);
  const store = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
  });
  await ensureRunDir(dataDir);
  await new Promise<void>((resolve) => {
    store.listen(storeSocket(dataDir), resolve);
  });
  t.after(() => store.close());
  const client = await Client.open(t, port);
  await client.send(`GET /live HTTP/1.1\r\n${HEADERS}`);
  await client.text('event-stream');
  const began = performance.now();
  await collector.drain();
  assert.ok(performance.now() - began < DRAIN_MS_MAX / 2);
  await client.closed;
});

test('a client that never reads does not hold up the end for longer than the bound', async (t) => {
  const { port, journal, collector } = await startCollector(t);
  const client = await Client.open(t, port);
  client.socket.pause();
  client.socket.write(Buffer.from(TRACK.repeat(200_000)));
  let before = -1;
  for (; journal.hits.length !== before;) {
    before = journal.hits.length;
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
  }
  const began = performance.now();
  await collector.drain();
  assert.ok(performance.now() - began < DRAIN_MS_MAX);
  assert.equal(collector.counters.connectionsOpen, 0);
});

/** Asks for `/track?n` over and over until the connection ends; which of them were answered. */
async function load(port: number, name: string): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const answered: string[] = [];
  let n = 0;
  const ask = (): void => {
    n++;
    socket.write(`GET /track HTTP/1.1\r\nReferer: ${name}-${n}\r\n${HEADERS}`);
  };
  let received = '';
  socket.on('connect', ask);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    if (!received.endsWith(';')) return;
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n/);
    answered.push(`${name}-${n}`);
    const last = received.includes('Connection: close');
    received = '';
    if (!last) ask();
  });
  // Not `once`: a reset is an error too, and as good an end as any.
  await new Promise((resolve) => socket.on('close', resolve));
  return answered;
}

async function referrersOf(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  const damage = await readJournal(dataDir, ({ event }) => {
    if (event.kind === 'visit') found.push(event.referrer ?? '');
  });
  assert.deepEqual(damage, []);
  return found;
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`two processes on one port, ended by ${signal} under load: answered is kept, once`, async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-collector-'));
    t.after(() => rm(dataDir, { recursive: true }));
    const first = await startProcess(t, dataDir);
    const second = await startProcess(t, dataDir, { port: first.port });
    assert.notEqual(first.slot, second.slot);
    const clients = Array.from({ length: 64 }, (_, i) => load(first.port, `client-${i}`));
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    const codes = await Promise.all([first.stop(signal), second.stop(signal)]);
    assert.deepEqual(codes, signal === 'SIGTERM' ? [0, 0] : [null, null]);
    const answered = (await Promise.all(clients)).flat();
    assert.ok(answered.length > 100, `only ${answered.length} were answered`);
    const kept = await referrersOf(dataDir);
    const once = new Set(kept);
    assert.equal(once.size, kept.length, 'none twice');
    assert.deepEqual(
      answered.filter((name) => !once.has(name)),
      [],
    );
    if (signal === 'SIGTERM') assert.equal(kept.length, answered.length, 'all replies were sent');
  });
}

test('the process serves its metrics and readiness, of its own and others’', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-collector-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const { port, slot, stop } = await startProcess(t, dataDir);
  for (let i = 0; i < 3; i++) await exchange(t, port, TRACK);
  const head = `GET /metrics HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\n${HEADERS}`;
  const text = (await exchange(t, port, head)).body.toString();
  const labels = `kind="visit",outcome="kept",process="${slot}"`;
  assert.ok(text.includes(`truepixel_images_total{${labels}} 3\n`), text);
  assert.match(text, new RegExp(`truepixel_journal_commit_records_sum\\{process="${slot}"\\} 3\n`));
  assert.match(text, new RegExp(`truepixel_replies_total\\{status="2xx",process="${slot}"\\} 3\n`));
  const ready = await exchange(t, port, `GET /ready HTTP/1.1\r\n${HEADERS}`);
  assert.equal(ready.body.toString(), '{"status":"ready","journal":"open","store":"down"}');
  assert.equal(await stop('SIGTERM'), 0);
});
