// The command line from outside: what it prints, where, and how it ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { COMMAND_NAMES } from './commands/list.ts';
import { flagOf, OPTION_NAMES } from './config/options.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const MANIFEST = new URL('../package.json', import.meta.url);

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function truepixel(args: readonly string[], environment = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

suite('the command line', { concurrency: 4 }, () => {
  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
    const expected = { code: 0, stdout: `${version}\n`, stderr: '' };
    assert.deepEqual(await truepixel(['--version']), expected);
  });

  for (const args of [['--help'], ['help'], ['-h', '--port', '1']]) {
    test(`lists every command and option with ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await truepixel(args);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      for (const name of COMMAND_NAMES) assert.match(stdout, new RegExp(`^  ${name} +\\w`, 'm'));
      for (const name of OPTION_NAMES) assert.ok(stdout.includes(`\n  ${flagOf(name)} `), name);
      assert.doesNotMatch(stdout, /^ {2}collector /m);
    });
  }

  for (const args of [
    ['collect', '--help'],
    ['help', 'collect'],
  ]) {
    test(`shows a command’s own options with ${args.join(' ')}`, async () => {
      const { code, stdout } = await truepixel(args);
      assert.equal(code, 0);
      assert.match(stdout, /^Run collectors only: .*\.\n/);
      assert.match(stdout, /^Usage: truepixel collect \[--option value …\]$/m);
      assert.match(stdout, /^ {2}--trusted-proxies /m);
      assert.doesNotMatch(stdout, /--visit-log/);
    });
  }

  const mistakes: [string[], Record<string, string>, RegExp][] = [
    [['--port', '80a'], {}, /^PORT \(flag --port\) is "80a": expected a port from 0 to 65535$/],
    [[], { PORT: '80a' }, /^PORT \(environment\) is "80a": expected a port/],
    [['--prot', '80'], {}, /^unknown option "--prot": did you mean --port\?$/],
    [['colect'], {}, /^unknown command "colect": did you mean collect\?$/],
    [['__proto__'], {}, /^unknown command "__proto__": there are serve, /],
    [['help', 'nothing'], {}, /^unknown command "nothing": there are /],
    [['serve', 'now'], {}, /^serve takes no arguments, but was given "now"$/],
    [['collect', '--visit-log', 'off'], {}, /^option --visit-log is not one of this command's$/],
    [[], { CONN_STRING: 'u:pw@h' }, /^CONN_STRING .*\(not shown here\): expected a URL such as/],
  ];
  for (const [args, environment, line] of mistakes) {
    const given = [...Object.keys(environment), ...args].join(' ');
    test(`ends with 2 and one line for ${given}`, async () => {
      const { code, stdout, stderr } = await truepixel(args, environment);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      const [first = '', rest] = stderr.split('\n');
      assert.equal(rest, '', stderr);
      assert.match(first.replace(/^truepixel: /, ''), line);
      assert.doesNotMatch(stderr, /pw/);
    });
  }
});
