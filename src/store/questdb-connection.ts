// Queries to QuestDB over the PostgreSQL wire protocol: a few connections, bounded in number, in time and
// in how many may wait, with every value as the text that the server sent (a Date would lose the
// microseconds).

import pg from 'pg';
import {
  QUESTDB_CONNECT_MS_MAX,
  QUESTDB_QUERY_MS_MAX,
  STORE_READS_WAITING_MAX,
} from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { questdbError } from './questdb-error.ts';
import { StoreError } from './store.ts';

export type Row = readonly (string | null)[];

export class Connections {
  readonly #pool: pg.Pool;

  constructor(connString: string, size: number, log: Logger) {
    this.#pool = new pg.Pool({
      connectionString: connString,
      max: size,
      connectionTimeoutMillis: QUESTDB_CONNECT_MS_MAX,
      query_timeout: QUESTDB_QUERY_MS_MAX,
      keepAlive: true,
      types: { getTypeParser: () => (text: string) => text },
    });
    // An idle connection that the server ends is made anew by the next query, which tells when it cannot
    // be.
    this.#pool.on('error', (error) => log.debug({ err: error }, 'a connection to QuestDB ended'));
  }

  /** `parameters` stand for `$1`, `$2` …. Throws {@link StoreError}. */
  async query(sql: string, parameters: readonly (string | number)[] = []): Promise<Row[]> {
    if (this.#pool.waitingCount >= STORE_READS_WAITING_MAX) {
      throw new StoreError('too many reads wait for the store', true);
    }
    try {
      const result = await this.#pool.query<(string | null)[]>({
        text: sql,
        values: [...parameters],
        rowMode: 'array',
      });
      return result.rows;
    } catch (error) {
      throw questdbError(error);
    }
  }

  /** Waits for the queries under way. */
  async close(): Promise<void> {
    await this.#pool.end();
  }
}
