// A store that cannot be opened, is in use or is being rebuilt costs no hit: the real server collects, says
// what is wrong, and has everything once the store is there again.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { storePath } from '../src/config/paths.ts';
import { claimStore } from '../src/store/claim.ts';
import { agentsOf, dataFolder, eventually, info, lookMany, mint, type Report } from './e2e.ts';
import { freePort, type Server, startServer } from './server.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LOOKS = 200;

/** Every look is answered with 200 and the image. */
async function look(server: Server, path: string, name: string): Promise<ReadonlySet<string>> {
  const { acknowledged, refused, other } = await lookMany(server, path, LOOKS, name);
  assert.deepEqual([acknowledged.size, refused.size, other], [LOOKS, 0, []]);
  return acknowledged;
}

/** Waits for a store that answers; its report must hold exactly what was acknowledged. */
async function assertReported(
  server: Server,
  code: string,
  acknowledged: readonly ReadonlySet<string>[],
): Promise<void> {
  const report = await eventually<Report>(() =>
    info(server, code, undefined, '?limit=10000').catch(() => null),
  );
  const agents = acknowledged.flatMap((some) => Array.from(some));
  assert.deepEqual(agentsOf(report), agents.toSorted());
}

async function rebuild(dataDir: string, ...words: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], DATA_DIR: dataDir, LOG_LEVEL: 'error' };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'rebuild', ...words], {
    env,
  });
  return stdout;
}

test('a store that cannot be opened is said, costs no hit, and is made anew beside the server', async (t) => {
  const dataDir = await dataFolder(t);
  const first = await startServer({ dataDir, port: await freePort() });
  const { unique_code: code } = await mint(first);
  const path = `/image/${code}.png`;
  const before = await look(first, path, 'before');
  assert.equal((await first.stop()).code, 0);
  await writeFile(storePath(dataDir), 'not a store\n'.repeat(1_000));

  const server = await startServer({ dataDir, port: await freePort() });
  assert.match(server.stdout, /store cannot be opened: .*`npx truepixel rebuild` makes it anew/);
  const without = await look(server, path, 'without');
  assert.match(await rebuild(dataDir, 'accept-loss'), /rebuilt in/);
  await assertReported(server, code, [before, without]);
  assert.equal((await server.stop()).code, 0);
});

test('a store that is in use costs no hit, and waiting for it does not hold up the end', async (t) => {
  const dataDir = await dataFolder(t);
  const first = await startServer({ dataDir, port: await freePort() });
  const { unique_code: code } = await mint(first);
  assert.equal((await first.stop()).code, 0);
  const claim = await claimStore(dataDir, 0);

  const second = await startServer({ dataDir, port: await freePort() });
  assert.match(second.stdout, /in use by another Truepixel process/);
  const one = await look(second, `/image/${code}.png`, 'one');
  const before = performance.now();
  assert.equal((await second.stop()).code, 0);
  assert.ok(performance.now() - before < 4_000, 'it drained at once');

  const third = await startServer({ dataDir, port: await freePort() });
  const two = await look(third, `/image/${code}.png`, 'two');
  claim.release();
  await assertReported(third, code, [one, two]);
  assert.equal(third.stdout.split('Truepixel is ready').length, 2, 'it greeted once');
  assert.equal((await third.stop()).code, 0);
});

test('a rebuild while `collect` runs costs no hit', async (t) => {
  const dataDir = await dataFolder(t);
  const port = await freePort();
  const whole = await startServer({ dataDir, port });
  const { unique_code: code } = await mint(whole);
  const path = `/image/${code}.png`;
  const before = await look(whole, path, 'before');
  assert.equal((await whole.stop()).code, 0);

  const collectors = await startServer({ dataDir, port, command: 'collect' });
  const [meanwhile, said] = await Promise.all([
    look(collectors, path, 'meanwhile'),
    rebuild(dataDir),
  ]);
  assert.match(said, /rebuilt in/);
  const after = await look(collectors, path, 'after');
  assert.equal((await collectors.stop()).code, 0);

  const again = await startServer({ dataDir, port });
  await assertReported(again, code, [before, meanwhile, after]);
  assert.equal((await again.stop()).code, 0);
});
