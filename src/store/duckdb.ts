// The embedded store: the Store port on DuckDB, which scans and compresses columns and needs no server. One
// process has the file open; the schema and how it is laid out for speed are in duckdb-schema.ts.

import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { PixelMinted, Recorded } from '../hit/event.ts';
import { RECENT_HITS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { appendHits } from './duckdb-append.ts';
import { eraseCode, rememberErased } from './duckdb-erase.ts';
import { isFatal, storeError } from './duckdb-error.ts';
import { knownEvents } from './duckdb-known.ts';
import * as query from './duckdb-query.ts';
import { closeSession, type DuckdbOptions, openSession, type Session } from './duckdb-session.ts';
import { codeDigest } from './erased.ts';
import {
  type HitPage,
  type Load,
  type Pixel,
  type PixelHitsQuery,
  type Source,
  StoreError,
  type StoreTotals,
  type TraceableStore,
} from './store.ts';

/** Rejects with {@link StoreError}: the file is open elsewhere, is no store, or is a newer program's. */
export async function openDuckdb(options: DuckdbOptions, log: Logger): Promise<TraceableStore> {
  const store = new DuckdbStore(options, log);
  await store.progress();
  return store;
}

class DuckdbStore implements TraceableStore {
  readonly #options: DuckdbOptions;
  readonly #log: Logger;
  #session: Promise<Session> | null = null;
  #sorting: Promise<void> | null = null;
  /** Loads and erasures are done one after the other. */
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: DuckdbOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  progress(): Promise<string | null> {
    return this.#use(async ({ writer }) => {
      const found = await writer.runAndReadAll('SELECT text FROM progress');
      return (found.getRows()[0]?.[0] as string | undefined) ?? null;
    });
  }

  load({ hits, pixels, progress }: Load): Promise<void> {
    return this.#inTurn(async (session) => {
      const { writer, erased } = session;
      const kept = erased.without(hits);
      const writers = numberWriters(session.writers, kept);
      await writer.run('BEGIN');
      try {
        await insertWriters(writer, session.writers, writers);
        await appendHits(writer, kept, writers);
        await insertPixels(writer, erased.without(pixels));
        await writer.run('DELETE FROM progress');
        await writer.run('INSERT INTO progress VALUES ($1)', [progress]);
        await writer.run('COMMIT');
      } catch (error) {
        // After a failed COMMIT there is no transaction to roll back; what failed first is what counts.
        await writer.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
      session.writers = writers;
      session.recent += kept.length;
      const recentHitsMax = this.#options.recentHitsMax ?? RECENT_HITS_MAX;
      if (session.recent >= recentHitsMax) this.#sorting ??= this.#sort();
    });
  }

  known(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    return this.#use((session) =>
      session.readers.use((reader) => knownEvents(reader, session.writers, events)),
    );
  }

  erasePixel(code: string): Promise<void> {
    return this.#inTurn(async (session) => {
      // Rows that are being moved cannot be deleted.
      await this.#sorting;
      session.recent -= await eraseCode(session.writer, code);
      session.erased.add(codeDigest(code));
    });
  }

  pixel(code: string): Promise<Pixel | null> {
    return this.#read(query.PIXEL, (statement) => statement.bindVarchar(1, code)).then(([row]) =>
      row === undefined ? null : { code, createdAt: Number(row[1]) },
    );
  }

  async countOpens(code: string): Promise<number> {
    const rows = await this.#read(query.COUNT_OPENS, (statement) =>
      query.bindCode(statement, code),
    );
    return Number(rows[0]?.[0]);
  }

  async pixelHits({ code, limit, before }: PixelHitsQuery): Promise<HitPage> {
    // One more than asked for tells whether there is a page before this one.
    const rows = await this.#read(
      before === null ? query.NEWEST_HITS : query.HITS_BEFORE,
      (statement) => {
        query.bindCode(statement, code);
        query.bindLimit(statement, limit + 1);
        if (before !== null) query.bindPlace(statement, before);
      },
    );
    const hits = rows.slice(0, limit).map(query.toHit).toReversed();
    const oldest = hits[0];
    const more = rows.length > limit && oldest !== undefined;
    return { hits, next: more ? query.placeOf(oldest) : null };
  }

  async totals(): Promise<StoreTotals> {
    const rows = await this.#read(query.TOTALS, () => undefined);
    const [pixels, opens, visits] = (rows[0] ?? []).map(Number);
    return { pixels: pixels ?? 0, opens: opens ?? 0, visits: visits ?? 0 };
  }

  async sources(): Promise<readonly Source[]> {
    return (await this.#read(query.SOURCES, () => undefined)).map(query.toSource);
  }

  async erasures(): Promise<readonly string[]> {
    return await this.#use(async ({ erased }) => erased.digests);
  }

  adoptErasures(digests: readonly string[]): Promise<void> {
    return this.#inTurn(async ({ writer, erased }) => {
      await rememberErased(writer, digests);
      for (const digest of digests) erased.add(digest);
    });
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      await this.#sorting;
      const session = await this.#session?.catch(() => null);
      if (session) this.#retire(session);
      else this.#ended.resolve();
    }
    await this.#ended.promise;
  }

  #read(sql: string, bind: (statement: DuckDBPreparedStatement) => void): Promise<DuckDBValue[][]> {
    return this.#use(({ readers }) =>
      readers.use(async (reader) => {
        const statement = await reader.statement(sql);
        bind(statement);
        return (await statement.runAndReadAll()).getRows();
      }),
    );
  }

  /** Moves the recent hits to the sorted ones beside the loads: DuckDB's snapshots keep the two apart. */
  async #sort(): Promise<void> {
    try {
      await this.#use((session) =>
        session.readers.use(async ({ connection }) => {
          await connection.run('BEGIN');
          try {
            await connection.run(query.SORT_RECENT);
            const deleted = await connection.run('DELETE FROM hits_recent');
            await connection.run('COMMIT');
            session.recent -= deleted.rowsChanged;
          } catch (error) {
            await connection.run('ROLLBACK').catch(() => undefined);
            throw error;
          }
        }),
      );
    } catch (error) {
      this.#log.warn(
        { err: error },
        'sorting recent hits failed; it is tried again after the next load',
      );
    } finally {
      this.#sorting = null;
    }
  }

  #inTurn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const done = this.#writing.then(() => this.#use(work));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Runs one call on the open session, opened again when DuckDB gave the last one up. */
  async #use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('the store is closed', false);
    this.#session ??= openSession(this.#options);
    const opening = this.#session;
    let session: Session;
    try {
      session = await opening;
    } catch (error) {
      if (this.#session === opening) this.#session = null;
      throw storeError(error);
    }
    session.users++;
    try {
      return await work(session);
    } catch (error) {
      if (isFatal(error)) session.broken = true;
      throw storeError(error);
    } finally {
      session.users--;
      if (session.broken || this.#closed) this.#retire(session);
    }
  }

  /**
   * Closes a session once nobody uses it. Until then calls go to it and fail, as its file cannot be shared.
   */
  #retire(session: Session): void {
    if (session.users > 0) return;
    if (this.#session === null) return;
    this.#session = null;
    closeSession(session);
    if (this.#closed) this.#ended.resolve();
  }
}

/** `known` and a number for each writer that the load brings along. */
function numberWriters(
  known: ReadonlyMap<string, number>,
  hits: Load['hits'],
): ReadonlyMap<string, number> {
  let numbers: Map<string, number> | null = null;
  for (const { id } of hits) {
    if ((numbers ?? known).has(id.writer)) continue;
    numbers ??= new Map(known);
    numbers.set(id.writer, numbers.size + 1);
  }
  return numbers ?? known;
}

async function insertWriters(
  connection: DuckDBConnection,
  known: ReadonlyMap<string, number>,
  writers: ReadonlyMap<string, number>,
): Promise<void> {
  if (writers === known) return;
  for (const [writer, number] of writers) {
    if (!known.has(writer)) {
      await connection.run('INSERT INTO writers VALUES ($1, $2)', [number, writer]);
    }
  }
}

/** A pixel that was minted twice keeps its earlier time, in whichever order the two arrive. */
async function insertPixels(
  connection: DuckDBConnection,
  pixels: readonly Recorded<PixelMinted>[],
): Promise<void> {
  if (pixels.length === 0) return;
  const minted = new Map<string, bigint>();
  for (const { event } of pixels) {
    const at = BigInt(event.at);
    const earlier = minted.get(event.code);
    if (earlier === undefined || at < earlier) minted.set(event.code, at);
  }
  await connection.run(
    query.INSERT_PIXELS,
    { codes: listValue([...minted.keys()]), times: listValue([...minted.values()]) },
    { codes: LIST(VARCHAR), times: LIST(BIGINT) },
  );
}
