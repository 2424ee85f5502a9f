// Taking one pixel out of the embedded store, and remembering that it was. The file's blocks in which the
// rows lay are used again later; until then their bytes may still be on the disk (docs/decisions).

import { type DuckDBConnection, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { codeDigest, ErasedCodes } from './erased.ts';
import { DELETE_HITS, DELETE_PIXEL, INSERT_ERASED } from './duckdb-query.ts';
import { codeKey } from './duckdb-append.ts';

/** In one transaction. Returns how many of the recent hits are gone. */
export async function eraseCode(connection: DuckDBConnection, code: string): Promise<number> {
  await connection.run('BEGIN');
  try {
    await rememberErased(connection, [codeDigest(code)]);
    const parameters = { key: codeKey(code), code };
    await connection.run(DELETE_HITS.sorted, parameters);
    const recent = await connection.run(DELETE_HITS.recent, parameters);
    await connection.run(DELETE_PIXEL, { code });
    await connection.run('COMMIT');
    return recent.rowsChanged;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

export async function rememberErased(
  connection: DuckDBConnection,
  digests: readonly string[],
): Promise<void> {
  await connection.run(INSERT_ERASED, { digests: listValue(digests) }, { digests: LIST(VARCHAR) });
}

export async function readErased(connection: DuckDBConnection): Promise<ErasedCodes> {
  const rows = await connection.runAndReadAll('SELECT digest FROM erased');
  return new ErasedCodes(rows.getRows().map(([digest]) => String(digest)));
}
