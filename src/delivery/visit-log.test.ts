// The visit log on real files: rotation, and what others do to the file behind our back, where nothing may be
// lost and what happened is told. Crashes at every point are in visit-log.model.test.ts.

import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLog } from '../telemetry/log.ts';
import type { VisitAppend } from './progress.ts';
import { VisitLog } from './visit-log.ts';

const log = createLog('silent', 'test');
const LINES = Buffer.from('one\ntwo\nthree\n');
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

async function newPath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-visits-'));
  dirs.push(dir);
  return join(dir, 'logs', 'visits.log');
}

const plan = async (visitLog: VisitLog, skip = 0): Promise<VisitAppend> => ({
  ...(await visitLog.target()),
  skip,
  ranges: [],
});

test('the log is created for its owner alone, with the folder above it', async () => {
  const path = await newPath();
  const visitLog = new VisitLog(path, log);
  assert.deepEqual(await visitLog.settle(await plan(visitLog), LINES), { done: true });
  assert.equal(await readFile(path, 'utf8'), LINES.toString());
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await visitLog.close();
});

test('settling again writes nothing twice', async () => {
  const path = await newPath();
  const visitLog = new VisitLog(path, log);
  const append = await plan(visitLog);
  for (let i = 0; i < 3; i++) await visitLog.settle(append, LINES);
  await visitLog.close();
  const restarted = new VisitLog(path, log);
  assert.deepEqual(await restarted.settle(append, LINES), { done: true });
  await restarted.close();
  assert.equal(await readFile(path, 'utf8'), LINES.toString());
});

test('a renamed file is left in peace: the next lines go to a new one, asked for or not', async () => {
  for (const asked of [true, false]) {
    const path = await newPath();
    const visitLog = new VisitLog(path, log);
    await visitLog.settle(await plan(visitLog), LINES);
    await rename(path, `${path}.1`);
    if (asked) visitLog.reopen();
    await visitLog.settle(await plan(visitLog), Buffer.from('four\n'));
    await visitLog.close();
    assert.equal(await readFile(`${path}.1`, 'utf8'), LINES.toString());
    assert.equal(await readFile(path, 'utf8'), 'four\n');
  }
});

test('lines that were torn by a crash are completed, or written whole after a rotation', async () => {
  for (const rotated of [false, true]) {
    const path = await newPath();
    const before = new VisitLog(path, log);
    const append = await plan(before);
    await before.close();
    await appendFile(path, 'one\ntw');
    if (rotated) await rename(path, `${path}.1`);
    const visitLog = new VisitLog(path, log);
    const settlement = await visitLog.settle(append, LINES);
    if (rotated) {
      assert.deepEqual(settlement, { done: false, skip: 'one\n'.length });
      await visitLog.settle(await plan(visitLog, 'one\n'.length), LINES);
    } else assert.deepEqual(settlement, { done: true });
    await visitLog.close();
    assert.equal(await readFile(path, 'utf8'), rotated ? 'two\nthree\n' : LINES.toString());
  }
});

test('a file that others cut, wrote to or removed during an append gets all lines anew', async () => {
  const deeds: Record<string, (path: string) => Promise<void>> = {
    cut: (path) => truncate(path, 2),
    'wrote to': (path) => appendFile(path, 'somebody else'),
    removed: (path) => rm(path),
  };
  for (const [name, deed] of Object.entries(deeds)) {
    const path = await newPath();
    const before = new VisitLog(path, log);
    await before.settle(await plan(before), LINES);
    const append = await plan(before);
    await before.close();
    await deed(path);
    const visitLog = new VisitLog(path, log);
    const more = Buffer.from('four\nfive\n');
    assert.deepEqual(await visitLog.settle(append, more), { done: false, skip: 0 }, name);
    await visitLog.settle(await plan(visitLog), more);
    await visitLog.close();
    assert.match(await readFile(path, 'utf8'), /(^|\n)four\nfive\n$/, name);
  }
});

test('what others append behind our lines stays, and our next line begins on a line of its own', async () => {
  const path = await newPath();
  const visitLog = new VisitLog(path, log);
  const append = await plan(visitLog);
  await visitLog.settle(append, LINES);
  await appendFile(path, 'a note without an end');
  assert.deepEqual(await visitLog.settle(append, LINES), { done: true });
  await visitLog.settle(await plan(visitLog), Buffer.from('four\n'));
  await visitLog.close();
  assert.equal(await readFile(path, 'utf8'), `${LINES.toString()}a note without an end\nfour\n`);
});

test('an append that cannot be completed at an earlier path goes to the new one', async () => {
  const old = await newPath();
  const before = new VisitLog(old, log);
  const append = await plan(before, 'one\n'.length);
  await before.close();
  // A device keeps no line, and a file in the folder's way is an error at every try.
  const unsettled: Record<string, VisitAppend> = {
    device: { ...append, path: '/dev/null', inode: String((await stat('/dev/null')).ino) },
    obstacle: { ...append, path: join(old, 'visits.log') },
  };
  for (const [name, planned] of Object.entries(unsettled)) {
    const path = await newPath();
    const visitLog = new VisitLog(path, log);
    const settlement = await visitLog.settle(planned, LINES);
    assert.deepEqual(settlement, { done: false, skip: 'one\n'.length }, name);
    await visitLog.settle(await plan(visitLog, 'one\n'.length), LINES);
    await visitLog.close();
    assert.equal(await readFile(path, 'utf8'), 'two\nthree\n', name);
  }
  const elsewhere = new VisitLog(await newPath(), log);
  assert.deepEqual(await elsewhere.settle({ ...append, skip: 0 }, LINES), { done: true });
  assert.equal(await readFile(old, 'utf8'), LINES.toString(), 'what can be completed there is');
  await elsewhere.close();
});

test('only a regular file, or none yet, is taken for the log', async () => {
  assert.equal(await new VisitLog(await newPath(), log).refusal(), null);
  assert.match((await new VisitLog('/dev/null', log).refusal()) ?? '', /is no regular file/);
  await assert.rejects(new VisitLog('/dev/null', log).target(), /is no regular file/);
});

test('a log that cannot be written is an error that a later try gets past', async () => {
  const path = await newPath();
  await mkdir(path, { recursive: true });
  const visitLog = new VisitLog(path, log);
  await assert.rejects(visitLog.target(), { code: 'EISDIR' });
  await rm(path, { recursive: true });
  assert.deepEqual(await visitLog.settle(await plan(visitLog), LINES), { done: true });
  await visitLog.close();
});
