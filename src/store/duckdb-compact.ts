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
const MIB = 1024 * 1024;

const draftOf = (path: string): string => `${resolve(path)}.compact`;
const filesOf = (path: string): readonly string[] => [path, ...LOGS.map((log) => path + log)];
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
 * Copies all rows into the draft, durably. Nothing may be written meanwhile; reads go on. Throws a retryable
 * {@link StoreError} when the disk has not the room, `spareBytes` left over, or when the signal ends it.
 */
export async function writeDraft(
  instance: DuckDBInstance,
  path: string,
  signal: AbortSignal,
  spareBytes: number = DISK_FREE_BYTES_DEFAULT,
): Promise<void> {
  const connection = await instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    await connection.run('CHECKPOINT');
    const [name, bytes] = await nameAndSize(connection);
    await checkRoom(path, bytes, spareBytes);
    await connection.run(`ATTACH ${quoted(draftOf(path))} AS ${DRAFT}`);
    if (!signal.aborted) await connection.run(`COPY FROM DATABASE ${name} TO ${DRAFT}`);
    if (signal.aborted) throw new StoreError('making the store anew was interrupted', true);
    await connection.run(`CHECKPOINT ${DRAFT}`);
    await connection.run(`DETACH ${DRAFT}`);
    await chmod(draftOf(path), (await stat(path)).mode);
  } catch (error) {
    await connection.run(`DETACH DATABASE IF EXISTS ${DRAFT}`).catch(() => undefined);
    await removeDraft(path);
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
  }
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

/** How SQL names the open database, and what of its file is in use. */
async function nameAndSize(connection: DuckDBConnection): Promise<[name: string, bytes: number]> {
  const found = await connection.runAndReadAll(
    `SELECT database_name, block_size * used_blocks FROM pragma_database_size()
      WHERE database_name = current_database()`,
  );
  const [name, bytes] = found.getRows()[0] ?? [];
  return [`"${String(name).replaceAll('"', '""')}"`, Number(bytes)];
}

async function checkRoom(path: string, bytes: number, spareBytes: number): Promise<void> {
  const free = await realFileSystem.freeBytes(dirname(path));
  if (free >= bytes + spareBytes) return;
  const [needed, spare] = [bytes, spareBytes].map((size) => Math.ceil(size / MIB));
  throw new StoreError(
    `making ${path} anew needs ${needed} MiB on the disk, besides ${spare} MiB that stay free`,
    true,
  );
}
