// When tokens were used last: known to about a minute after a restart, and never a write for a request.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { newDataDir } from '../../test/access-rig.ts';
import { lastUsesPath } from '../config/paths.ts';
import { LAST_USES_KEEP_MS } from '../limits.ts';
import { LastUses } from './last-uses.ts';

const fail = (reason: string): void => assert.fail(reason);
const NOW = 1_780_272_000_123;
const known = (): string[] => ['a', 'b'];

test('ten thousand uses are one write, a minute after the first', async (context) => {
  const dataDir = newDataDir();
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const uses = await LastUses.open(dataDir, fail);
  const kept = context.mock.method(uses, 'keep');
  for (let i = 0; i < 10_000; i++) uses.note('a', NOW + i, known);
  context.mock.timers.tick(LAST_USES_KEEP_MS - 1);
  assert.equal(kept.mock.callCount(), 0);
  assert.ok(!existsSync(lastUsesPath(dataDir)));
  context.mock.timers.tick(1);
  assert.equal(kept.mock.callCount(), 1);
  await kept.mock.calls[0]?.result;
  assert.equal((await LastUses.open(dataDir, fail)).find('a'), NOW + 9_999);
  context.mock.timers.tick(10 * LAST_USES_KEEP_MS);
  assert.equal(kept.mock.callCount(), 1, 'nothing new is not written again');
});

test('an orderly end keeps what was not written yet, and tokens that are gone are forgotten', async () => {
  const dataDir = newDataDir();
  const uses = await LastUses.open(dataDir, fail);
  uses.note('a', NOW, known);
  uses.note('gone', NOW, known);
  await uses.keep(known());
  const after = await LastUses.open(dataDir, fail);
  assert.equal(after.find('a'), NOW);
  assert.equal(after.find('gone'), null);
  assert.equal(statSync(lastUsesPath(dataDir)).mode & 0o777, 0o600);
});

test('a damaged file is said and begun anew; a disk that cannot be written costs no request', async () => {
  const dataDir = newDataDir();
  mkdirSync(dirname(lastUsesPath(dataDir)), { recursive: true });
  writeFileSync(lastUsesPath(dataDir), '{"version":1,"used":{"a":"yesterday"}}');
  const troubles: string[] = [];
  const uses = await LastUses.open(dataDir, (reason) => troubles.push(reason));
  assert.equal(troubles.length, 1);
  assert.equal(uses.find('a'), null);
  uses.note('a', NOW, known);
  await uses.keep(known());
  assert.equal((await LastUses.open(dataDir, fail)).find('a'), NOW);

  const nowhere = newDataDir();
  mkdirSync(nowhere, { recursive: true });
  writeFileSync(dirname(lastUsesPath(nowhere)), '');
  const failing = new LastUses(nowhere, (reason) => troubles.push(reason));
  failing.note('a', NOW, known);
  await failing.keep(known());
  assert.match(troubles.at(-1) ?? '', /cannot be written down/);
  assert.equal(failing.find('a'), NOW);
});
