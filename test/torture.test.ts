// A short torture with every test run, and then the proof that the reckoning behind it is not blind: the very
// same result, with one row or one line taken away or doubled, must be found out.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { storePath } from '../src/config/paths.ts';
import { endAll } from './server.ts';
import { Fate } from './torture/ledger.ts';
import { isVisit } from './torture/marker.ts';
import { reckon } from './torture/reckoning.ts';
import { isAcceptable, torture } from './torture/run.ts';

const KILLS = 20;
/** Only for the choice of victims: the moments themselves are the machine's. */
const SEED = 20_261_121;

test('twenty kills lose nothing and double nothing', { timeout: 240_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-torture-'));
  context.after(async () => {
    await endAll(join(folder, 'data'));
    await rm(folder, { recursive: true, force: true });
  });
  const { report, evidence } = await torture({
    folder,
    kills: KILLS,
    seed: SEED,
    collectors: 2,
    rate: 1_000,
    smallDisk: false,
    secondsMax: 120,
    onBlow: (text) => context.diagnostic(text),
  });
  assert.ok(isAcceptable(report), JSON.stringify(report, null, 2));
  assert.equal(report.kills, KILLS);
  assert.ok(report.client.acknowledged > 1_000, 'there was something to lose');
  assert.ok(report.client.minted > 0, 'pixels were minted');

  await context.test(
    'and a lost and a doubled hit in that very store would have been noticed',
    async () => {
      const promised = [...evidence.fates.entries()]
        .filter(([marker, fate]) => fate === Fate.acknowledged && isVisit(marker))
        .map(([marker]) => `torture/${marker}`);
      const [lost = '', doubled = ''] = promised;
      await alterStore(evidence.dataDir, [
        ['DELETE FROM hits_recent WHERE agent = $1', lost],
        ['DELETE FROM hits_sorted WHERE agent = $1', lost],
        ['INSERT INTO hits_recent SELECT * FROM hits WHERE agent = $1', doubled],
      ]);
      const { store, journal } = await reckon(evidence);
      assert.deepEqual([store.lost, store.doubled, store.strange], [1, 1, 0]);
      assert.deepEqual([journal.lost, journal.doubled, journal.strange], [0, 0, 0]);
    },
  );

  await context.test(
    'and a line that is gone or there twice in that very visit log as well',
    async () => {
      const [file = ''] = evidence.visitLogs;
      const [first = '', second = '', ...rest] = (await readFile(file, 'utf8')).split('\n');
      await writeFile(file, [second, second, ...rest].join('\n'));
      assert.notEqual(first, '');
      const { visitLog } = await reckon(evidence);
      assert.deepEqual([visitLog.doubled, visitLog.strange], [1, 0]);
      assert.equal(visitLog.lost, 1);
    },
  );
});

async function alterStore(dataDir: string, statements: readonly [string, string][]): Promise<void> {
  const instance = await DuckDBInstance.create(storePath(dataDir));
  const connection = await instance.connect();
  for (const [sql, value] of statements) await connection.run(sql, [value]);
  connection.closeSync();
  instance.closeSync();
}
