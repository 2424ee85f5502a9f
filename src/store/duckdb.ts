// The embedded store: the Store port on DuckDB, which scans and compresses columns and needs no server. One
// process has the file open; the schema and how it is laid out for speed are in duckdb-schema.ts.

import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBValue,
} from '@duckdb/node-api';
import { type JudgedHit, parseEventId, type Recorded } from '../hit/event.ts';
import { RECENT_HITS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { beginDraft, completeDraft, takePlace } from './duckdb-compact.ts';
import { COUNTS, toCounts } from './duckdb-counts.ts';
import {
  eraseAddress,
  eraseCodes,
  expireHits,
  rememberErased,
  type Removed,
} from './duckdb-erase.ts';
import { readHits } from './duckdb-hits.ts';
import { listCampaigns } from './duckdb-campaigns.ts';
import { knownEvents } from './duckdb-known.ts';
import { listPixels } from './duckdb-listing.ts';
import { changesHits, loadInto } from './duckdb-load.ts';
import {
  MODES_SET,
  PIXEL,
  PIXELS_OF,
  readNames,
  readPixels,
  readSentTimes,
  toModes,
  toPixel,
} from './duckdb-pixels.ts';
import * as query from './duckdb-query.ts';
import { rejudgeHits, UNJUDGED } from './duckdb-rejudge.ts';
import type { Reader } from './duckdb-readers.ts';
import { placeOf, toHit, toSource } from './duckdb-rows.ts';
import type { DuckdbOptions, Session } from './duckdb-session.ts';
import { readStatistics } from './duckdb-statistics.ts';
import { Sessions } from './duckdb-sessions.ts';
import { disturb, Tallying } from './duckdb-tallying.ts';
import { inTransaction } from './duckdb-transaction.ts';
import { codeDigest } from './erased.ts';
import type { CampaignPage, CampaignsQuery, PixelPage, PixelsQuery } from './listing.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';
import { spanOf } from './statistics-looks.ts';
import {
  type Counts,
  type HitPage,
  type HitsQuery,
  type Load,
  type Modes,
  type Pixel,
  type PixelHitsQuery,
  type PixelNames,
  type Source,
  type StoreTotals,
  type TraceableStore,
} from './store.ts';

const MICROS_PER_SECOND = 1e6;

/** A draft of the file, and how far its sorted hits are those of the store. */
interface Begun {
  readonly session: Session;
  readonly changes: number;
}

/** Rejects with {@link StoreError}: the file is open elsewhere, is no store, or is a newer program's. */
export async function openDuckdb(options: DuckdbOptions, log: Logger): Promise<TraceableStore> {
  const store = new DuckdbStore(options, log);
  await store.start();
  return store;
}

class DuckdbStore implements TraceableStore {
  readonly #options: DuckdbOptions;
  readonly #log: Logger;
  readonly #sessions: Sessions;
  readonly #tallying: Tallying;
  #sorting: Promise<void> | null = null;
  /** Loads, erasures and what else writes are done one after the other. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: DuckdbOptions, log: Logger) {
    this.#options = options;
    this.#sessions = new Sessions(options);
    this.#log = log;
    this.#tallying = new Tallying(
      {
        reading: (work) =>
          this.#sessions.use((session) => session.readers.use((reader) => work(reader, session))),
        inTurn: (work) => this.#inTurn(work),
      },
      options.tallyPace ?? {},
      log,
    );
  }

  /** Opens the file, and has counted beforehand what an older program or a rebuild left uncounted. */
  start(): Promise<void> {
    return this.#sessions.use(async (session) => this.#tallying.loaded(session, 0));
  }

  progress(): Promise<string | null> {
    return this.#sessions.use(async ({ writer }) => {
      const found = await writer.runAndReadAll('SELECT text FROM progress');
      return (found.getRows()[0]?.[0] as string | undefined) ?? null;
    });
  }

  load(load: Load): Promise<void> {
    return this.#inTurn(async (session) => {
      if (changesHits(load.notes)) await this.#changing(session, () => loadInto(session, load));
      else await loadInto(session, load);
      this.#tallying.loaded(session, load.hits.length);
      const recentHitsMax = this.#options.recentHitsMax ?? RECENT_HITS_MAX;
      if (session.recent >= recentHitsMax) this.#sorting ??= this.#sort();
    });
  }

  known(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    return this.#sessions.use((session) =>
      session.readers.use((reader) => knownEvents(reader, session.writers, events)),
    );
  }

  async erasePixel(code: string): Promise<void> {
    await this.#remove((writer) => eraseCodes(writer, [code]), codeDigest(code));
  }

  async eraseAddress(address: string): Promise<number> {
    // Hits whose address is not kept have none, and are not one client's.
    return address === '' ? 0 : this.#remove((writer) => eraseAddress(writer, address));
  }

  expireHits(before: number): Promise<number> {
    return this.#remove((writer) => expireHits(writer, before));
  }

  async pixelsOf(recipient: string): Promise<readonly string[]> {
    const rows = await this.#read(PIXELS_OF, (statement) => statement.bindVarchar(1, recipient));
    return rows.map(([code]) => String(code));
  }

  async modes(): Promise<Modes> {
    const pixels = toModes(await this.#read(MODES_SET, () => undefined));
    return { pixels, erased: await this.erasures() };
  }

  sentTimes(codes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#sessions.use(async (session) => {
      if (!session.sentTimes || codes.length === 0) return new Map();
      return await session.readers.use((reader) => readSentTimes(reader, codes));
    });
  }

  async pixel(code: string): Promise<Pixel | null> {
    const [row] = await this.#read(PIXEL, (statement) => statement.bindVarchar(1, code));
    return row === undefined ? null : toPixel(code, row);
  }

  async pixelsByCode(codes: readonly string[]): Promise<ReadonlyMap<string, Pixel>> {
    if (codes.length === 0) return new Map();
    return await this.#reading((reader) => readPixels(reader, codes));
  }

  erasedOf(codes: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#sessions.use(
      async ({ erased }) => new Set(codes.filter((code) => erased.has(code))),
    );
  }

  pixels(asked: PixelsQuery): Promise<PixelPage> {
    return this.#reading((reader) => listPixels(reader, asked));
  }

  campaigns(asked: CampaignsQuery): Promise<CampaignPage> {
    return this.#reading((reader) => listCampaigns(reader, asked));
  }

  async countOpens(code: string): Promise<number> {
    const rows = await this.#read(query.COUNT_OPENS, (statement) =>
      query.bindCode(statement, code),
    );
    return Number(rows[0]?.[0]);
  }

  async counts(code: string, repeatSeconds: number): Promise<Counts> {
    const [row] = await this.#read(COUNTS, (statement) => {
      query.bindCode(statement, code);
      const window = BigInt(Math.round(repeatSeconds * MICROS_PER_SECOND));
      statement.bindBigInt(statement.parameterIndex('window'), window);
    });
    return toCounts(row ?? []);
  }

  statistics(request: StatisticsRequest, signal?: AbortSignal): Promise<Statistics> {
    return this.#sessions.use(async (session) => {
      const { statistics, isTallied } = await session.readers.useAlone(
        (reader) => readStatistics(reader, request, signal),
        signal,
      );
      this.#log.debug({ isTallied }, 'statistics were asked for');
      this.#tallying.asked(session, spanOf(request).window);
      return statistics;
    });
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
    const hits = rows.slice(0, limit).map(toHit).toReversed();
    const oldest = hits[0];
    const more = rows.length > limit && oldest !== undefined;
    return { hits, next: more ? placeOf(oldest) : null };
  }

  hits(asked: HitsQuery): Promise<HitPage> {
    return this.#sessions.use(({ readers }) => readers.use((reader) => readHits(reader, asked)));
  }

  names(codes: readonly string[]): Promise<ReadonlyMap<string, PixelNames>> {
    return this.#sessions.use(({ readers }) => readers.use((reader) => readNames(reader, codes)));
  }

  async hit(code: string, id: string): Promise<JudgedHit | null> {
    const eventId = parseEventId(id);
    if (eventId === null) return null;
    const [row] = await this.#read(query.ONE_HIT, (statement) => {
      query.bindCode(statement, code);
      query.bindId(statement, eventId);
    });
    return row === undefined ? null : toHit(row);
  }

  async totals(): Promise<StoreTotals> {
    const rows = await this.#read(query.TOTALS, () => undefined);
    const [pixels, opens, visits] = (rows[0] ?? []).map(Number);
    return { pixels: pixels ?? 0, opens: opens ?? 0, visits: visits ?? 0 };
  }

  rejudge(hits: readonly JudgedHit[]): Promise<void> {
    return this.#inTurn(async (session) => {
      const { writer, writers } = session;
      const work = (): Promise<void> => rejudgeHits(writer, hits, writers);
      await this.#changing(session, () => inTransaction(writer, work));
    });
  }

  async hasUnjudged(): Promise<boolean> {
    return (await this.#read(UNJUDGED, () => undefined)).length > 0;
  }

  async sources(): Promise<readonly Source[]> {
    return (await this.#read(query.SOURCES, () => undefined)).map(toSource);
  }

  async erasures(): Promise<readonly string[]> {
    return await this.#sessions.use(async ({ erased }) => erased.digests);
  }

  adoptErasures(digests: readonly string[]): Promise<void> {
    return this.#inTurn(async ({ writer, erased }) => {
      await rememberErased(writer, digests);
      for (const digest of digests) erased.add(digest);
    });
  }

  async compact(signal: AbortSignal): Promise<void> {
    // What is read in a transaction while hits change keeps DuckDB from writing its log into the file.
    await this.#tallying.pause();
    try {
      await this.#makeAnew(signal);
    } finally {
      this.#tallying.resume();
    }
  }

  async #makeAnew(signal: AbortSignal): Promise<void> {
    const { path, spareBytes } = this.#options;
    const begin = async (session: Session): Promise<Begun> => {
      await this.#sorting;
      const { changes } = session;
      await beginDraft(session.instance, path, signal, spareBytes);
      return { session, changes };
    };
    const begun = await this.#sessions.use(begin);
    const complete = async (session: Session): Promise<void> => {
      await this.#sorting;
      if (begun.session !== session || begun.changes !== session.changes) await begin(session);
      await completeDraft(session.instance, path, signal);
    };
    await this.#next(() => this.#sessions.exchange(complete, () => takePlace(path)));
  }

  async close(): Promise<void> {
    await this.#tallying.pause();
    await this.#sorting;
    await this.#sessions.close();
  }

  /** Returns how many hits are gone. */
  #remove(work: (writer: DuckDBConnection) => Promise<Removed>, digest?: string): Promise<number> {
    return this.#inTurn(async (session) => {
      const { writer } = session;
      const { sorted, recent } = await this.#changing(session, () =>
        inTransaction(writer, () => work(writer)),
      );
      session.recent -= recent;
      if (digest !== undefined) session.erased.add(digest);
      return sorted + recent;
    });
  }

  #read(sql: string, bind: (statement: DuckDBPreparedStatement) => void): Promise<DuckDBValue[][]> {
    return this.#reading(async (reader) => {
      const statement = await reader.statement(sql);
      bind(statement);
      return (await statement.runAndReadAll()).getRows();
    });
  }

  #reading<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#sessions.use(({ readers }) => readers.use(work));
  }

  /** Moves the recent hits to the sorted ones beside the loads: DuckDB's snapshots keep the two apart. */
  async #sort(): Promise<void> {
    try {
      await this.#sessions.use((session) =>
        session.readers.use(async ({ connection }) => {
          const moved = inTransaction(connection, async () => {
            await connection.run(query.SORT_RECENT);
            return connection.run('DELETE FROM hits_recent');
          });
          const { rowsChanged } = await moved.finally(() => session.changes++);
          session.recent -= rowsChanged;
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

  /** Rows that are being moved cannot be changed or deleted. */
  async #changing<T>(session: Session, work: () => Promise<T>): Promise<T> {
    await this.#sorting;
    try {
      return await work();
    } finally {
      disturb(session.tally);
      session.changes++;
    }
  }

  #inTurn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#next(() => this.#sessions.use(work));
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}
