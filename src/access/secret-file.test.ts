// Files that open doors, on a real disk: whose they are, what a symbolic link or a pipe in their place does,
// and what becomes of several processes that change one at once.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { newDataDir } from '../../test/access-rig.ts';
import { Failure } from '../config/failure.ts';
import { tokensPath } from '../config/paths.ts';
import { SECRET_FILE_BYTES_MAX } from '../limits.ts';
import { changeSecretFile, readSecretFile, writeSecretFile } from './secret-file.ts';

function somewhere(): string {
  const path = tokensPath(newDataDir());
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

test('a file that is not there is nothing, and a new one is this user’s alone', async () => {
  const path = tokensPath(newDataDir());
  assert.equal(await readSecretFile(path), null);
  assert.equal(await changeSecretFile(path, (before) => `${before} and more`), 'null and more');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  assert.equal((await readSecretFile(path))?.toString(), 'null and more');
  assert.equal(await changeSecretFile(path, () => null), 'null and more', 'null changes nothing');
  assert.deepEqual(readdirSync(dirname(path)).toSorted(), ['tokens.json', 'tokens.json.lock']);
});

suite('what is not believed', () => {
  const places: readonly [string, RegExp, (path: string) => void][] = [
    [
      'a symbolic link, whatever it leads to',
      /is a symbolic link/,
      (path) => {
        writeFileSync(`${path}.elsewhere`, '{}', { mode: 0o600 });
        symlinkSync(`${path}.elsewhere`, path);
      },
    ],
    ['a pipe, which nobody writes to', /is no file/, (path) => execFileSync('mkfifo', [path])],
    ['a folder', /is no file/, (path) => mkdirSync(path)],
    [
      'a file that others may write',
      /can be written by others/,
      (path) => {
        writeFileSync(path, '{}');
        chmodSync(path, 0o620);
      },
    ],
    [
      'a file without end',
      /is too long/,
      (path) => writeFileSync(path, 'x'.repeat(SECRET_FILE_BYTES_MAX + 1), { mode: 0o600 }),
    ],
  ];
  for (const [name, reason, put] of places) {
    test(`${name}, neither read nor replaced`, { timeout: 10_000 }, async () => {
      const path = somewhere();
      put(path);
      const refuses = (error: unknown): boolean =>
        error instanceof Failure && reason.test(error.message);
      await assert.rejects(readSecretFile(path), refuses);
      await assert.rejects(
        changeSecretFile(path, () => 'mine'),
        refuses,
      );
    });
  }

  test(
    'a file of somebody else',
    { skip: process.getuid?.() === 0 ? false : 'only root can give files away' },
    async () => {
      const path = somewhere();
      writeFileSync(path, '{}', { mode: 0o600 });
      chownSync(path, 12_345, 12_345);
      await assert.rejects(readSecretFile(path), /belongs to somebody else/);
      chownSync(dirname(path), 12_345, 12_345);
      assert.equal((await readSecretFile(path))?.toString(), '{}', 'unless the folder is theirs');
    },
  );
});

test('a link where the draft is to be made leads nobody to overwrite another file', async () => {
  const path = somewhere();
  const victim = join(dirname(path), 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, `${path}.tmp`);
  await writeSecretFile(path, 'mine');
  assert.equal(readFileSync(victim, 'utf8'), 'untouched');
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  assert.ok(statSync(path).isFile());
});

test('processes that change a file at once take turns, and none undoes what another did', async () => {
  const path = tokensPath(newDataDir());
  const script = `
    import { changeSecretFile } from ${JSON.stringify(new URL('./secret-file.ts', import.meta.url).href)};
    for (let i = 0; i < 20; i++) {
      await changeSecretFile(${JSON.stringify(path)}, (before) => (before ?? '') + 'x');
    }`;
  const ends = Array.from({ length: 4 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [code] = (await once(child, 'close')) as [number];
    return code;
  });
  assert.deepEqual(await Promise.all(ends), [0, 0, 0, 0]);
  assert.equal(readFileSync(path, 'utf8'), 'x'.repeat(80));
});
