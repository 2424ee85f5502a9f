// The supervisor over real processes and with real signals; only what the children do is fake.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Plan } from '../../test/supervisor/driver.ts';

const DRIVER = fileURLToPath(new URL('../../test/supervisor/driver.ts', import.meta.url));
const WAIT_MS_MAX = 20_000;

interface LogLine {
  readonly process: string;
  readonly pid: number;
  readonly msg: string;
  readonly reason?: string;
  readonly failures?: number;
}

class Driver {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(t: TestContext, plan: Omit<Plan, 'marks'>) {
    const marks = mkdtempSync(join(tmpdir(), 'truepixel-supervise-'));
    // A process group of its own, so that a test can press Ctrl-C in it.
    this.process = spawn(process.execPath, [DRIVER, JSON.stringify({ ...plan, marks })], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exit = new Promise((resolve) => this.process.on('close', resolve));
    t.after(() => {
      for (const pid of [this.process.pid, ...this.pids().values()]) end(pid);
      rmSync(marks, { recursive: true });
    });
  }

  lines(): LogLine[] {
    const lines = this.stderr.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Of each child, the process that said last that it is ready. */
  pids(): Map<string, number> {
    const ready = this.lines().filter((line) => line.msg.endsWith(' is ready'));
    return new Map(ready.map((line) => [line.process, line.pid]));
  }

  async until<T>(what: string, find: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > deadline) throw new Error(`never ${what}:\n${this.stderr}`);
      await sleep(20);
    }
  }

  ready(): Promise<boolean> {
    return this.until('ready', () => this.stdout.includes('ready\n'));
  }

  said(message: string): LogLine | undefined {
    return this.lines().find((line) => line.msg.includes(message));
  }
}

function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already, as it should.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

suite('the supervisor', { concurrency: 4 }, () => {
  test('says once that all are ready, and drains collectors before the store on SIGTERM', async (t) => {
    const driver = new Driver(t, { collectors: ['good', 'good'], store: 'good' });
    await driver.ready();
    assert.deepEqual([...driver.pids().keys()].toSorted(), ['collector-0', 'collector-1', 'store']);

    driver.process.kill('SIGTERM');
    assert.equal(await driver.exit, 0);
    assert.equal(driver.stdout, 'ready\nstop\n');
    const drained = driver.lines().filter((line) => line.msg.endsWith('has drained'));
    assert.equal(drained.length, 3);
    assert.equal(drained.at(-1)?.process, 'store');
  });

  test('starts again what was killed', async (t) => {
    const driver = new Driver(t, { collectors: ['good'], store: 'good' });
    await driver.ready();
    const before = driver.pids();
    for (const pid of before.values()) process.kill(pid, 'SIGKILL');
    await driver.until('restarted', () =>
      [...before].every(([name, pid]) => driver.pids().get(name) !== pid),
    );
    driver.process.kill('SIGTERM');
    assert.equal(await driver.exit, 0);
    assert.equal(driver.stdout, 'ready\nstop\n');
  });

  test('ends with 2 when a child refuses its configuration at the start', async (t) => {
    for (const [collector, store] of [
      ['refuses-configuration', 'good'],
      ['good', 'refuses-configuration'],
    ] as const) {
      const driver = new Driver(t, { collectors: [collector], store });
      assert.equal(await driver.exit, 2);
      assert.equal(driver.said('died')?.failures, 1);
      assert.equal(driver.said('starts again'), undefined);
    }
  });

  test('gives up when a collector cannot start at all', async (t) => {
    const bounds = { startFailuresMax: 3 };
    const driver = new Driver(t, { collectors: ['cannot-start'], store: 'good', bounds });
    assert.equal(await driver.exit, 1);
    assert.equal(driver.said('gives up')?.reason, 'collector-0 cannot start');
    assert.equal(driver.lines().filter((line) => line.msg.includes('died')).length, 3);
  });

  for (const [behaviour, reason] of [
    ['cannot-start', 'cannot start'],
    ['never-ready', 'somebody has the lock'],
    ['crashes', 'it ended with exit code 70; the log says more'],
  ] as const) {
    test(`collects without a store (${behaviour}), says why it is missing, and tries on`, async (t) => {
      const bounds = { followersWaitMsMax: 1_500, startMsMax: 6_000, startFailuresMax: 2 };
      const driver = new Driver(t, { collectors: ['good'], store: behaviour, bounds });
      await driver.ready();
      // Past the bound for collectors, which must not count for it.
      if (behaviour === 'never-ready') await sleep(5_000);
      else await driver.until('tried on', () => driver.lines().some((line) => line.failures === 5));
      driver.process.kill('SIGTERM');
      assert.equal(await driver.exit, 0);
      assert.equal(driver.said('gives up'), undefined);
      assert.equal(driver.stdout, `without store: ${reason}\nready\nstop\n`);
    });
  }

  test('greets once, also when the store comes later', async (t) => {
    const bounds = { followersWaitMsMax: 0 };
    const driver = new Driver(t, { collectors: ['good'], store: 'starts-late', bounds });
    await driver.ready();
    await driver.until('complete', () => driver.pids().has('store'));
    driver.process.kill('SIGTERM');
    assert.equal(await driver.exit, 0);
    assert.equal(driver.stdout, 'without store: it is still starting\nready\nstop\n');
  });

  test('gives up when the collectors take too long to start', async (t) => {
    const bounds = { startMsMax: 500, drainMsMax: 100 };
    const driver = new Driver(t, { collectors: ['good', 'never-ready'], store: 'good', bounds });
    assert.equal(await driver.exit, 1);
    assert.match(driver.said('gives up')?.reason ?? '', /not ready within 500 ms/);
    assert.equal(driver.stdout, 'stop\n');
  });

  test('goes on without a store for as long as a collector lives', async (t) => {
    const bounds = { startFailuresMax: 2, restartFailuresMax: 2 };
    const driver = new Driver(t, { collectors: ['good'], store: 'starts-once', bounds });
    await driver.ready();
    process.kill(driver.pids().get('store') ?? NaN, 'SIGKILL');
    await driver.until('failed', () => driver.lines().some((line) => (line.failures ?? 0) > 4));
    assert.equal(driver.said('gives up'), undefined);
    driver.process.kill('SIGTERM');
    assert.equal(await driver.exit, 0);
  });

  test('gives up when no collector can be kept alive', async (t) => {
    const bounds = { restartFailuresMax: 3 };
    const driver = new Driver(t, { collectors: ['starts-once', 'good'], store: 'good', bounds });
    await driver.ready();
    process.kill(driver.pids().get('collector-0') ?? NaN, 'SIGKILL');
    await driver.until('failed', () => driver.lines().some((line) => (line.failures ?? 0) > 3));
    assert.equal(driver.said('gives up'), undefined, 'the other collector lives');

    const alone = new Driver(t, { collectors: ['starts-once'], store: 'good', bounds });
    await alone.ready();
    process.kill(alone.pids().get('collector-0') ?? NaN, 'SIGKILL');
    assert.equal(await alone.exit, 1);
    assert.equal(alone.said('gives up')?.reason, 'no collector can be kept alive');
  });

  test('kills what does not drain in time, and says so by its exit code', async (t) => {
    const bounds = { collectorsDrainMsMax: 200, drainMsMax: 5_000 };
    const driver = new Driver(t, { collectors: ['never-drains'], store: 'good', bounds });
    await driver.ready();
    driver.process.kill('SIGTERM');
    assert.equal(await driver.exit, 1);
    assert.ok(driver.said('collector-0 did not drain in time'));
    assert.ok(driver.said('store has drained'));
  });

  test('ends at once at the second signal, unless it is an echo of the first', async (t) => {
    const driver = new Driver(t, { collectors: ['never-drains'], store: 'good' });
    await driver.ready();
    const pids = [...driver.pids().values()];
    driver.process.kill('SIGINT');
    driver.process.kill('SIGTERM');
    await sleep(800);
    assert.equal(driver.process.exitCode, null, 'the echo counted');
    driver.process.kill('SIGINT');
    assert.equal(await driver.exit, 1);
    assert.ok(driver.said('killing all processes'));
    await driver.until('gone', () => !pids.some(isAlive));
  });

  test('drains in order when Ctrl-C reaches the whole process group', async (t) => {
    const driver = new Driver(t, { collectors: ['good', 'good'], store: 'good' });
    await driver.ready();
    process.kill(-(driver.process.pid ?? NaN), 'SIGINT');
    assert.equal(await driver.exit, 0);
    const drained = driver.lines().filter((line) => line.msg.endsWith('has drained'));
    assert.deepEqual(new Set(drained.map((line) => line.reason)), new Set(['SIGTERM']));
    assert.equal(drained.at(-1)?.process, 'store');
  });

  test('leaves no child behind when it is killed', async (t) => {
    const driver = new Driver(t, { collectors: ['good'], store: 'good' });
    await driver.ready();
    const pids = [...driver.pids().values()];
    driver.process.kill('SIGKILL');
    await driver.until('gone', () => !pids.some(isAlive));
    const drained = driver.lines().filter((line) => line.msg.endsWith('has drained'));
    assert.deepEqual(
      drained.map((line) => line.reason),
      ['disconnect', 'disconnect'],
    );
  });

  test('passes SIGHUP on to the store, and nobody ends by it', async (t) => {
    const driver = new Driver(t, { collectors: ['good'], store: 'good' });
    await driver.ready();
    driver.process.kill('SIGHUP');
    const line = await driver.until('hung up', () => driver.said('hung up'));
    assert.equal(line.process, 'store');
    driver.process.kill('SIGTERM');
    assert.equal(await driver.exit, 0);
  });
});
