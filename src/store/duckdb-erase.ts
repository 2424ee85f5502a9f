// Taking hits out of the embedded store: those of an erased pixel, which is remembered, of an address, or of
// times long past. The file's blocks in which the rows lay are used again later; until then their bytes may
// still be on the disk (docs/decisions).

import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBValue,
  LIST,
  listValue,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { codeKey } from './duckdb-append.ts';
import { IS_CODE } from './duckdb-query.ts';
import { forgetTally } from './duckdb-tally.ts';
import { codeDigest, digestParts, ErasedCodes } from './erased.ts';

/** How many hits are gone from each of the two tables. */
export interface Removed {
  readonly sorted: number;
  readonly recent: number;
}

const REMEMBER = 'INSERT INTO erased SELECT unnest($digests), now() ON CONFLICT DO NOTHING';

/**
 * The codes of which only the digests are known. A digest begins with the code_key, so that few hits have to
 * be hashed.
 */
const CODES = `SELECT DISTINCT code FROM (
    SELECT code FROM hits_sorted WHERE code_key IN (SELECT unnest($keys))
    UNION ALL SELECT code FROM hits_recent WHERE code_key IN (SELECT unnest($keys))
    UNION ALL SELECT code FROM pixels
    UNION ALL SELECT code FROM claims WHERE code IS NOT NULL)
  WHERE left(sha256(code), 32) IN (SELECT unnest($hashes))`;

/** Forgets pixels and remembers that, within the connection's transaction. */
export async function eraseCodes(
  connection: DuckDBConnection,
  codes: readonly string[],
): Promise<Removed> {
  await rememberErased(connection, codes.map(codeDigest));
  let removed: Removed = { sorted: 0, recent: 0 };
  for (const code of codes) {
    const gone = await removeHits(connection, IS_CODE, { key: codeKey(code), code });
    removed = { sorted: removed.sorted + gone.sorted, recent: removed.recent + gone.recent };
    await connection.run('DELETE FROM pixels WHERE code = $1', [code]);
    await connection.run('DELETE FROM claims WHERE code = $1', [code]);
  }
  return removed;
}

/** The same for pixels of which only the digest is known, as their codes are not to be named any more. */
export async function eraseDigests(
  connection: DuckDBConnection,
  digests: readonly string[],
): Promise<Removed> {
  await rememberErased(connection, digests);
  const parts = digests.map(digestParts);
  const keys = listValue(parts.map(({ check }) => check));
  const hashes = listValue(parts.map(({ hash }) => hash));
  const types = { keys: LIST(UINTEGER), hashes: LIST(VARCHAR) };
  const found = await connection.runAndReadAll(CODES, { keys, hashes }, types);
  const asked = new ErasedCodes(digests);
  const codes = found.getRows().map(([code]) => String(code));
  return eraseCodes(
    connection,
    codes.filter((code) => asked.has(code)),
  );
}

export async function eraseAddress(
  connection: DuckDBConnection,
  address: string,
): Promise<Removed> {
  return removeHits(connection, 'address = $address', { address });
}

export async function expireHits(connection: DuckDBConnection, before: number): Promise<Removed> {
  const time = { before: BigInt(before) };
  await connection.run('DELETE FROM claims WHERE hit_at < make_timestamp($before)', time, {
    before: BIGINT,
  });
  return removeHits(connection, 'occurred_at < make_timestamp($before::BIGINT)', time);
}

async function removeHits(
  connection: DuckDBConnection,
  condition: string,
  parameters: Record<string, DuckDBValue>,
): Promise<Removed> {
  await forgetTally(connection);
  const from = async (table: string): Promise<number> =>
    (await connection.run(`DELETE FROM ${table} WHERE ${condition}`, parameters)).rowsChanged;
  return { sorted: await from('hits_sorted'), recent: await from('hits_recent') };
}

export async function rememberErased(
  connection: DuckDBConnection,
  digests: readonly string[],
): Promise<void> {
  if (digests.length === 0) return;
  await connection.run(REMEMBER, { digests: listValue(digests) }, { digests: LIST(VARCHAR) });
}

export async function readErased(connection: DuckDBConnection): Promise<ErasedCodes> {
  const rows = await connection.runAndReadAll('SELECT digest FROM erased');
  return new ErasedCodes(rows.getRows().map(([digest]) => String(digest)));
}
