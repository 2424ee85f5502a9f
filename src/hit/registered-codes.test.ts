// Registered codes: found, never confused, added to without loss, and picked up by a collector that is
// running.

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RegisteredCodes, registerCodes } from './registered-codes.ts';

const dir = await mkdtemp(join(tmpdir(), 'truepixel-codes-'));
after(() => rm(dir, { recursive: true, force: true }));

async function* from(codes: readonly string[]): AsyncGenerator<string> {
  yield* codes;
}

const someCodes = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `code-${first + i}`);

const never = (reason: string): void => assert.fail(reason);

test('every registered code is found and no other, also after more were added', async () => {
  const path = join(dir, 'many');
  const first = someCodes(0, 3_000);
  assert.equal(await registerCodes(path, from(first)), 3_000);
  const more = someCodes(2_000, 3_000);
  assert.equal(await registerCodes(path, from(more)), 5_000);
  const codes = await RegisteredCodes.open(path, never);
  for (const code of [...first, ...more]) assert.ok(codes.has(code), code);
  for (const code of ['', 'code-5000', 'CODE-1', 'code-1 ', ...someCodes(5_000, 3_000)]) {
    assert.ok(!codes.has(code), code);
  }
  codes.close();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('without a file no code is registered, and one that appears is noticed, as is its end', async () => {
  const path = join(dir, 'later');
  const codes = await RegisteredCodes.open(path, never);
  assert.ok(!codes.has('a'));
  await registerCodes(path, from(['a']));
  while (!codes.has('a')) await sleep(20);
  await registerCodes(path, from(['b']));
  while (!codes.has('b')) await sleep(20);
  assert.ok(codes.has('a'));
  await rm(path);
  while (codes.has('a')) await sleep(20);
  codes.close();
});

test('a file that is no list is told, and neither used nor overwritten', async () => {
  const path = join(dir, 'broken');
  await writeFile(path, 'TPCODES1 and not whole entries');
  const told: string[] = [];
  const codes = await RegisteredCodes.open(path, (reason) => told.push(reason));
  assert.match(told[0] ?? '', /broken cannot be used: RangeError: not a list of codes/);
  assert.ok(!codes.has('a'));
  codes.close();
  await assert.rejects(registerCodes(path, from(['a'])), RangeError);
});
