// `truepixel rebuild` where QuestDB is the store: it takes an event that it has already as no event at
// all, so nothing is made anew beside the old. Everything that journal and archive hold is loaded again,
// and what was missing is there. The same way leads from the embedded store to QuestDB.

import type { Config } from '../config/config.ts';
import { reclassifyPath, storePath } from '../config/paths.ts';
import { ErasureJobs } from '../delivery/erasure-job.ts';
import { Judging } from '../delivery/judging.ts';
import { type OnRebuilt, rebuild } from '../delivery/rebuild.ts';
import { ReclassifyFile } from '../delivery/reclassify-file.ts';
import { Retention } from '../delivery/retention.ts';
import { realFileSystem } from '../journal/filesystem.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import type { StoreTotals } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import { openJudge } from './judge.ts';
import { openStore } from './open-store.ts';

/** Resolves with what the store holds afterwards. Throws Failure, StoreError and errno errors. */
export async function completeStore(
  config: Config,
  log: Logger,
  onLoad: OnRebuilt,
): Promise<StoreTotals> {
  const store = await openStore(config, log);
  const journal = new JournalReader(journalDirs(config.dataDir));
  const fresh = await openJudge(config, log);
  try {
    await store.adoptErasures(await erasuresOfEmbedded(config, log));
    const judging = new Judging(fresh.judge, config, store);
    const retention = new Retention(config.hitDays);
    // What an erasure that is not done had taken out comes back with this.
    await new ErasureJobs(config.dataDir).beginAgain();
    const made = await rebuild(journal, judging, retention, store, onLoad);
    for (const trouble of made.troubles) log.error(trouble, 'part of the journal cannot be loaded');
    if (made.outOfOrder) await new ReclassifyFile(reclassifyPath(config.dataDir)).begin();
    return await store.totals();
  } finally {
    fresh.close();
    await journal.close();
    await store.close();
  }
}

/** What the embedded store that was used before knows and the journal does not. */
async function erasuresOfEmbedded(config: Config, log: Logger): Promise<readonly string[]> {
  if ((await realFileSystem.stat(storePath(config.dataDir))) === null) return [];
  const store = await openStore({ ...config, connString: null }, log);
  try {
    return await store.erasures();
  } finally {
    await store.close();
  }
}
