// Opens the journal for one process: claims a slot, completes what its last holder left, and starts to
// write.

import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { JOURNAL_PROBE_MS, WRITERS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { type FileSystem, type Lock, realFileSystem } from './filesystem.ts';
import type { JournalWriter } from './journal.ts';
import { type JournalDirs, journalDirs, listAllSegments } from './places.ts';
import { recoverSlot } from './recovery.ts';
import { GroupCommitWriter } from './writer.ts';

export type JournalConfig = Pick<
  Config,
  'dataDir' | 'segmentBytes' | 'journalBytesMax' | 'diskFreeBytesMin'
>;

/**
 * A writer in the first slot of its role that nobody holds (`collector-0`, `collector-1`, `api-0` …). A
 * disk that refuses to be written is no error here: the writer is `down` and tries again by itself. Rejects
 * with an errno error when the slot's folder cannot be made or listed.
 */
export async function openJournal(
  config: JournalConfig,
  role: 'collector' | 'api',
  log: Logger,
  fs: FileSystem = realFileSystem,
  probeMs: number = JOURNAL_PROBE_MS,
): Promise<JournalWriter> {
  const dirs = journalDirs(config.dataDir);
  const { slot, lock } = await claimSlot(fs, dirs, role);
  try {
    // Looked up before the recovery, which may remove the last one.
    const lastSegment = (await listAllSegments(fs, dirs, slot)).at(-1) ?? 0;
    await recoverSlot(fs, dirs, slot, log);
    const { segmentBytes, journalBytesMax, diskFreeBytesMin } = config;
    return await GroupCommitWriter.open({
      fs,
      dirs,
      slot,
      lastSegment,
      segmentBytes,
      journalBytesMax,
      diskFreeBytesMin,
      probeMs,
      log,
      release: () => lock.release(),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function claimSlot(
  fs: FileSystem,
  dirs: JournalDirs,
  role: string,
): Promise<{ slot: string; lock: Lock }> {
  for (let i = 0; i < WRITERS_MAX; i++) {
    const slot = `${role}-${i}`;
    const dir = join(dirs.journalDir, slot);
    await fs.makeDir(dir);
    const lock = fs.lock(join(dir, 'lock'));
    if (lock !== null) return { slot, lock };
  }
  throw new Error(`all ${WRITERS_MAX} slots of ${dirs.journalDir} are in use`);
}
