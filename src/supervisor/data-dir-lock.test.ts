// Two servers and one DATA_DIR, with real processes and the kernel's lock.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';

import { Failure } from '../config/failure.ts';
import { ensureRunDir, runDir } from '../config/paths.ts';
import { lockDataDir } from './data-dir-lock.ts';

const MODULE = JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href);

function dataDir(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'truepixel-lock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A process that holds the lock until it is killed; `then` is what it does with it. */
async function holder(t: TestContext, folder: string, then: string): Promise<ChildProcess> {
  const script = `
    import { lockDataDir } from ${MODULE};
    const lock = await lockDataDir(${JSON.stringify(folder)});
    ${then}
    console.log('held');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

const refuses = (pid: number | undefined) => (error: unknown) => {
  assert.ok(error instanceof Failure);
  return error.message.endsWith(`is in use by another Truepixel server (process ${pid})`);
};

suite('the lock on DATA_DIR', () => {
  test('refuses a second server at once and names the first', async (t) => {
    const folder = dataDir(t);
    const first = await holder(t, folder, '');
    const startedAt = performance.now();
    await assert.rejects(lockDataDir(folder), refuses(first.pid));
    assert.ok(performance.now() - startedAt < 1_000);
  });

  test('ends with its holder, however that ends', async (t) => {
    const folder = dataDir(t);
    const first = await holder(t, folder, '');
    first.kill('SIGKILL');
    await new Promise((resolve) => first.once('close', resolve));
    const lock = await lockDataDir(folder, 0);
    lock.release();
  });

  test('is waited for when its holder is about to go', async (t) => {
    const folder = dataDir(t);
    await holder(t, folder, 'await lock.announceStop(); setTimeout(() => lock.release(), 500);');
    const startedAt = performance.now();
    const lock = await lockDataDir(folder);
    assert.ok(performance.now() - startedAt > 100);
    lock.release();
  });

  test('is not waited for without end', async (t) => {
    const folder = dataDir(t);
    const first = await holder(t, folder, 'await lock.announceStop();');
    await assert.rejects(lockDataDir(folder, 300), refuses(first.pid));
  });
});

suite('the folder of the sockets', () => {
  test('is for this user alone, also when it was open to others', async (t) => {
    const folder = dataDir(t);
    const run = await ensureRunDir(folder);
    assert.equal(run, join(folder, 'run'));
    chmodSync(run, 0o777);
    await ensureRunDir(folder);
    assert.equal(statSync(run).mode & 0o777, 0o700);
  });

  test('lies elsewhere when the path would be too long for a socket', () => {
    const long = `/${'d'.repeat(100)}`;
    assert.ok(runDir(long).startsWith(tmpdir()));
    assert.equal(runDir(long), runDir(long));
    assert.notEqual(runDir(long), runDir(`${long}e`));
  });
});
