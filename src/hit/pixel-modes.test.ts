// Modes that were said later, and erased pixels: found by a collector that runs, and never guessed.

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PixelMode } from '../config/config.ts';
import { codeDigest } from '../store/erased.ts';
import { PixelModes, writePixelModes } from './pixel-modes.ts';

const dir = await mkdtemp(join(tmpdir(), 'truepixel-modes-'));
after(() => rm(dir, { recursive: true, force: true }));

const never = (reason: string): void => assert.fail(reason);
const modesOf = (pixels: Record<string, PixelMode>, erased: string[] = []) => ({
  pixels: new Map(Object.entries(pixels)),
  erased: erased.map(codeDigest),
});

async function until(what: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!what()) {
    assert.ok(Date.now() < deadline, 'not noticed in time');
    await sleep(20);
  }
}

test('every pixel has the mode that was said, an erased one is off, others have none', async () => {
  const path = join(dir, 'many');
  const pixels: Record<string, PixelMode> = {};
  const kinds = ['individual', 'aggregate', 'off'] as const;
  for (let i = 0; i < 3_000; i++) pixels[`code-${i}`] = kinds[i % 3] ?? 'off';
  await writePixelModes(path, modesOf(pixels, ['gone', 'code-0']));
  const modes = await PixelModes.open(path, never);
  assert.equal(modes.find('code-0'), 'off', 'erased outweighs what was said before');
  for (let i = 1; i < 3_000; i++) assert.equal(modes.find(`code-${i}`), kinds[i % 3]);
  assert.equal(modes.find('gone'), 'off');
  assert.equal(modes.find('code-3000'), null);
  modes.close();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a change is noticed within two seconds and told, and the same again is not written', async () => {
  const path = join(dir, 'later');
  let changes = 0;
  const modes = await PixelModes.open(path, never);
  modes.onChange = () => changes++;
  assert.equal(modes.find('a'), null, 'without a file nothing was said');
  const began = Date.now();
  await writePixelModes(path, modesOf({ a: 'off' }));
  await until(() => modes.find('a') === 'off');
  assert.ok(Date.now() - began < 2_000);
  assert.equal(changes, 1);
  const { mtimeMs, ino } = await stat(path);
  await writePixelModes(path, modesOf({ a: 'off' }));
  const after = await stat(path);
  assert.deepEqual([after.mtimeMs, after.ino], [mtimeMs, ino]);
  await writePixelModes(path, modesOf({ a: 'individual' }));
  await until(() => modes.find('a') === 'individual');
  modes.close();
});

test('a file that is none is told once, and nobody is written down because of it', async () => {
  const path = join(dir, 'broken');
  await writeFile(path, 'TPMODES1 and not whole entries');
  const told: string[] = [];
  const modes = await PixelModes.open(path, (reason) => told.push(reason));
  assert.equal(modes.find('a'), 'aggregate');
  await writePixelModes(path, modesOf({ a: 'off' }));
  await until(() => modes.find('a') === 'off');
  assert.equal(modes.find('b'), null);
  await writeFile(path, 'broken again');
  await until(() => told.length === 2);
  assert.equal(modes.find('a'), 'off', 'what was read before stays');
  await rm(path);
  await sleep(1_200);
  assert.equal(modes.find('a'), 'off');
  assert.equal(told.length, 2);
  assert.match(told[0] ?? '', /broken cannot be used: RangeError: not a list of codes/);
  modes.close();
});
