// One open DuckDB file: its settings, its connections, and what its errors mean. A session that DuckDB has
// declared invalid (a write that failed, say on a full disk) is thrown away and the file opened again.

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LOCK_WAIT_MS_MAX, STORE_READS_MAX } from '../limits.ts';
import { lockDown, removeDraft } from './duckdb-compact.ts';
import { readErased } from './duckdb-erase.ts';
import { storeError, messageOf } from './duckdb-error.ts';
import { ReaderPool } from './duckdb-readers.ts';
import { type TallyPace, type TallyState, tallyState } from './duckdb-tallying.ts';
import { migrate } from './duckdb-schema.ts';
import type { ErasedCodes } from './erased.ts';
import { StoreError } from './store.ts';

export interface DuckdbOptions {
  /** The store's file; `<path>.wal`, `<path>.compact` and the folder `<path>.tmp` belong to it. */
  readonly path: string;
  readonly memoryBytes: number;
  /** How long to wait for another process that has the file open; LOCK_WAIT_MS_MAX when left out. */
  readonly lockWaitMs?: number;
  /** When to move the recent hits to the sorted ones; RECENT_HITS_MAX when left out. */
  readonly recentHitsMax?: number;
  readonly tallyPace?: TallyPace;
  /** What making the file anew leaves free on the disk; DISK_FREE_BYTES_DEFAULT when left out. */
  readonly spareBytes?: number;
}

/** More threads than this gain little for one query and take cores from the collectors. */
const THREADS_MAX = 4;
/**
 * DuckDB moves its write-ahead log into the file when it is this long: rarely enough that a row group is not
 * written again with every load, often enough that a restart has replayed it in well under a second.
 */
const CHECKPOINT_THRESHOLD = '64MB';
/**
 * DuckDB decides by the columns' statistics at the time of preparing what a statement can never find, and
 * holds to it when such rows come: `kind = 1`, prepared when there were visits only, finds no open for ever.
 */
const STALE_OPTIMIZERS = 'statistics_propagation,compressed_materialization';
const LOCK_POLL_MS = 100;

export interface Session {
  readonly instance: DuckDBInstance;
  /** Loads, one at a time. */
  readonly writer: DuckDBConnection;
  readonly readers: ReaderPool;
  /** The numbers of the writers' rows. */
  writers: ReadonlyMap<string, number>;
  readonly erased: ErasedCodes;
  /** Rows in hits_recent. */
  recent: number;
  /** How often rows of hits_sorted may have changed, counted after they did. */
  changes: number;
  readonly tally: TallyState;
  /** Whether somebody may have said of a pixel when its mail was sent; most installations never do. */
  sentTimes: boolean;
  /** Calls under way. */
  users: number;
  /** DuckDB refuses everything from now on. */
  broken: boolean;
}

/** Opens or creates the file. Throws {@link StoreError}, after the wait when another process has it open. */
export async function openSession(options: DuckdbOptions): Promise<Session> {
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
  // A process that was killed in the middle of a large query left rows in here, perhaps erased ones.
  await rm(temporaryDir(options), { recursive: true, force: true });
  const instance = await openInstance(options);
  try {
    const writer = await instance.connect();
    await lockDown(writer, options.path);
    await removeDraft(options.path);
    await migrate(writer);
    const writers = await writer.runAndReadAll('SELECT writer, number FROM writers');
    const recent = await writer.runAndReadAll('SELECT count(*) FROM hits_recent');
    const sent = await writer.runAndReadAll(
      'SELECT 1 FROM pixels WHERE sent_at IS NOT NULL LIMIT 1',
    );
    return {
      instance,
      writer,
      readers: await ReaderPool.open(instance, STORE_READS_MAX),
      writers: new Map(writers.getRows().map((row) => [row[0] as string, row[1] as number])),
      recent: Number(recent.getRows()[0]?.[0]),
      changes: 0,
      tally: await tallyState(writer),
      erased: await readErased(writer),
      sentTimes: sent.currentRowCount > 0,
      users: 0,
      broken: false,
    };
  } catch (error) {
    instance.closeSync();
    throw storeError(error);
  }
}

/** No call may be under way. Writes the log into the file, which then stands alone. */
export function closeSession(session: Session): void {
  session.readers.close();
  session.writer.closeSync();
  session.instance.closeSync();
}

async function openInstance(options: DuckdbOptions): Promise<DuckDBInstance> {
  const deadline = performance.now() + (options.lockWaitMs ?? LOCK_WAIT_MS_MAX);
  for (;;) {
    try {
      return await DuckDBInstance.create(options.path, settings(options));
    } catch (error) {
      if (!isLocked(error)) throw storeError(error);
      if (performance.now() >= deadline) {
        throw new StoreError(
          `another process has the store ${options.path} open: ${messageOf(error)}`,
          true,
          { cause: error },
        );
      }
      await sleep(LOCK_POLL_MS);
    }
  }
}

function settings(options: DuckdbOptions): Record<string, string> {
  return {
    threads: String(Math.min(availableParallelism(), THREADS_MAX)),
    memory_limit: `${options.memoryBytes}B`,
    temp_directory: temporaryDir(options),
    checkpoint_threshold: CHECKPOINT_THRESHOLD,
    disabled_optimizers: STALE_OPTIMIZERS,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  };
}

const temporaryDir = ({ path }: DuckdbOptions): string => `${path}.tmp`;

function isLocked(error: unknown): boolean {
  return /could not set lock on file/i.test(messageOf(error));
}
