// The connections for reading, few because each running query takes a thread of libuv's pool, which file
// writes need too: four DuckDB queries at once have stalled an fsync for seconds (docs/decisions/0010).

import type {
  DuckDBConnection,
  DuckDBInstance,
  DuckDBPreparedStatement,
  DuckDBValue,
} from '@duckdb/node-api';
import { STORE_LONG_READS_WAITING_MAX, STORE_READS_WAITING_MAX } from '../limits.ts';
import { StoreError } from './store.ts';

/** A connection and its prepared statements, used by one call at a time. */
export class Reader {
  readonly connection: DuckDBConnection;
  readonly #statements = new Map<string, DuckDBPreparedStatement>();

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** `sql` is one of few constant texts: its statement is kept for ever. */
  async statement(sql: string): Promise<DuckDBPreparedStatement> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = await this.connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The rows of a statement that is put together for one question, and not kept. */
  async ask(
    sql: string,
    bind: (statement: DuckDBPreparedStatement) => void,
  ): Promise<DuckDBValue[][]> {
    const statement = await this.connection.prepare(sql);
    try {
      bind(statement);
      return (await statement.runAndReadAll()).getRows();
    } finally {
      statement.destroySync();
    }
  }
}

export class ReaderPool {
  readonly #all: readonly Reader[];
  readonly #idle: Reader[];
  readonly #waiting: ((reader: Reader) => void)[] = [];
  /** The last of those who read alone. */
  #alone: Promise<unknown> = Promise.resolve();
  #waitingAlone = 0;

  private constructor(readers: readonly Reader[]) {
    this.#all = readers;
    this.#idle = [...readers];
  }

  static async open(instance: DuckDBInstance, size: number): Promise<ReaderPool> {
    const readers: Reader[] = [];
    for (let i = 0; i < size; i++) readers.push(new Reader(await instance.connect()));
    return new ReaderPool(readers);
  }

  /**
   * Waits for a reader in the order of the calls. Throws a retryable {@link StoreError} when too many wait.
   */
  async use<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const reader = this.#idle.pop() ?? (await this.#wait());
    try {
      return await work(reader);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(reader);
      else next(reader);
    }
  }

  /**
   * For work that may take seconds: one such at a time, so that a reader is left for all others. Ends early,
   * and rejects, when the signal says so. Throws a retryable {@link StoreError} when too many wait.
   */
  async useAlone<T>(
    work: (reader: Reader) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#waitingAlone >= STORE_LONG_READS_WAITING_MAX) {
      throw new StoreError('too many long reads wait for the store', true);
    }
    this.#waitingAlone++;
    const turn = this.#alone.then(() => this.use((reader) => endedBy(reader, signal, work)));
    this.#alone = turn.catch(() => undefined);
    return await turn.finally(() => this.#waitingAlone--);
  }

  close(): void {
    for (const reader of this.#all) reader.connection.closeSync();
  }

  #wait(): Promise<Reader> {
    if (this.#waiting.length >= STORE_READS_WAITING_MAX) {
      throw new StoreError('too many reads wait for the store', true);
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

async function endedBy<T>(
  reader: Reader,
  signal: AbortSignal | undefined,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw new StoreError('nobody waits for the answer any more', true);
  const interrupt = (): void => reader.connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  try {
    return await work(reader);
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}
