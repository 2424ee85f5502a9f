// QuestDB as the store, for those who have one and for more hits than one machine's file should hold. It
// has no transactions over tables: a load writes its events, waits until they can be read, and only then
// writes its progress. A process that dies in between loads the same events again, which changes nothing
// (questdb-schema.ts).

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorded } from '../hit/event.ts';
import { nowMicros } from '../hit/clock.ts';
import { QUESTDB_APPLY_MS_MAX, QUESTDB_READS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { codeDigest, ErasedCodes } from './erased.ts';
import { shown, tableStates } from './questdb-applied.ts';
import { Connections } from './questdb-connection.ts';
import { knownEvents } from './questdb-known.ts';
import { Ilp } from './questdb-ilp.ts';
import { codeKey, hitLines, pixelLines, progressLine, startLine } from './questdb-lines.ts';
import * as query from './questdb-query.ts';
import { countOpens, readPixel, readPixelHits, readTotals } from './questdb-reads.ts';
import {
  checkServer,
  createTables,
  ERASED,
  HITS,
  PIXELS,
  PROGRESS,
  SCHEMA,
} from './questdb-schema.ts';
import {
  type ErasureKeeper,
  type HitPage,
  type Load,
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
  const parts = {
    reads: new Connections(options.connString, QUESTDB_READS_MAX, log),
    writes: new Connections(options.connString, 1, log),
    ilp: new Ilp(options.connString, options.ilpUrl, log),
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

interface Parts {
  readonly reads: Connections;
  /** A connection of its own, so that loads never wait for queries. */
  readonly writes: Connections;
  readonly ilp: Ilp;
}

class QuestdbStore implements Store, ErasureKeeper {
  readonly #parts: Parts;
  readonly #installation: string;
  #erased = new ErasedCodes();
  /** The transaction of `truepixel_erased` up to which `#erased` is complete. */
  #erasedSeen = -1;
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
    await this.#readErased();
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

  load({ hits, pixels, progress }: Load): Promise<void> {
    return this.#inTurn(async ({ writes, ilp }) => {
      await this.#readErased();
      const keptHits = this.#erased.without(hits);
      const keptPixels = this.#erased.without(pixels);
      if (keptHits.length > 0) await ilp.send(hitLines(keptHits));
      if (keptPixels.length > 0) await ilp.send(pixelLines(keptPixels));
      await shown(writes, [HITS, PIXELS]);
      this.#turn++;
      await ilp.send(
        progressLine({
          installation: this.#installation,
          turn: this.#turn,
          place: this.#turn % PROGRESS_ROWS,
          text: progress,
        }),
      );
    });
  }

  erasePixel(code: string): Promise<void> {
    return this.#inTurn(async ({ writes }) => {
      // First, so that a load after a failure half way does not bring new hits.
      await writes.query(query.INSERT_ERASED, [codeDigest(code)]);
      this.#erased.add(codeDigest(code));
      // Redacting sees what was applied only.
      await shown(writes, [HITS, PIXELS]);
      await writes.query(query.REDACT_HITS, [codeKey(code), code]);
      await writes.query(query.REDACT_PIXELS, [codeKey(code), code]);
      await shown(writes, [HITS, PIXELS, ERASED]);
    });
  }

  async known(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    this.#refuseWhenClosed();
    return await knownEvents(this.#parts.reads, events);
  }

  async pixel(code: string): Promise<Pixel | null> {
    return await this.#read(code, null, (reads) => readPixel(reads, code));
  }

  async countOpens(code: string): Promise<number> {
    return await this.#read(code, 0, (reads) => countOpens(reads, code));
  }

  async pixelHits(asked: PixelHitsQuery): Promise<HitPage> {
    const none = { hits: [], next: null };
    return await this.#read(asked.code, none, (reads) => readPixelHits(reads, asked));
  }

  async totals(): Promise<StoreTotals> {
    this.#refuseWhenClosed();
    return await readTotals(this.#parts.reads);
  }

  async erasures(): Promise<readonly string[]> {
    return await this.#inTurn(async () => {
      await this.#readErased();
      return this.#erased.digests;
    });
  }

  adoptErasures(digests: readonly string[]): Promise<void> {
    return this.#inTurn(async ({ writes }) => {
      await this.#readErased();
      const known = new Set(this.#erased.digests);
      for (const digest of digests) {
        if (!known.has(digest)) await writes.query(query.INSERT_ERASED, [digest]);
      }
      await shown(writes, [ERASED]);
      await this.#readErased();
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

  /**
   * An erased pixel has nothing, also while hits of it that another installation wrote wait to be
   * redacted.
   */
  async #read<T>(code: string, nothing: T, work: (reads: Connections) => Promise<T>): Promise<T> {
    this.#refuseWhenClosed();
    return this.#erased.has(code) ? nothing : await work(this.#parts.reads);
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

  /** Another installation may have erased a pixel since the last load. */
  async #readErased(): Promise<void> {
    const { writes } = this.#parts;
    const { shown: seen = 0 } = (await tableStates(writes)).get(ERASED) ?? {};
    if (seen === this.#erasedSeen) return;
    const rows = await writes.query(query.ERASED_DIGESTS);
    this.#erased = new ErasedCodes(rows.map(([digest]) => digest ?? ''));
    this.#erasedSeen = seen;
  }
}
