// From the embedded store to QuestDB, as an operator does it: nothing is missing and no visit comes into the
// visit log a second time, also when `rebuild` loads everything once more.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dataFolder, eventually, info, lookMany, mint, visitLines } from './e2e.ts';
import { noQuestdb, QuestdbServer } from './questdb-server.ts';
import { freePort, startServer } from './server.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test(
  'an installation moves to QuestDB with all of its hits, and its visit log goes on',
  { timeout: 120_000, skip: noQuestdb },
  async (context) => {
    const questdb = await QuestdbServer.start();
    context.after(() => questdb.end());
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const before = await startServer({ dataDir, port });
    const { unique_code: code } = await mint(before);
    await lookMany(before, `/image/${code}`, 150);
    await lookMany(before, '/track', 50, 'visitor');
    const hits = (await info(before, code)).timeseries_data;
    assert.equal((await before.stop()).code, 0);
    const lines = await visitLines(dataDir);
    assert.equal(lines.length, 50);

    const env = questdb.env;
    const after = await startServer({ dataDir, port, env });
    assert.deepEqual((await info(after, code)).timeseries_data, hits);
    assert.equal((await after.get('/track', { 'User-Agent': 'later' })).status, 200);
    const later = await eventually(async () => {
      const now = await visitLines(dataDir);
      return now.length > lines.length ? now : null;
    });
    assert.equal(later.length, 51);
    assert.deepEqual(later.slice(0, 50), lines);
    assert.equal((await after.stop()).code, 0);

    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'rebuild'], {
      env: { ...env, DATA_DIR: dataDir },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^completed in .* s: 150 opens, 51 visits, 1 pixels$/m);
    assert.deepEqual(await visitLines(dataDir), later);
  },
);
