// The store process is killed again and again while hits arrive and the visit log is rotated: in the end
// every kept hit is in the store once and every visit stands in the log once.

import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlSocket, storeSocket } from '../config/paths.ts';
import type { Hit } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import { openJournal } from '../journal/open.ts';
import { openDuckdb } from '../store/duckdb.ts';
import { createLog } from '../telemetry/log.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const MIB = 1024 * 1024;
const KILLS = 6;
const HITS_PER_BATCH = 40;
const log = createLog('silent', 'test');
const dir = await mkdtemp(join(tmpdir(), 'truepixel-store-'));
const children = new Set<ChildProcess>();
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

function startStore(): ChildProcess {
  const env = { ...process.env, DATA_DIR: dir, LOG_LEVEL: 'error', API_TOKEN: 't'.repeat(32) };
  const child = fork(MAIN, ['store'], { env });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exit) as [number | null];
  return code;
}

function hitOf(number: number): Hit {
  const common = { at: number, address: '192.0.2.1', agent: `agent-${number}`, purpose: null };
  return number % 2 === 0
    ? { ...common, kind: 'visit', code: null, referrer: null }
    : { ...common, kind: 'open', code: 'AAAAAAAAAAAAAAAA', referrer: null };
}

async function visitsInLogs(): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => name.startsWith('visits.log'));
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
  // A rotated file may end within a line: that line is whole in the next one.
  return texts
    .flatMap((text) => text.split('\n').slice(0, -1))
    .map((line) => line.split('|')[2] ?? '');
}

test(`${KILLS} kills of the store process lose nothing and double nothing`, async () => {
  const limits = { segmentBytes: MIB, journalBytesMax: 1024 * MIB, diskFreeBytesMin: 0 };
  const journal = await openJournal({ dataDir: dir, ...limits }, 'collector', log);
  let hits = 0;
  const arrival = { goesOn: true };
  const arriving = (async () => {
    while (arrival.goesOn) {
      const batch = Array.from({ length: HITS_PER_BATCH }, (_, i) => hitOf(hits + i));
      const kept = await Promise.all(batch.map((hit) => appendEvent(journal, hit)));
      assert.ok(kept.every((outcome) => outcome === 'kept'));
      hits += HITS_PER_BATCH;
      await sleep(2);
    }
  })();
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startStore();
    await once(child, 'message');
    await sleep(Math.random() * 250);
    if (kill % 2 === 1) await rename(join(dir, 'visits.log'), join(dir, `visits.log.${kill}`));
    if (kill % 4 === 1) child.kill('SIGHUP');
    await sleep(Math.random() * 50);
    await ended(child, 'SIGKILL');
  }
  arrival.goesOn = false;
  await arriving;
  await journal.close();

  const last = startStore();
  await once(last, 'message');
  assert.equal(await ended(last, 'SIGTERM'), 0, 'it drains what is left and ends well');
  const store = await openDuckdb({ path: join(dir, 'store.duckdb'), memoryBytes: 256 * MIB }, log);
  assert.deepEqual(await store.totals(), { pixels: 0, opens: hits / 2, visits: hits / 2 });
  await store.close();
  const expected = Array.from({ length: hits / 2 }, (_, i) => `agent-${2 * i}`);
  assert.deepEqual((await visitsInLogs()).toSorted(), expected.toSorted());
  assert.ok(hits > KILLS * HITS_PER_BATCH, 'hits arrived all the time');
});

test('nobody is told that the store is ready before its API can be asked', async () => {
  const fresh = await mkdtemp(join(dir, 'ready-'));
  const env = { ...process.env, DATA_DIR: fresh, LOG_LEVEL: 'error', API_TOKEN: 't'.repeat(32) };
  const child = fork(MAIN, ['store'], { env });
  children.add(child);
  while (!existsSync(controlSocket(fresh, 'store'))) {
    assert.equal(child.exitCode, null);
    await sleep(0);
  }
  assert.ok(existsSync(storeSocket(fresh)));
  await once(child, 'message');
  assert.equal(await ended(child, 'SIGTERM'), 0);
});

test('a visit log that is no regular file is refused as a wrong configuration, in one line', async () => {
  const child = fork(MAIN, ['store'], {
    env: { ...process.env, DATA_DIR: dir, VISIT_LOG: '/dev/null', API_TOKEN: 't'.repeat(32) },
    silent: true,
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 2);
  assert.match(said, /^.*VISIT_LOG: \/dev\/null is no regular file.*\n$/);
});

test('a rebuild is refused while a store process runs, in one sentence', async () => {
  const first = startStore();
  await once(first, 'message');
  const second = fork(MAIN, ['rebuild'], {
    env: { ...process.env, DATA_DIR: dir, LOG_LEVEL: 'error' },
    silent: true,
  });
  let said = '';
  second.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(second, 'close')) as [number];
  assert.equal(code, 1);
  assert.match(said, /the store of .* is in use by another Truepixel process/);
  assert.equal(await ended(first, 'SIGTERM'), 0);
});
