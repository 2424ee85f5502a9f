// Starting and ending real collectors under their supervisor: ports, folders, and what people read. The whole
// server with its store is test/e2e.test.ts's.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

class Collect {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(t: TestContext, environment: Record<string, string>) {
    this.process = spawn(process.execPath, [MAIN, 'collect'], {
      env: { HOST: '127.0.0.1', PORT: '0', COLLECTORS: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exit = new Promise((resolve) => this.process.on('close', resolve));
    t.after(async () => {
      this.process.kill('SIGTERM');
      await this.exit;
    });
  }

  /** The URL that it greets with; rejects when it ends before. */
  async url(): Promise<string> {
    for (;;) {
      const url = /Pixels +(http:\S+)\n/.exec(this.stdout)?.[1];
      if (url !== undefined) return url;
      const ended = this.exit.then(() => true);
      const more = new Promise((resolve) =>
        this.process.stdout?.once('data', () => resolve(false)),
      );
      if ((await Promise.race([ended, more])) === true) throw new Error(this.stderr);
    }
  }

  async line(): Promise<string> {
    await this.exit;
    return this.stderr.split('\n').find((line) => line.startsWith('truepixel: ')) ?? this.stderr;
  }
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'truepixel-serve-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

suite('a server of collectors', { concurrency: 2 }, () => {
  test('picks a free port for 0, answers there with all its processes, and ends with 0', async (t) => {
    const dataDir = join(folder(t), 'new', 'data');
    const server = new Collect(t, { DATA_DIR: dataDir, COLLECTORS: '2' });
    const reply = await fetch(`${await server.url()}/track`);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), 'image/gif');
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);

    server.process.kill('SIGTERM');
    assert.equal(await server.exit, 0);
    const ready = server.stderr.split('\n').filter((line) => line.includes('"collector is ready"'));
    assert.equal(ready.length, 2);
  });

  test('refuses a port that another program has, in one line', async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const server = new Collect(t, { DATA_DIR: folder(t), PORT: String(address.port) });
    assert.equal(await server.exit, 1);
    assert.equal(
      await server.line(),
      `truepixel: port ${address.port} is in use by another program`,
    );
  });

  test('refuses the DATA_DIR of a server that runs, in one line', async (t) => {
    const dataDir = folder(t);
    const first = new Collect(t, { DATA_DIR: dataDir });
    await first.url();
    const second = new Collect(t, { DATA_DIR: dataDir });
    assert.equal(await second.exit, 1);
    assert.match(
      await second.line(),
      new RegExp(`in use by .* \\(process ${first.process.pid}\\)$`),
    );
  });

  test('follows at once on one that was killed with its children alive', async (t) => {
    const dataDir = folder(t);
    const first = new Collect(t, { DATA_DIR: dataDir });
    const { port } = new URL(await first.url());
    first.process.kill('SIGKILL');
    const second = new Collect(t, { DATA_DIR: dataDir, PORT: port });
    assert.equal((await fetch(`${await second.url()}/track`)).status, 200);
  });

  test('drains also when it cannot tell a successor to wait, as on a full disk', async (t) => {
    const dataDir = folder(t);
    const server = new Collect(t, { DATA_DIR: dataDir });
    await server.url();
    rmSync(join(dataDir, 'run', 'serve.lock'));
    mkdirSync(join(dataDir, 'run', 'serve.lock'));
    server.process.kill('SIGTERM');
    assert.equal(await server.exit, 0);
    assert.match(server.stderr, /"code":"EISDIR".*a successor cannot be told to wait/);
    assert.match(server.stderr, /collector has drained/);
  });

  test('says in one line that DATA_DIR cannot be used', async (t) => {
    const parent = folder(t);
    const file = join(parent, 'file');
    writeFileSync(file, '');
    const server = new Collect(t, { DATA_DIR: file });
    assert.equal(await server.exit, 1);
    assert.match(await server.line(), /^truepixel: DATA_DIR .* cannot be written to \(EEXIST\)$/);

    const isRoot = process.getuid?.() === 0;
    const closed = join(parent, 'closed');
    mkdirSync(closed, { mode: 0o500 });
    const below = new Collect(t, { DATA_DIR: isRoot ? '/sys/truepixel' : join(closed, 'data') });
    assert.equal(await below.exit, 1);
    assert.match(await below.line(), /^truepixel: DATA_DIR .* cannot be written to \(E\w+\)$/);
  });
});
