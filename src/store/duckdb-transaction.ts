// One transaction of the embedded store: all of it, or nothing.

import type { DuckDBConnection } from '@duckdb/node-api';

export async function inTransaction<T>(
  connection: DuckDBConnection,
  work: () => Promise<T>,
): Promise<T> {
  await connection.run('BEGIN');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    // After a failed COMMIT there is no transaction to roll back; what failed first is what counts.
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
