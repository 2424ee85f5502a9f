// A short torture with QuestDB as the store, which is itself killed now and then: events that were
// written and whose progress was not, and loads that were cut in the middle, must come out exactly once
// all the same.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noQuestdb, QuestdbServer } from './questdb-server.ts';
import { endAll } from './server.ts';
import { isAcceptable, torture } from './torture/run.ts';

const KILLS = 12;
/** Every so many blows QuestDB is killed too, and started again. */
const BLOWS_PER_QUESTDB_KILL = 4;
/** Only for the choice of victims: the moments themselves are the machine's. */
const SEED = 20_261_122;

test(
  'kills of every process and of QuestDB lose nothing and double nothing',
  { timeout: 300_000, skip: noQuestdb },
  async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'truepixel-torture-'));
    const questdb = await QuestdbServer.start();
    context.after(async () => {
      await endAll(join(folder, 'data'));
      await questdb.end();
      await rm(folder, { recursive: true, force: true });
    });
    let blows = 0;
    let questdbKills = 0;
    let killing: Promise<void> | null = null;
    const killQuestdb = async (): Promise<void> => {
      await questdb.kill();
      await questdb.startAgain();
      questdbKills += 1;
      killing = null;
    };
    const { report } = await torture({
      folder,
      kills: KILLS,
      seed: SEED,
      collectors: 2,
      rate: 800,
      secondsMax: 120,
      smallDisk: false,
      questdb,
      onBlow: (text) => {
        context.diagnostic(text);
        blows += 1;
        if (blows % BLOWS_PER_QUESTDB_KILL === 0) killing ??= killQuestdb();
      },
    });
    assert.ok(isAcceptable(report), JSON.stringify(report, null, 2));
    assert.equal(report.kills, KILLS);
    assert.ok(report.client.acknowledged > 1_000, 'there was something to lose');
    assert.ok(questdbKills >= 2, `QuestDB was killed ${questdbKills} times`);
  },
);
