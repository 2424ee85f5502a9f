// Having a port, sharing it, and not having it.

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Client, eventually, startCollector, TRACK } from '../../test/collector.fixture.ts';
import { Failure } from '../config/failure.ts';

test('collectors share a port, and the kernel spreads connections over them', async (t) => {
  const first = await startCollector(t);
  const second = await startCollector(t, { port: first.port });
  assert.equal(second.port, first.port);
  for (let i = 0; i < 64; i++) {
    const client = await Client.open(t, first.port);
    await client.send(TRACK);
    assert.equal((await client.reply()).status, 200);
  }
  const counts = [first, second].map(({ journal }) => journal.hits.length);
  assert.equal((counts[0] ?? 0) + (counts[1] ?? 0), 64);
  assert.ok(!counts.includes(0), `${counts.join(' and ')} hits`);
});

test('a port that another program has is a failure that names it', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(startCollector(t, { port }), (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(
      error.message,
      `cannot listen on 127.0.0.1:${port} (HOST, PORT): another program has it`,
    );
    return true;
  });
});

test('connections are counted as they come and go', async (t) => {
  const { port, collector } = await startCollector(t);
  const clients = await Promise.all(Array.from({ length: 5 }, () => Client.open(t, port)));
  await eventually(() => collector.counters.connectionsOpen === 5, 'five are open');
  for (const client of clients) client.socket.destroy();
  await eventually(() => collector.counters.connectionsOpen === 0, 'all are gone');
  assert.equal(collector.counters.connectionsAccepted, 5);
});
