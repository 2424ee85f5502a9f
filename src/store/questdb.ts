// QuestDB as the store, for those who have one and for more hits than one machine's file should hold. It
// has no transactions over tables: a load writes its events, waits until they can be read, and only then
// writes its progress. A process that dies in between loads the same events again, which changes nothing
// (questdb-schema.ts).

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMicros } from '../hit/clock.ts';
import type { JudgedHit, Recorded } from '../hit/event.ts';
import { QUESTDB_READS_MAX, QUESTDB_SWEEP_WAIT_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { codeDigest } from './erased.ts';
import {
  type CampaignPage,
  type CampaignsQuery,
  NO_COUNTS,
  type PixelPage,
  type PixelsQuery,
} from './listing.ts';
import { shown } from './questdb-applied.ts';
import { listCampaigns } from './questdb-campaigns.ts';
import { Catalogue } from './questdb-catalogue.ts';
import { Connections } from './questdb-connection.ts';
import { Erasures } from './questdb-erasures.ts';
import { readHits } from './questdb-hits.ts';
import { knownEvents } from './questdb-known.ts';
import { Ilp } from './questdb-ilp.ts';
import { listPixels } from './questdb-listing.ts';
import { type Doors, writeEvents, writeJudgements } from './questdb-load.ts';
import { progressLine } from './questdb-lines.ts';
import { readModes, readNames, readPixelsOf, readSentTimes } from './questdb-notes.ts';
import * as query from './questdb-query.ts';
import * as reads from './questdb-reads.ts';
import { expire, redactAddress, redactPixel } from './questdb-redact.ts';
import { rowTime, timeText } from './questdb-row.ts';
import { checkDoors, checkServer, createTables } from './questdb-schema.ts';
import { needsCatalogue, readStatistics } from './questdb-statistics.ts';
import { Sweep } from './questdb-sweep.ts';
import { ERASED, PROGRESS, SCHEMA, STARTS } from './questdb-tables.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';
import {
  type Counts,
  type ErasureKeeper,
  type HitPage,
  type HitsQuery,
  type Load,
  type Modes,
  type Pixel,
  type PixelHitsQuery,
  type PixelNames,
  type Store,
  StoreError,
  type StoreTotals,
} from './store.ts';

export interface QuestdbOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly connString: string;
  /** Where writes go when not to port 9000 of the same host. */
  readonly ilpUrl: string | null;
  /** Whose progress is kept: several installations may write into one QuestDB. */
  readonly installation: string;
}

/**
 * Rows of one installation's progress. A write that comes late, of a load long given up, spoils only its
 * own.
 */
const PROGRESS_ROWS = 64;

const DAY_MICROS = 86_400_000_000;

/** Rejects with {@link StoreError} in one clear sentence; a server that is refused is left as it was. */
export async function openQuestdb(options: QuestdbOptions, log: Logger): Promise<QuestdbStore> {
  const { connString, ilpUrl, installation } = options;
  const ilp = new Ilp(connString, ilpUrl, log);
  const writes = new Connections(connString, 1, log);
  const reads = new Connections(connString, QUESTDB_READS_MAX, log);
  const sweep = new Sweep(reads, log);
  const erasures = new Erasures(writes, (digests) => sweep.learn(digests));
  const store = new QuestdbStore({ reads, writes, ilp, erasures, sweep }, installation, log);
  try {
    await checkServer(writes);
    await checkDoors(writes, ilp);
    await createTables(writes);
    await store.start();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

interface Written {
  readonly turn: number;
  readonly isSignedIn: boolean;
  readonly tables: number;
}

interface Parts extends Doors {
  readonly reads: Connections;
  /** A connection of its own, so that loads never wait for queries. */
  readonly writes: Connections;
  readonly sweep: Sweep;
}

class QuestdbStore implements Store, ErasureKeeper {
  readonly #parts: Parts;
  readonly #installation: string;
  readonly #log: Logger;
  /** This start, as truepixel_starts has it. */
  readonly #nonce = randomUUID();
  /** The number of the last row of progress that was written, or tried to. */
  #turn = 0;
  /** The same of the last one that the server certainly had. */
  #kept = 0;
  /** Another number once a table was made again; null before it was looked at. */
  #tables: number | null = null;
  #hasOddTimes = false;
  /** Writes are done one after the other. */
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #catalogue: Catalogue;

  constructor(parts: Parts, installation: string, log: Logger) {
    this.#parts = parts;
    const inTurn = (work: () => Promise<void>): Promise<void> => this.#inTurn(work);
    this.#catalogue = new Catalogue({ reads: parts.reads, ilp: parts.ilp, log, inTurn });
    this.#installation = installation;
    this.#log = log;
  }

  /** Tells the server of this start, which also proves that this user may write. */
  async start(): Promise<void> {
    await this.#signIn(this.#parts);
    await this.#parts.erasures.refresh();
    await this.progress();
    // All of them are due at first: a crash may have cut an erasure short.
    void this.#parts.sweep.run();
    void this.#catalogue.mend();
  }

  async #signIn({ writes }: Parts): Promise<void> {
    const now = nowMicros();
    const day = timeText(now - (now % DAY_MICROS));
    await writes.query(query.INSERT_START, [day, this.#installation, SCHEMA, this.#nonce]);
    await shown(writes, [STARTS]);
  }

  async progress(): Promise<string | null> {
    const text = await this.#inTurn(async (parts) => {
      const { writes } = parts;
      await shown(writes, [PROGRESS, STARTS]);
      const { isSignedIn, tables } = await this.#written(parts);
      const [row] = await writes.query(query.PROGRESS_ROW, [this.#installation]);
      const turn = Number(row?.[0] ?? 0);
      if (turn < this.#kept || tables !== (this.#tables ?? tables)) {
        this.#tellLoss(turn);
        parts.ilp.renew();
      }
      this.#kept = turn;
      this.#tables = tables;
      this.#turn = Math.max(this.#turn, turn);
      if (!isSignedIn) await this.#signIn(parts);
      return row?.[1] ?? null;
    });
    void this.#parts.sweep.run();
    return text;
  }

  async load({ hits, notes, progress }: Load): Promise<void> {
    this.#tellOddTimes(hits);
    await this.#sweeping(() =>
      this.#inTurn(async (parts) => await writeEvents(parts, { hits, notes })),
    );
    await this.#inTurn(async (parts) => {
      await this.#refuseLess(parts);
      const turn = ++this.#turn;
      const row = { installation: this.#installation, turn, place: turn % PROGRESS_ROWS };
      await parts.ilp.send(progressLine({ ...row, text: progress }));
      this.#kept = turn;
    });
  }

  /** When a write learned of erasures, their rows are gone afterwards, or soon: loads wait for no more. */
  async #sweeping(write: () => Promise<void>): Promise<void> {
    const { sweep } = this.#parts;
    const { learned } = sweep;
    await write();
    const swept = sweep.run();
    if (sweep.learned === learned) return;
    const ending = new AbortController();
    const { signal } = ending;
    const enough = sleep(QUESTDB_SWEEP_WAIT_MS, null, { signal }).catch(() => undefined);
    await Promise.race([swept, enough]);
    ending.abort();
  }

  async #written({ writes }: Parts): Promise<Written> {
    const rows = await writes.query(query.WHAT_WE_WROTE, [this.#installation, this.#nonce]);
    const [turn = 0, starts = 0, tables = 0] = rows.map(([number]) => Number(number));
    return { turn, isSignedIn: starts > 0, tables };
  }

  /**
   * A server may come back with less than it had: out of a backup, or with tables that others made again.
   * New progress over that would hide what is missing.
   */
  async #refuseLess(parts: Parts): Promise<void> {
    await shown(parts.writes, [PROGRESS, STARTS]);
    const { turn, isSignedIn, tables } = await this.#written(parts);
    if (turn >= this.#kept && isSignedIn && tables === this.#tables) return;
    throw new StoreError(
      'QuestDB has not what it had: it came out of a backup, was emptied, or another process goes ' +
        'by the name of this installation; it is asked what it has',
      true,
    );
  }

  #tellLoss(turn: number): void {
    this.#log.error(
      { turn, expected: this.#kept },
      'QuestDB has lost what it had. What came after that is loaded again as far as the journal holds ' +
        'it; `truepixel rebuild` brings back everything that journal and archive hold',
    );
  }

  #tellOddTimes(hits: readonly JudgedHit[]): void {
    if (this.#hasOddTimes || hits.every(({ event: { at } }) => rowTime(at) === at)) return;
    this.#hasOddTimes = true;
    this.#log.error(
      'hits have times that QuestDB has not, and get the next one: is a clock wrong?',
    );
  }

  async rejudge(hits: readonly JudgedHit[]): Promise<void> {
    await this.#sweeping(() => this.#inTurn(async (parts) => await writeJudgements(parts, hits)));
  }

  async erasePixel(code: string): Promise<void> {
    // From now on no load brings anything of it, so that they need not wait for the rest.
    await this.#inTurn(async ({ erasures }) => await erasures.add(codeDigest(code)));
    await redactPixel(this.#reads, code);
  }

  eraseAddress(address: string): Promise<number> {
    return this.#inTurn(async ({ writes }) => await redactAddress(writes, address));
  }

  expireHits(before: number): Promise<number> {
    return this.#inTurn(async ({ writes }) => await expire(writes, before));
  }

  async known(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    return await knownEvents(this.#reads, events);
  }

  async pixelsOf(recipient: string): Promise<readonly string[]> {
    const codes = await readPixelsOf(this.#reads, recipient);
    return codes.filter((code) => !this.#isErased(code));
  }

  async modes(): Promise<Modes> {
    const pixels = [...(await readModes(this.#reads))].filter(([code]) => !this.#isErased(code));
    return { pixels: new Map(pixels), erased: this.#parts.erasures.codes.digests };
  }

  async sentTimes(codes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return await readSentTimes(this.#reads, codes);
  }

  async pixel(code: string): Promise<Pixel | null> {
    return await this.#read(code, null, (from) => reads.readPixel(from, code));
  }

  async pixelsByCode(codes: readonly string[]): Promise<ReadonlyMap<string, Pixel>> {
    const asked = codes.filter((code) => !this.#isErased(code));
    return await reads.readPixels(this.#reads, asked);
  }

  async erasedOf(codes: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(codes.filter((code) => this.#isErased(code)));
  }

  async pixels(asked: PixelsQuery): Promise<PixelPage> {
    const connections = this.#reads;
    await this.#catalogue.complete();
    return await listPixels(connections, asked, (code) => this.#isErased(code));
  }

  async campaigns(asked: CampaignsQuery): Promise<CampaignPage> {
    const connections = this.#reads;
    await this.#catalogue.complete();
    return await listCampaigns(connections, asked);
  }

  async countOpens(code: string): Promise<number> {
    return await this.#read(code, 0, (from) => reads.countOpens(from, code));
  }

  async counts(code: string, repeatSeconds: number): Promise<Counts> {
    return await this.#read(code, NO_COUNTS, (from) => reads.readCounts(from, code, repeatSeconds));
  }

  async statistics(request: StatisticsRequest): Promise<Statistics> {
    if (needsCatalogue(request)) await this.#catalogue.complete();
    return await readStatistics(this.#reads, request);
  }

  async pixelHits(asked: PixelHitsQuery): Promise<HitPage> {
    const none = { hits: [], next: null };
    return await this.#read(asked.code, none, (from) => reads.readPixelHits(from, asked));
  }

  async hit(code: string, id: string): Promise<JudgedHit | null> {
    return await this.#read(code, null, (from) => reads.readHit(from, code, id));
  }

  async totals(): Promise<StoreTotals> {
    return await reads.readTotals(this.#reads);
  }

  async hits(asked: HitsQuery): Promise<HitPage> {
    return await readHits(this.#reads, asked);
  }

  async names(codes: readonly string[]): Promise<ReadonlyMap<string, PixelNames>> {
    return await readNames(this.#reads, codes);
  }

  async hasUnjudged(): Promise<boolean> {
    return await reads.anyUnjudged(this.#reads);
  }

  async erasures(): Promise<readonly string[]> {
    return await this.#inTurn(async ({ erasures }) => {
      await erasures.refresh();
      return erasures.codes.digests;
    });
  }

  async adoptErasures(digests: readonly string[]): Promise<void> {
    await this.#inTurn(async ({ writes, erasures }) => {
      await erasures.refresh();
      for (const digest of digests) await erasures.add(digest);
      await shown(writes, [ERASED]);
    });
    await this.#parts.sweep.run();
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      const mended = this.#catalogue.end();
      const { reads, writes, ilp, sweep } = this.#parts;
      this.#writing = this.#writing.then(async () => {
        await Promise.all([sweep.end(), mended]);
        await Promise.all([reads.close(), writes.close()]);
        ilp.close();
      });
    }
    await this.#writing;
  }

  get #reads(): Connections {
    this.#refuseWhenClosed();
    return this.#parts.reads;
  }

  /**
   * An erased pixel has nothing, also while hits of it that another installation wrote wait to be
   * redacted.
   */
  async #read<T>(code: string, nothing: T, work: (reads: Connections) => Promise<T>): Promise<T> {
    const connections = this.#reads;
    return this.#isErased(code) ? nothing : await work(connections);
  }

  #isErased(code: string): boolean {
    return this.#parts.erasures.codes.has(code);
  }

  async #inTurn<T>(work: (parts: Parts) => Promise<T>): Promise<T> {
    this.#refuseWhenClosed();
    const done = this.#writing.then(() => work(this.#parts));
    this.#writing = done.catch(() => undefined);
    return await done;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreError('the store is closed', false);
  }
}
