// QuestDB as the store, for those who have one and for more hits than one machine's file should hold. It
// has no transactions over tables: a load writes its events, waits until they can be read, and only then
// writes its progress. A process that dies in between loads the same events again, which changes nothing
// (questdb-schema.ts).

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMicros } from '../hit/clock.ts';
import type { JudgedHit, Recorded } from '../hit/event.ts';
import { QUESTDB_APPLY_MS_MAX, QUESTDB_READS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { codeDigest } from './erased.ts';
import { shown } from './questdb-applied.ts';
import { Connections } from './questdb-connection.ts';
import { Erasures } from './questdb-erasures.ts';
import { knownEvents } from './questdb-known.ts';
import { Ilp } from './questdb-ilp.ts';
import { type Doors, writeEvents, writeJudgements } from './questdb-load.ts';
import { progressLine, startLine } from './questdb-lines.ts';
import { readModes, readPixelsOf, readSentTimes } from './questdb-notes.ts';
import { hitsFrom } from './questdb-pages.ts';
import * as query from './questdb-query.ts';
import * as reads from './questdb-reads.ts';
import { expire, redactAddress, redactPixel } from './questdb-redact.ts';
import { checkServer, createTables } from './questdb-schema.ts';
import { ERASED, PROGRESS, SCHEMA } from './questdb-tables.ts';
import {
  type Counts,
  type ErasureKeeper,
  type HitPage,
  type HitPlace,
  type Load,
  type Modes,
  type Pixel,
  type PixelHitsQuery,
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

/** Rejects with {@link StoreError} in one clear sentence; a server that is refused is left as it was. */
export async function openQuestdb(options: QuestdbOptions, log: Logger): Promise<QuestdbStore> {
  const writes = new Connections(options.connString, 1, log);
  const parts = {
    reads: new Connections(options.connString, QUESTDB_READS_MAX, log),
    writes,
    ilp: new Ilp(options.connString, options.ilpUrl, log),
    erasures: new Erasures(writes),
  };
  const store = new QuestdbStore(parts, options.installation);
  try {
    await checkServer(parts.writes);
    await parts.ilp.probe();
    await createTables(parts.writes);
    await store.start();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

interface Parts extends Doors {
  readonly reads: Connections;
  /** A connection of its own, so that loads never wait for queries. */
  readonly writes: Connections;
}

class QuestdbStore implements Store, ErasureKeeper {
  readonly #parts: Parts;
  readonly #installation: string;
  /** The number of the last row of progress that was written, or tried to. */
  #turn = 0;
  /** Writes are done one after the other. */
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: Parts, installation: string) {
    this.#parts = parts;
    this.#installation = installation;
  }

  /** Proves that what is written shows up where it is read: the two addresses might name two servers. */
  async start(): Promise<void> {
    const nonce = randomUUID();
    const { ilp, writes } = this.#parts;
    const row = { installation: this.#installation, schema: SCHEMA, nonce, at: nowMicros() };
    await ilp.send(startLine(row));
    const deadline = performance.now() + QUESTDB_APPLY_MS_MAX;
    for (;;) {
      const rows = await writes.query(query.START_ROW, [nonce]);
      if (Number(rows[0]?.[0]) > 0) break;
      if (performance.now() >= deadline) {
        throw new StoreError(
          'what is written to QUESTDB_ILP does not show up in CONN_STRING: do both name one QuestDB?',
          false,
        );
      }
      await sleep(WAIT_PROBE_MS);
    }
    await this.#parts.erasures.refresh();
    await this.progress();
  }

  progress(): Promise<string | null> {
    return this.#inTurn(async ({ writes }) => {
      await shown(writes, [PROGRESS]);
      const [row] = await writes.query(query.PROGRESS_ROW, [this.#installation]);
      this.#turn = Math.max(this.#turn, Number(row?.[0] ?? 0));
      return row?.[1] ?? null;
    });
  }

  load({ hits, notes, progress }: Load): Promise<void> {
    return this.#inTurn(async (parts) => {
      await writeEvents(parts, { hits, notes });
      this.#turn++;
      await parts.ilp.send(
        progressLine({
          installation: this.#installation,
          turn: this.#turn,
          place: this.#turn % PROGRESS_ROWS,
          text: progress,
        }),
      );
    });
  }

  rejudge(hits: readonly JudgedHit[]): Promise<void> {
    return this.#inTurn(async (parts) => await writeJudgements(parts, hits));
  }

  erasePixel(code: string): Promise<void> {
    return this.#inTurn(async ({ writes, erasures }) => {
      await erasures.add(codeDigest(code));
      await redactPixel(writes, code);
    });
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

  async countOpens(code: string): Promise<number> {
    return await this.#read(code, 0, (from) => reads.countOpens(from, code));
  }

  async counts(code: string, repeatSeconds: number): Promise<Counts> {
    return await this.#read(code, reads.NO_COUNTS, (from) =>
      reads.readCounts(from, code, repeatSeconds),
    );
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

  async hitsAfter(place: HitPlace | null, limit: number): Promise<readonly JudgedHit[]> {
    const found = await hitsFrom(this.#reads, query.ALL_HITS, 'oldest', place, limit);
    return found.slice(0, limit);
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

  adoptErasures(digests: readonly string[]): Promise<void> {
    return this.#inTurn(async ({ writes, erasures }) => {
      await erasures.refresh();
      for (const digest of digests) await erasures.add(digest);
      await shown(writes, [ERASED]);
    });
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      const { reads, writes, ilp } = this.#parts;
      this.#writing = this.#writing.then(async () => {
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
