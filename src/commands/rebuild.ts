// `truepixel rebuild`: completes QuestDB (complete.ts), or makes the embedded store anew from journal and
// archive, beside the old one, and puts it in the old one's place only when it is whole. Killed at any
// moment, it leaves the old store as it was.

import { realFileSystem } from '../journal/filesystem.ts';
import type { Config } from '../config/config.ts';
import { EXIT_USAGE, Failure } from '../config/failure.ts';
import { reclassifyPath, storePath } from '../config/paths.ts';
import { Judging } from '../delivery/judging.ts';
import { ErasureJobs } from '../delivery/erasure-job.ts';
import { type Loss, lossOf, rebuild } from '../delivery/rebuild.ts';
import { ReclassifyFile } from '../delivery/reclassify-file.ts';
import { Retention } from '../delivery/retention.ts';
import { journalDirs } from '../journal/places.ts';
import { ExpiryClock } from '../hit/expiry-clock.ts';
import { JournalReader } from '../journal/reader.ts';
import { REBUILD_CLAIM_WAIT_MS_MAX } from '../limits.ts';
import { claimStore } from '../store/claim.ts';
import type { Source, TraceableStore } from '../store/store.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import type { Command } from './command.ts';
import { completeStore } from './complete.ts';
import { openJudge } from './judge.ts';

const ACCEPT_LOSS = 'accept-loss';
const LOSSES_TOLD_MAX = 20;
const TELL_MS = 1_000;

export const rebuildCommand: Command = {
  name: 'rebuild',
  summary: 'Make the store anew from the journal and its archive',
  help: `Collectors may go on meanwhile; the store process must not run. The old store stays until the new
one is whole. When the archive does not hold everything any more that the old store has, nothing is changed,
and it says what would be lost; with ${ACCEPT_LOSS} it goes on all the same. The visit log is not written
again.

With QuestDB as the store nothing is removed: all events are loaded again, and what was missing is there.
This is also how QuestDB gets the events of an embedded store that was used before.`,
  roles: ['journal-reader', 'loader', 'judge'],
  arguments: `[${ACCEPT_LOSS}]`,
  async run(config, args) {
    const [word, ...rest] = args;
    if (rest.length > 0 || (word !== undefined && word !== ACCEPT_LOSS)) {
      throw new Failure(`rebuild: expected nothing or ${ACCEPT_LOSS}`, EXIT_USAGE);
    }
    const claim = await claimStore(config.dataDir, REBUILD_CLAIM_WAIT_MS_MAX);
    try {
      if (config.connString === null) await rebuildStore(config, word === ACCEPT_LOSS);
      else await completeQuestdb(config);
    } finally {
      claim.release();
    }
    return 0;
  },
};

async function completeQuestdb(config: Config): Promise<void> {
  const log = createLog(config.logLevel, 'rebuild');
  const began = performance.now();
  const { pixels, opens, visits } = await completeStore(config, log, tellNowAndThen());
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  tell(`completed in ${seconds} s: ${opens} opens, ${visits} visits, ${pixels} pixels`);
}

/** What the old store has; null where there is none. */
interface Old {
  readonly sources: readonly Source[];
  readonly pixels: number;
  readonly erasures: readonly string[];
}

async function rebuildStore(config: Config, acceptLoss: boolean): Promise<void> {
  const log = createLog(config.logLevel, 'rebuild');
  const path = storePath(config.dataDir);
  const newPath = `${path}.rebuild`;
  const began = performance.now();
  const clock = new ExpiryClock((reason) => log.warn({ option: 'HIT_DAYS' }, reason));
  const retention = new Retention(config.hitDays, clock);
  const old = await readOld(config, retention, log, acceptLoss);
  await removeStore(newPath);
  const store = await open(newPath, config, log);
  const journal = new JournalReader(journalDirs(config.dataDir));
  const fresh = await openJudge(config, log);
  try {
    await store.adoptErasures(old?.erasures ?? []);
    const judging = new Judging(fresh.judge, config, store);
    const made = await rebuild(journal, judging, retention, store, tellNowAndThen());
    for (const trouble of made.troubles) log.error(trouble, 'part of the journal cannot be loaded');
    const loss = await lossOf(old ?? { sources: [], pixels: 0 }, store);
    if (!acceptLoss) refuseLoss(loss);
    const { pixels, opens, visits } = await store.totals();
    await store.close();
    // What an erasure that is not done had taken out of the old store is in the new one again.
    await new ErasureJobs(config.dataDir).beginAgain();
    if (made.outOfOrder) await new ReclassifyFile(reclassifyPath(config.dataDir)).begin();
    await replace(path, newPath, config.dataDir);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    tell(`rebuilt in ${seconds} s: ${opens} opens, ${visits} visits, ${pixels} pixels`);
    if (loss.sources.length > 0 || loss.pixels > 0) tell(`lost: ${describe(loss)}`);
  } catch (error) {
    await store.close();
    await removeStore(newPath);
    throw error;
  } finally {
    fresh.close();
    await journal.close();
  }
}

async function open(path: string, config: Config, log: Logger): Promise<TraceableStore> {
  const { openDuckdb } = await import('../store/duckdb.ts');
  return await openDuckdb({ path, memoryBytes: config.storeMemoryBytes, lockWaitMs: 0 }, log);
}

/**
 * Opening it also brings its write-ahead log into its file, so that nothing of it is left beside the new
 * one.
 */
async function readOld(
  config: Config,
  retention: Retention,
  log: Logger,
  acceptLoss: boolean,
): Promise<Old | null> {
  const path = storePath(config.dataDir);
  if ((await realFileSystem.stat(path)) === null) return null;
  try {
    const store = await open(path, config, log);
    try {
      // What is too old is not brought back, and so is no loss.
      for (const { lastAt } of await store.sources()) retention.learn(lastAt);
      await retention.apply(store);
      const { pixels } = await store.totals();
      const erasures = await store.erasures();
      return { sources: await store.sources(), pixels, erasures };
    } finally {
      await store.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!acceptLoss) {
      throw new Failure(
        `the old store cannot be read, so nobody can say what a rebuild would lose (${reason}); ` +
          `to rebuild all the same: truepixel rebuild ${ACCEPT_LOSS}`,
        undefined,
        { cause: error },
      );
    }
    log.warn({ err: error }, 'the old store cannot be read; it is kept aside');
    await setAside(path);
    return null;
  }
}

/** A store that nobody can read is kept for whoever knows better. */
async function setAside(path: string): Promise<void> {
  const aside = `${path}.unreadable`;
  await removeStore(aside);
  for (const suffix of ['.wal', '']) {
    if ((await realFileSystem.stat(path + suffix)) === null) continue;
    await realFileSystem.rename(path + suffix, aside + suffix);
  }
}

/** A closed store is one file: its write-ahead log went into it. */
async function replace(path: string, newPath: string, dir: string): Promise<void> {
  await realFileSystem.rename(newPath, path);
  await realFileSystem.syncDir(dir);
}

async function removeStore(path: string): Promise<void> {
  await realFileSystem.remove(path);
  await realFileSystem.remove(`${path}.wal`);
}

function refuseLoss(loss: Loss): void {
  if (loss.sources.length === 0 && loss.pixels === 0) return;
  throw new Failure(
    `nothing was changed, because a rebuild would lose what the archive does not hold any more:\n${describe(
      loss,
    )}\nto rebuild all the same: truepixel rebuild ${ACCEPT_LOSS}`,
  );
}

function describe({ sources, pixels }: Loss): string {
  const hits = sources.reduce((sum, source) => sum + source.hits, 0);
  const lines = sources
    .slice(0, LOSSES_TOLD_MAX)
    .map(
      (source) =>
        `  ${source.hits} hits of segment ${source.segment} (writer ${source.writer}), ` +
        `received from ${dateOf(source.firstAt)} to ${dateOf(source.lastAt)}`,
    );
  const more = sources.length - lines.length;
  if (more > 0) lines.push(`  … and of ${more} more segments`);
  return [`${hits} hits of ${sources.length} segments, ${pixels} pixels`, ...lines].join('\n');
}

const dateOf = (micros: number): string => new Date(micros / 1_000).toISOString();

function tellNowAndThen(): (events: number, slot: string) => void {
  let told = performance.now();
  return (events, slot) => {
    if (performance.now() - told < TELL_MS) return;
    told = performance.now();
    tell(`${events} events so far, in ${slot}`);
  };
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
