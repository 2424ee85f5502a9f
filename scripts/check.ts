// `npm test`: the type check, the linter, the formatter and every test, all of them even when one fails.
// `npm test -- WORD …` runs only the test files whose path has one of the words, and nothing else.

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findMissing } from './test-needs.ts';

/** A test that hangs is a failure, not a wait; the torture round is the longest with about two minutes. */
const TEST_MS_MAX = 600_000;
/** Most tests wait for processes of their own, and the machine that counts has two cores. */
const TEST_FILES_AT_ONCE = 2;
const TEST_FILES = '{client,examples,src,test,bench,scripts,dashboard/src}/**/*.test.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const words = process.argv.slice(2);
const failed: string[] = [];

// The tools' own `#!/usr/bin/env node` must find this Node.js, which may not be the machine's.
const path = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env['PATH']];
const environment = { ...process.env, PATH: path.join(delimiter) };

function step(title: string, command: string, args: readonly string[]): void {
  process.stdout.write(`\n=== ${title}\n`);
  const result = spawnSync(command, args, { stdio: 'inherit', env: environment });
  if (result.error) process.stdout.write(`${result.error.message}\n`);
  if (result.status !== 0) failed.push(title);
}

const isWanted = (file: string): boolean =>
  words.length === 0 || words.some((word) => file.includes(word));
const files = globSync(TEST_FILES).filter(isWanted).toSorted();

if (words.length === 0) {
  step('Type check', 'tsc', ['--noEmit', '-p', '.']);
  step('Type check of the dashboard', 'tsc', ['--noEmit', '-p', 'dashboard']);
  step('Type check of the client', 'tsc', ['--noEmit', '-p', 'client']);
  step('Lint', 'oxlint', ['--type-aware']);
  step('Format', 'oxfmt', ['--check']);
}
step('Build of the dashboard', process.execPath, ['dashboard/build.ts', '--if-stale']);
const missing = findMissing();
if (files.length === 0) {
  process.stdout.write(`no test file has ${words.join(' or ')} in its path\n`);
  failed.push('Tests');
} else {
  step('Tests', process.execPath, [
    '--test',
    `--test-concurrency=${TEST_FILES_AT_ONCE}`,
    `--test-timeout=${TEST_MS_MAX}`,
    '--test-reporter=spec',
    ...files,
  ]);
}

process.stdout.write('\n');
for (const need of missing) {
  process.stdout.write(
    `Without ${need.name}, tests were skipped: ${need.tests} (${need.reason})\n`,
  );
  if (process.env['CI'] === 'true') failed.push(need.name);
}
process.stdout.write(failed.length === 0 ? 'All passed.\n' : `Failed: ${failed.join(', ')}.\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
