// What clients that send and never read may take of a collector's memory, measured from outside.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { REQUEST_HEAD_BYTES_MAX, SOCKET_BUFFER_BYTES } from '../src/limits.ts';
import { Client, exchange, HEADERS, startProcess, TRACK } from './collector.fixture.ts';

const CONNECTIONS = 100;
/** Node reads this much at once. */
const CHUNK_BYTES = 64 * 1024;
/** Of one connection: a chunk in hand and one in the socket, what it does not read, the request in hand. */
const CONNECTION_BYTES_MAX = 2 * CHUNK_BYTES + 2 * SOCKET_BUFFER_BYTES + 2 * REQUEST_HEAD_BYTES_MAX;
const FLOOD_MS = 3_000;
/**
 * What a process grows by under load whoever comes, garbage that awaits its collection included: V8 lets
 * 64 MiB of buffers gather outside of its heap before it collects them, and its young generation grows to
 * 64 MiB (measured over 11 million ordinary hits).
 */
const HEAP_BYTES = 2 * 64 * 1024 * 1024;

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

const skip = process.platform === 'linux' ? false : 'memory is read from /proc';

test('a flood from clients that read nothing stays under its bound', { skip }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-memory-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const { port, pid, stop } = await startProcess(t, dataDir);
  await exchange(t, port, TRACK);
  const before = await residentBytes(pid);
  const flood = Buffer.from(`GET /image/nope HTTP/1.1\r\n${HEADERS}`.repeat(20_000));
  for (let i = 0; i < CONNECTIONS; i++) {
    const { socket } = await Client.open(t, port);
    socket.pause();
    socket.write(flood);
  }
  let most = 0;
  const end = Date.now() + FLOOD_MS;
  while (Date.now() < end) {
    most = Math.max(most, (await residentBytes(pid)) - before);
    await sleep(50);
  }
  const bound = CONNECTIONS * CONNECTION_BYTES_MAX + HEAP_BYTES;
  assert.ok(most < bound, `${most} bytes, where ${bound} are allowed`);
  const began = performance.now();
  assert.equal((await exchange(t, port, TRACK)).status, 200);
  assert.ok(performance.now() - began < 2_000, 'a neighbour is served');
  await stop('SIGKILL');
});
