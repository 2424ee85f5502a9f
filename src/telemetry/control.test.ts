// Control sockets over real unix sockets: what a process says of itself, and what others make of it.

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Counter, Histogram } from 'prom-client';
import { controlSocket, ensureRunDir, runDir } from '../config/paths.ts';
import { type Control, serveControl } from './control.ts';
import { gatherMetrics, gatherReadiness } from './gather.ts';
import { createRegistry } from './metrics.ts';

let dataDir: string;
let open: { close(): unknown }[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'truepixel-control-'));
  open = [];
});

afterEach(async () => {
  for (const each of open) await each.close();
  await rm(dataDir, { recursive: true });
});

async function start(
  name: string,
  ready = true,
  registry = createRegistry(name),
): Promise<Control> {
  const reason = ready ? null : 'disk full';
  const control = await serveControl(dataDir, name, { registry, ready: () => ({ ready, reason }) });
  open.push(control);
  return control;
}

/** A socket whose owner is gone without having removed its file. */
async function leaveStaleSocket(path: string): Promise<void> {
  await ensureRunDir(dataDir);
  await writeFile(path, '');
}

async function listenSilently(path: string): Promise<Server> {
  await ensureRunDir(dataDir);
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return server;
}

test('the readiness of every process is gathered by name', async () => {
  await start('store');
  await start('collector-0', false);
  assert.deepEqual(await gatherReadiness(dataDir), {
    'collector-0': { ready: false, reason: 'disk full' },
    store: { ready: true, reason: null },
  });
});

test('nobody running is an empty answer, not an error', async () => {
  assert.deepEqual(await gatherReadiness(dataDir), {});
  assert.equal((await gatherMetrics(dataDir)).trim(), '');
});

test('metrics of several processes become one text, each sample labelled with its process', async () => {
  for (const [name, hits] of [
    ['collector-0', 3],
    ['collector-1', 4],
  ] as const) {
    const registry = createRegistry(name);
    const counter = new Counter({ name: 'hits_total', help: 'Hits', registers: [registry] });
    counter.inc(hits);
    const histogram = new Histogram({
      name: 'wait_seconds',
      help: 'Wait',
      buckets: [1],
      registers: [registry],
    });
    histogram.observe(0.5);
    await start(name, true, registry);
  }
  const text = await gatherMetrics(dataDir);
  assert.match(text, /^hits_total\{process="collector-0"\} 3$/m);
  assert.match(text, /^hits_total\{process="collector-1"\} 4$/m);
  assert.match(text, /^wait_seconds_bucket\{le="1",process="collector-1"\} 1$/m);
  assert.match(text, /^wait_seconds_count\{process="collector-0"\} 1$/m);
  assert.equal(text.match(/^# TYPE hits_total counter$/gm)?.length, 1);
  for (const own of [
    'process_resident_memory_bytes',
    'process_start_time_seconds',
    'nodejs_eventloop_lag_p99_seconds',
  ]) {
    assert.match(text, new RegExp(`^${own}\\{process="collector-0"\\} `, 'm'));
  }
});

test('a socket that a killed process left is skipped, and replaced by its successor', async () => {
  await leaveStaleSocket(controlSocket(dataDir, 'store'));
  assert.deepEqual(await gatherReadiness(dataDir), {});
  await start('store');
  assert.deepEqual(Object.keys(await gatherReadiness(dataDir)), ['store']);
});

test('a second process of the same name is refused while the first lives', async () => {
  await start('store');
  await assert.rejects(start('store'), /in use by a running process/);
  assert.deepEqual(Object.keys(await gatherReadiness(dataDir)), ['store']);
});

test('a process that accepts but never answers is reported as not ready, in time', async () => {
  await listenSilently(controlSocket(dataDir, 'collector-0'));
  const began = performance.now();
  const answers = await gatherReadiness(dataDir);
  assert.deepEqual(answers, {
    'collector-0': { ready: false, reason: 'no answer within 1000 ms' },
  });
  assert.ok(performance.now() - began < 3_000);
});

test('sockets and their folder are for this user only, and closing removes the socket', async () => {
  const control = await start('store');
  const path = controlSocket(dataDir, 'store');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(runDir(dataDir))).mode & 0o777, 0o700);
  await control.close();
  await assert.rejects(stat(path), { code: 'ENOENT' });
});
