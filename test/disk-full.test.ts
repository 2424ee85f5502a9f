// A disk that is really full: a small tmpfs, filled to its last byte under a running server. A reply may
// then be a 503, but never a 200 that is a lie, and nobody has to restart anything.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentsOf, dataFolder, eventually, info, lookMany, mint } from './e2e.ts';
import { endAll, freePort, startServer } from './server.ts';
import { emptySmallDisk, fillSmallDisk, mountSmallDisk, unmountSmallDisk } from './small-disk.ts';

const DISK_MIB = 48;
const SMALL = { DISK_FREE_BYTES_MIN: '0', JOURNAL_BYTES_MAX: '32MiB', SEGMENT_BYTES: '1MiB' };

test('a full disk makes replies 503, and room makes them 200 again', async (context) => {
  const dataDir = await dataFolder(context);
  const reason = mountSmallDisk(dataDir, DISK_MIB);
  if (reason !== null) {
    context.skip(reason);
    return;
  }
  try {
    await fillAndEmpty(dataDir);
  } finally {
    await endAll(dataDir);
    unmountSmallDisk(dataDir);
  }
});

test('a server starts on a full disk, and keeps hits as soon as there is room', async (context) => {
  const dataDir = await dataFolder(context);
  const reason = mountSmallDisk(dataDir, DISK_MIB);
  if (reason !== null) {
    context.skip(reason);
    return;
  }
  try {
    const first = await startServer({ dataDir, port: await freePort(), env: SMALL });
    assert.equal((await first.stop()).code, 0);
    // It is written anew at each start; what is there already would give its own room back for that.
    await rm(join(dataDir, 'run', 'serve.lock'));
    fillSmallDisk(dataDir);
    const server = await startServer({ dataDir, port: await freePort(), env: SMALL });
    assert.equal((await server.get('/track')).status, 503);
    emptySmallDisk(dataDir);
    await eventually(async () => ((await server.get('/track')).status === 200 ? true : null));
    assert.equal((await server.stop()).code, 0);
  } finally {
    await endAll(dataDir);
    unmountSmallDisk(dataDir);
  }
});

/** What was answered with 200 before, during and after is in the report exactly once. */
async function fillAndEmpty(dataDir: string): Promise<void> {
  const server = await startServer({ dataDir, port: await freePort(), env: SMALL });
  const { unique_code: code } = await mint(server);
  const path = `/image/${code}.png`;
  const good = await lookMany(server, path, 100, 'before');
  assert.equal(good.acknowledged.size, 100);

  fillSmallDisk(dataDir);
  // The segment has its room ahead, so more hits may still be kept on a full disk: up to a MiB of them.
  const full = await lookMany(server, path, 1_000, 'full'.padEnd(1_500, '-'));
  assert.deepEqual(full.other, []);
  assert.ok(full.refused.size > 0, 'some replies were 503');

  emptySmallDisk(dataDir);
  await eventually(async () => {
    const answer = await server.get(path, { 'User-Agent': 'looker/probe' });
    return answer.status === 200 ? true : null;
  });
  const again = await lookMany(server, path, 100, 'again');
  assert.equal(again.acknowledged.size, 100, 'it has recovered by itself');

  const report = await eventually(() =>
    info(server, code, undefined, '?limit=10000').catch(() => null),
  );
  const kept = agentsOf(report).filter((agent) => agent !== 'looker/probe');
  assert.equal(new Set(kept).size, kept.length, 'nothing is there twice');
  const promised = [good.acknowledged, full.acknowledged, again.acknowledged];
  assert.deepEqual(
    promised.flatMap((agents) => Array.from(agents)).filter((agent) => !kept.includes(agent)),
    [],
  );
  assert.equal((await server.stop()).code, 0);
}
