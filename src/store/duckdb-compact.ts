// Making the embedded store's file anew without what was erased. DuckDB only marks deleted rows, and their
// bytes stay in its blocks: so all rows that are left are copied into a draft beside the file, which takes
// the file's place.
//
//   store.duckdb.compact   the draft, only while it is made; one that a crash left goes at the next opening
//
// Until the rename the old file is the store, and after it the draft is, which DuckDB has made durable by
// then. The old file's log is empty and gone before, as it would be taken for the draft's.

import { chmod, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { realFileSystem } from '../journal/filesystem.ts';
import { DISK_FREE_BYTES_DEFAULT } from '../limits.ts';
import { StoreError } from './store.ts';

const DRAFT = 'truepixel_draft';
/** What DuckDB may have beside a file that it writes. */
const LOGS = ['.wal', '.wal.checkpoint', '.wal.recovery'];
const SORTED = 'hits_sorted';
const TABLES = `SELECT table_name FROM duckdb_tables()
  WHERE database_name = current_database() AND NOT temporary ORDER BY table_name`;
const MIB = 1024 * 1024;

const draftOf = (path: string): string => `${resolve(path)}.compact`;
const filesOf = (path: string): readonly string[] => [path, ...LOGS.map((log) => path + log)];
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Shuts everything off but what a draft needs, for good. */
export async function lockDown(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run(`SET allowed_paths = [${filesOf(draftOf(path)).map(quoted).join(', ')}]`);
  // No query of ours needs another file or the network, so none can be talked into using one.
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

/** The store is open, so that whoever left a draft has ended. */
export async function removeDraft(path: string): Promise<void> {
  for (const file of filesOf(draftOf(path))) await rm(file, { force: true });
}

/**
 * Begins a draft with the sorted hits, which are nearly all of a large store. Loads may go on if they
 * change none of those. Throws a retryable {@link StoreError} when the disk has not the room, `spareBytes`
 * left over, or when the signal ends it.
 */
export async function beginDraft(
  instance: DuckDBInstance,
  path: string,
  signal: AbortSignal,
  spareBytes: number = DISK_FREE_BYTES_DEFAULT,
): Promise<void> {
  await checkRoom(path, spareBytes);
  await drafting(instance, path, signal, async (connection) => {
    // Of one that was begun and not completed.
    await connection.run(`DETACH DATABASE IF EXISTS ${DRAFT}`);
    await removeDraft(path);
    await connection.run(`ATTACH ${quoted(draftOf(path))} AS ${DRAFT}`);
    const [name = ''] = await column(connection, 'SELECT current_database()');
    await connection.run(`COPY FROM DATABASE ${identifier(name)} TO ${DRAFT} (SCHEMA)`);
    await copy(connection, SORTED, signal);
  });
}

/** Copies the other tables and makes the draft durable. Nothing may be written meanwhile; reads go on. */
export async function completeDraft(
  instance: DuckDBInstance,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await drafting(instance, path, signal, async (connection) => {
    for (const table of await column(connection, TABLES)) {
      if (table !== SORTED) await copy(connection, table, signal);
    }
    await connection.run(`CHECKPOINT ${DRAFT}`);
    await connection.run(`DETACH ${DRAFT}`);
    await chmod(draftOf(path), (await stat(path)).mode);
    // So that closing has nothing left to write, for which everything would have to wait.
    await connection.run('CHECKPOINT');
  });
}

async function drafting(
  instance: DuckDBInstance,
  path: string,
  signal: AbortSignal,
  work: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const connection = await instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    await work(connection);
  } catch (error) {
    await connection.run(`DETACH DATABASE IF EXISTS ${DRAFT}`).catch(() => undefined);
    await removeDraft(path);
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
  }
}

async function copy(
  connection: DuckDBConnection,
  table: string,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw new StoreError('making the store anew was interrupted', true);
  const name = identifier(table);
  await connection.run(`INSERT INTO ${DRAFT}.${name} SELECT * FROM ${name}`);
}

/** The store is closed. Durable once this resolves; when it rejects, one of the two is in the place. */
export async function takePlace(path: string): Promise<void> {
  for (const log of LOGS) {
    for (const file of [path, draftOf(path)]) {
      if ((await realFileSystem.stat(file + log)) === null) continue;
      throw new StoreError(`${file}${log} is not written into its file yet`, true);
    }
  }
  await realFileSystem.rename(draftOf(path), path);
  await realFileSystem.syncDir(dirname(path));
}

async function column(connection: DuckDBConnection, sql: string): Promise<string[]> {
  return (await connection.runAndReadAll(sql)).getRows().map(([value]) => String(value));
}

/** The draft is hardly longer than what the store has now. */
async function checkRoom(path: string, spareBytes: number): Promise<void> {
  let bytes = 0;
  for (const file of filesOf(path)) bytes += (await realFileSystem.stat(file))?.size ?? 0;
  const free = await realFileSystem.freeBytes(dirname(path));
  if (free >= bytes + spareBytes) return;
  const [needed, spare] = [bytes, spareBytes].map((size) => Math.ceil(size / MIB));
  throw new StoreError(
    `making ${path} anew needs ${needed} MiB on the disk, besides ${spare} MiB that stay free`,
    true,
  );
}
