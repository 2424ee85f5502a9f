// The life of one process without a supervisor: real signals, a fake role.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { DRAIN_MS_MAX } from '../limits.ts';

const CHILD = fileURLToPath(new URL('../../test/supervisor/child.ts', import.meta.url));

interface Role {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  /** Resolves when the text has been logged. */
  said(text: string): Promise<void>;
}

function start(t: TestContext, behaviour: string, withChannel = false): Role {
  const marks = mkdtempSync(join(tmpdir(), 'truepixel-role-'));
  const child = spawn(process.execPath, [CHILD, 'role', behaviour, marks], {
    stdio: ['ignore', 'ignore', 'pipe', withChannel ? 'ipc' : 'ignore'],
  });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(marks, { recursive: true });
  });
  let output = '';
  let look = (): void => {};
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    look();
  });
  return {
    process: child,
    exit: new Promise((resolve) => child.on('exit', resolve)),
    said: (text) =>
      new Promise((resolve) => {
        look = () => {
          if (output.includes(text)) resolve();
        };
        look();
      }),
  };
}

suite('a process of the system', { concurrency: 4 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`drains on ${signal} and ends with 0`, async (t) => {
      const role = start(t, 'good');
      await role.said('role is ready');
      role.process.kill(signal);
      await role.said(`"reason":"${signal}","msg":"role has drained"`);
      assert.equal(await role.exit, 0);
    });
  }

  test('drains when the process that started it is gone', async (t) => {
    const role = start(t, 'good', true);
    await role.said('role is ready');
    role.process.disconnect();
    await role.said('"reason":"disconnect","msg":"role has drained"');
    assert.equal(await role.exit, 0);
  });

  const noScript = existsSync('/usr/bin/script') ? false : 'no script(1) here to make a terminal';
  test(
    'drains when its terminal is closed, but not at any SIGHUP',
    { skip: noScript },
    async (t) => {
      const marks = mkdtempSync(join(tmpdir(), 'truepixel-role-'));
      t.after(() => rmSync(marks, { recursive: true }));
      const command = [process.execPath, CHILD, 'role', 'good', marks].join(' ');
      const terminal = spawn('/usr/bin/script', ['-qfec', command, '/dev/null']);
      t.after(() => terminal.kill('SIGKILL'));
      let output = '';
      terminal.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      while (!output.includes('role is ready')) await once(terminal.stdout, 'data');
      const pid = Number(/"pid":(\d+)/.exec(output)?.[1]);
      process.kill(pid, 'SIGHUP');
      while (!output.includes('hung up')) await once(terminal.stdout, 'data');
      assert.ok(!existsSync(join(marks, 'role-drained')));

      terminal.kill('SIGKILL');
      while (!existsSync(join(marks, 'role-drained'))) await sleep(20);
    },
  );

  test('tells the process that started it that it is ready', async (t) => {
    const role = start(t, 'good', true);
    const message = await new Promise((resolve) => role.process.once('message', resolve));
    assert.deepEqual(message, { type: 'ready' });
  });

  test('ends with the exit code of what it could not start for', async (t) => {
    assert.equal(await start(t, 'refuses-configuration').exit, 2);
    assert.equal(await start(t, 'cannot-start').exit, 1);
  });

  test('tells the process that started it why it is not ready', async (t) => {
    for (const [behaviour, reason] of [
      ['cannot-start', 'cannot start'],
      ['never-ready', 'somebody has the lock'],
    ] as const) {
      const role = start(t, behaviour, true);
      const message = await new Promise((resolve) => role.process.once('message', resolve));
      assert.deepEqual(message, { type: 'not-ready', reason });
    }
  });

  test('ends at once when it is told to before it is ready', async (t) => {
    const role = start(t, 'never-ready');
    await role.said('role waits');
    const startedAt = performance.now();
    role.process.kill('SIGTERM');
    assert.equal(await role.exit, 0);
    assert.ok(performance.now() - startedAt < DRAIN_MS_MAX / 2);
  });

  test('gives up draining after its bound', async (t) => {
    const stuck = start(t, 'never-drains');
    await stuck.said('role is ready');
    const startedAt = performance.now();
    stuck.process.kill('SIGTERM');
    assert.equal(await stuck.exit, 1);
    assert.ok(performance.now() - startedAt >= DRAIN_MS_MAX - 50);
  });
});
