// Keeps the tally (duckdb-tally.ts): now and then it adds the hits that came in since, and makes it anew
// when it is worth nothing any more. Hits are counted beside the loads, on a connection for reading, and
// the sums are written in the writer's turn, unless something has changed a hit in between: then they are
// dropped.

import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { HitKind } from '../hit/event.ts';
import {
  REPEAT_SECONDS_DEFAULT,
  TALLY_ASKED_SHARE_MAX,
  TALLY_HITS_MIN,
  TALLY_MARGIN_MS,
  TALLY_PART_HITS,
  TALLY_SHARE_MAX,
} from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { hitsBeyond, type Part } from './duckdb-beyond.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import type { Reader } from './duckdb-readers.ts';
import type { Session } from './duckdb-session.ts';
import { forgetTally, readTallied, SLOT_MICROS, type Tallied } from './duckdb-tally.ts';
import { inTransaction } from './duckdb-transaction.ts';

const KINDS: readonly HitKind[] = ['open', 'visit'];
const MICROS_PER_SECOND = 1e6;

/** When it is worth the while; all left out except in tests. */
export interface TallyPace {
  /** TALLY_HITS_MIN when left out. */
  readonly hitsMin?: number;
  /** TALLY_MARGIN_MS when left out. */
  readonly marginMs?: number;
  /** TALLY_SHARE_MAX, and TALLY_ASKED_SHARE_MAX after a question, when left out. */
  readonly shareMax?: number;
}

/** What a session knows of its tally; times in microseconds, -1 for none. */
export interface TallyState {
  /** What `tallied` has is not more than this. */
  until: number;
  /** The same of what is being counted. */
  target: number;
  /** How often hits of either may have been changed, or came late; counted after they did. */
  disturbances: number;
  /** About how many hits there are, and how many of them are not in it. */
  hits: number;
  fresh: number;
}

/** What is to be counted. */
interface Task extends Tallied {
  readonly session: Session;
  readonly disturbances: number;
  readonly fresh: number;
  /** Whether it adds to what is there, which is until `after`. */
  readonly adds: boolean;
  readonly after: number;
  readonly parts: number;
}

interface Doors {
  readonly reading: <T>(work: (reader: Reader, session: Session) => Promise<T>) => Promise<T>;
  readonly inTurn: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
}

export class Tallying {
  readonly #doors: Doors;
  readonly #pace: TallyPace;
  readonly #log: Logger;
  #window = REPEAT_SECONDS_DEFAULT * MICROS_PER_SECOND;
  #running: Promise<void> | null = null;
  /** How long the last one took, and when it ended. */
  #took = 0;
  #ended = -Infinity;
  /** When a load brought hits. */
  #loadedAt = -Infinity;
  #isPaused = false;

  constructor(doors: Doors, pace: TallyPace, log: Logger) {
    this.#doors = doors;
    this.#pace = pace;
    this.#log = log;
  }

  /** After a load. */
  loaded({ tally }: Session, hits: number): void {
    if (hits > 0) this.#loadedAt = performance.now();
    tally.hits += hits;
    tally.fresh += hits;
    this.#startWithin(tally, this.#pace.shareMax ?? TALLY_SHARE_MAX);
  }

  /** After a question about all hits, with the window of its repeats. */
  asked({ tally }: Session, window: number): void {
    if (window !== this.#window) tally.fresh = tally.hits;
    this.#window = window;
    const share = this.#pace.shareMax ?? TALLY_ASKED_SHARE_MAX;
    this.#startWithin(tally, share, this.#isQuiet ? 1 : undefined);
  }

  /** Resolves once nothing is being counted; nothing begins before {@link resume}. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#running;
  }

  resume(): void {
    this.#isPaused = false;
  }

  get #marginMs(): number {
    return this.#pace.marginMs ?? TALLY_MARGIN_MS;
  }

  /** Whether nothing came in for so long that nothing is on its way any more. */
  get #isQuiet(): boolean {
    return performance.now() - this.#loadedAt > this.#marginMs;
  }

  #startWithin(
    { fresh }: TallyState,
    share: number,
    hitsMin = this.#pace.hitsMin ?? TALLY_HITS_MIN,
  ): void {
    if (fresh < hitsMin) return;
    const rest = this.#took / share - this.#took;
    if (this.#isPaused || performance.now() < this.#ended + rest) return;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const began = performance.now();
    const counting: { tally?: TallyState } = {};
    try {
      const task = await this.#doors.reading(async ({ connection }, session) => {
        counting.tally = session.tally;
        return await this.#begin(connection, session);
      });
      if (task !== null) await this.#count(task);
    } catch (error) {
      if (!this.#isPaused) {
        this.#log.warn({ err: error }, 'counting beforehand failed; it is tried again');
      }
    } finally {
      if (counting.tally !== undefined) counting.tally.target = -1;
      this.#ended = performance.now();
      this.#took = this.#ended - began;
      this.#running = null;
    }
  }

  /** Null: there is nothing to count. */
  async #begin(connection: DuckDBConnection, session: Session): Promise<Task | null> {
    const { tally } = session;
    const window = this.#window;
    const newest = await connection.runAndReadAll('SELECT epoch_us(max(occurred_at)) FROM hits');
    const [at = null] = newest.getRows()[0] ?? [];
    const until = Number(at) - (this.#isQuiet ? 0 : this.#marginMs * 1_000);
    if (at === null || until < 0) return null;
    // Said before anything is read: who comes late from now on is known to.
    tally.target = until;
    const { disturbances, fresh } = tally;
    const known = await readTallied(connection);
    const adds = known?.window === window;
    const after = adds ? known.until : -1;
    if (after >= until) return null;
    const parts = Math.ceil((await countBeyond(connection, { after, until })) / TALLY_PART_HITS);
    return { session, disturbances, fresh, adds, after, until, window, parts };
  }

  /**
   * Part by part, so that others may read in between. Parts need not see the same hits: any change is a
   * disturbance. What adds to a tally is written at the end, as it must not be seen before; one that is made
   * anew is written as it grows, and nobody believes it before it is whole.
   */
  async #count(task: Task): Promise<void> {
    const { adds, until, window } = task;
    const additions: DuckDBDataChunk[] = [];
    if (!adds && !(await this.#write(task, clear))) return;
    for (const part of partsOf(task)) {
      const chunks = await this.#countPart(task, part);
      if (chunks === null) return;
      if (adds) additions.push(...chunks);
      else if (!(await this.#write(task, (writer) => append(writer, chunks)))) return;
    }
    const { tally } = task.session;
    const isWritten = await this.#write(task, async (writer) => {
      // Before it is certain: it only matters that it is not less than what is written.
      tally.until = until;
      await append(writer, additions);
      await writer.run('DELETE FROM tallied');
      await writer.run(`INSERT INTO tallied VALUES (${until}, ${window})`);
    });
    if (isWritten) tally.fresh -= task.fresh;
  }

  /** Null: it is not to go on. */
  async #countPart(
    { session, after, until, window }: Task,
    { kind, ...part }: KindPart,
  ): Promise<readonly DuckDBDataChunk[] | null> {
    return await this.#doors.reading(async ({ connection }, current) => {
      if (this.#isPaused || current !== session) return null;
      const beyond = { kind, part, after, until, since: 0, window };
      const sql = slotsOf(kind, await hitsBeyond(connection, beyond));
      return await (await connection.run(sql)).fetchAllChunks();
    });
  }

  /** In the writer's turn and a transaction; false, and not at all, when something has changed meanwhile. */
  async #write(
    { session, disturbances }: Task,
    work: (writer: DuckDBConnection) => Promise<void>,
  ): Promise<boolean> {
    return await this.#doors.inTurn(async (current) => {
      if (current !== session || session.tally.disturbances !== disturbances) return false;
      await inTransaction(session.writer, () => work(session.writer));
      return true;
    });
  }
}

interface KindPart extends Part {
  readonly kind: HitKind;
}

function* partsOf({ parts }: Task): Generator<KindPart> {
  for (const kind of KINDS) {
    for (let index = 0; index < parts; index++) yield { kind, index, of: parts };
  }
}

async function clear(writer: DuckDBConnection): Promise<void> {
  await forgetTally(writer);
  await writer.run('DELETE FROM tally');
}

async function append(writer: DuckDBConnection, chunks: readonly DuckDBDataChunk[]): Promise<void> {
  const appender = await writer.createAppender('tally');
  try {
    for (const chunk of chunks) appender.appendDataChunk(chunk);
  } finally {
    appender.closeSync();
  }
}

/** Of a file that was just opened. */
export async function tallyState(connection: DuckDBConnection): Promise<TallyState> {
  const until = (await readTallied(connection))?.until ?? -1;
  const fresh = await countBeyond(connection, { after: until, until: Number.MAX_SAFE_INTEGER });
  const hits = await countBeyond(connection, { after: -1, until: Number.MAX_SAFE_INTEGER });
  return { until, target: -1, disturbances: 0, hits, fresh };
}

/** After hits were changed, or may have been, or came late. */
export function disturb(tally: TallyState): void {
  tally.disturbances++;
  tally.fresh = tally.hits;
}

async function countBeyond(
  connection: DuckDBConnection,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<number> {
  const rows = await connection.runAndReadAll(
    `SELECT count(*) FROM hits
      WHERE occurred_at > make_timestamp(${after}) AND occurred_at <= make_timestamp(${until})`,
  );
  return Number(rows.getRows()[0]?.[0]);
}

/** In the order of tally's columns. */
const slotsOf = (kind: HitKind, hits: string): string => `SELECT
  ${KIND_NUMBER[kind]}::UTINYINT, sort, micros // ${SLOT_MICROS} * ${SLOT_MICROS} AS slot,
  before // ${SLOT_MICROS} * ${SLOT_MICROS} AS slot_before, count(*), count(*) FILTER (is_repeat)
  FROM (${hits}) GROUP BY sort, slot, slot_before`;
