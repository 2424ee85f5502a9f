// TrackPixel's own two tables, read in the order of time: `track_pixels` (uri, created_at), a row for
// each minted image, and `track_pixels_timeseries` (uri, ip_address, ts), a row for each request of one.
// Their operators made them by hand, so columns may be of any type that looks like text or time, and the
// time need not be the designated one.

import { hash } from 'node:crypto';
import {
  IMPORT_INSTANT_ROWS_MAX,
  IMPORT_LOOK_ROWS,
  IMPORT_YEAR_END,
  IMPORT_YEAR_MIN,
} from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { Connections, type Row } from './questdb-connection.ts';
import { isAnswer } from './questdb-error.ts';
import { timeText } from './questdb-row.ts';
import { StoreError } from './store.ts';

/** One row, whatever it holds. */
export interface SourceRow {
  /** Microseconds since 1970 (UTC). */
  readonly at: number;
  readonly uri: string | null;
  /** Null for a minted image. */
  readonly address: string | null;
}

export type SourceTable = 'pixels' | 'opens';

interface Shape {
  readonly name: string;
  readonly time: string;
  readonly address: string | null;
}

const TABLES: Readonly<Record<SourceTable, Shape>> = {
  pixels: { name: 'track_pixels', time: 'created_at', address: null },
  opens: { name: 'track_pixels_timeseries', time: 'ts', address: 'ip_address' },
};

/**
 * What each type of time is as a TIMESTAMP, of microseconds. Of others, nobody can say what their numbers or
 * words mean.
 */
const AS_TIMESTAMP: Readonly<Record<string, (column: string) => string>> = {
  // As it is: QuestDB then goes straight to the rows of a time.
  TIMESTAMP: (column) => column,
  TIMESTAMP_NS: (column) => `cast(${column} AS timestamp)`,
  DATE: (column) => `cast(${column} AS timestamp)`,
};

const DAY_MICROS = 86_400_000_000;
const BEGINNING = Date.UTC(IMPORT_YEAR_MIN, 0) * 1_000;
const END = Date.UTC(IMPORT_YEAR_END, 0) * 1_000;

const LOOKS_CHARS = 16;

/** A day (since 1970, UTC) that has rows. */
export interface SourceDay {
  readonly day: number;
  readonly rows: number;
  /** Differs when rows came or went, and for another table. */
  readonly looks: string;
}

interface Known {
  /** Of this very table, for as long as nobody makes it anew. */
  readonly id: string;
  /** The time of a row, as a TIMESTAMP. */
  readonly time: string;
}

export class TrackPixelSource {
  readonly #connections: Connections;
  readonly #known: Readonly<Record<SourceTable, Known>>;

  private constructor(connections: Connections, known: Readonly<Record<SourceTable, Known>>) {
    this.#connections = connections;
    this.#known = known;
  }

  /** Throws {@link StoreError} when there are no such tables, or none that can be understood, too. */
  static async open(connString: string, log: Logger): Promise<TrackPixelSource> {
    const connections = new Connections(connString, 1, log);
    try {
      await refuseOtherServers(connections);
      const { host } = new URL(connString);
      const pixels = await knownOf(connections, TABLES.pixels, host);
      const opens = await knownOf(connections, TABLES.opens, host);
      return new TrackPixelSource(connections, { pixels, opens });
    } catch (error) {
      await connections.close();
      throw error;
    }
  }

  /** All rows of a table, whatever their time. */
  async size(table: SourceTable): Promise<number> {
    const rows = await this.#connections.query(`SELECT count() FROM ${TABLES[table].name}`);
    return Number(rows[0]?.[0]);
  }

  /** How many different images were minted. */
  async countMinted(): Promise<number> {
    const rows = await this.#connections.query(
      'SELECT count() FROM (SELECT DISTINCT uri FROM track_pixels)',
    );
    return Number(rows[0]?.[0]);
  }

  /** Ascending. Rows without a time, or with one that no event can have, are in none. */
  async days(table: SourceTable): Promise<SourceDay[]> {
    const { time } = this.#known[table];
    const all = await this.#connections.query(
      `SELECT count(), cast(min(${time}) AS long), cast(max(${time}) AS long)
        FROM ${TABLES[table].name} WHERE ${time} >= $1 AND ${time} < $2`,
      [timeText(BEGINNING), timeText(END)],
    );
    const [rows = 0, oldest = 0, newest = 0] = (all[0] ?? []).map(Number);
    if (rows === 0) return [];
    const last = Math.floor(newest / DAY_MICROS);
    let first = Math.floor(oldest / DAY_MICROS);
    const length = Math.ceil(((last - first + 1) * IMPORT_LOOK_ROWS) / rows);
    const days: SourceDay[] = [];
    for (; first <= last; first += length) {
      days.push(...(await this.#daysOf(table, first, Math.min(first + length, last + 1))));
    }
    return days;
  }

  /**
   * Yields the rows of the days `first` to `last`, about `pageRows` at a time, ascending in time and all
   * rows of one instant in one page.
   */
  async *rows(
    table: SourceTable,
    first: number,
    last: number,
    pageRows: number,
  ): AsyncGenerator<SourceRow[]> {
    const end = (last + 1) * DAY_MICROS;
    let start = first * DAY_MICROS;
    let limit = pageRows;
    for (;;) {
      const page = await this.#page(table, start, end, limit);
      const newest = page.at(-1)?.at;
      if (newest === undefined) return;
      if (page.length < limit) {
        yield page;
        return;
      }
      // The last instant may go on behind the page's end.
      const whole = page.filter(({ at }) => at < newest);
      if (whole.length === 0) {
        refuseCrowd(TABLES[table], newest, limit);
        limit *= 2;
        continue;
      }
      yield whole;
      start = newest;
      limit = pageRows;
    }
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  /** From the day `first` to before `end`. */
  async #daysOf(table: SourceTable, first: number, end: number): Promise<SourceDay[]> {
    const { id, time } = this.#known[table];
    const rows = await this.#connections.query(
      `SELECT day, count(), sum(rest), min(uri), max(uri) FROM (
        SELECT micros / ${DAY_MICROS} AS day, micros % ${DAY_MICROS} AS rest, uri FROM (
          SELECT cast(${time} AS long) AS micros, cast(uri AS varchar) AS uri
          FROM ${TABLES[table].name} WHERE ${time} >= $1 AND ${time} < $2
        )) ORDER BY day`,
      [timeText(first * DAY_MICROS), timeText(end * DAY_MICROS)],
    );
    return rows.map(([day, count, ...more]) => ({
      day: Number(day),
      rows: Number(count),
      looks: hash('sha256', [id, count, ...more].join(' ')).slice(0, LOOKS_CHARS),
    }));
  }

  async #page(table: SourceTable, from: number, end: number, limit: number): Promise<SourceRow[]> {
    const { name, address } = TABLES[table];
    const { time } = this.#known[table];
    const rows = await this.#connections.query(
      `SELECT cast(${time} AS long), cast(uri AS varchar),
        ${address === null ? 'null' : `cast(${address} AS varchar)`} FROM ${name}
        WHERE ${time} >= $1 AND ${time} < $2 ORDER BY ${time} LIMIT $3`,
      [timeText(from), timeText(end), limit],
    );
    return rows.map(toSourceRow);
  }
}

async function refuseOtherServers(connections: Connections): Promise<void> {
  const build = await connections.query('SELECT build()').catch((error: unknown) => {
    // The user may be refused; every other answer is one of a server that does not know the question.
    if (isAnswer(error) && /does not exist/.test(String(error))) return [];
    throw error;
  });
  if (/QuestDB/.test(build[0]?.[0] ?? '')) return;
  throw new StoreError('the server that the URL names is no QuestDB', false);
}

async function knownOf(
  connections: Connections,
  { name, time, address }: Shape,
  host: string,
): Promise<Known> {
  const tables = await connections.query(`SELECT id FROM tables() WHERE table_name = '${name}'`);
  const id = tables[0]?.[0];
  if (id === undefined) throw new StoreError(`there is no table ${name}`, false);
  const rows = await connections.query(`SELECT "column", type FROM table_columns('${name}')`);
  const types = new Map(rows.map(([column, type]) => [column, type ?? '']));
  for (const column of address === null ? ['uri', time] : ['uri', time, address]) {
    if (!types.has(column)) throw new StoreError(`${name} has no column ${column}`, false);
  }
  const type = types.get(time) ?? '';
  const asTimestamp = AS_TIMESTAMP[type];
  if (asTimestamp !== undefined) return { id: `${host} ${id}`, time: asTimestamp(time) };
  throw new StoreError(
    `${time} of ${name} is of the type ${type}, which tells no time for certain; ` +
      `it has to be one of ${Object.keys(AS_TIMESTAMP).join(', ')}`,
    false,
  );
}

function refuseCrowd({ name }: Shape, at: number, rows: number): void {
  if (rows < IMPORT_INSTANT_ROWS_MAX) return;
  throw new StoreError(
    `${name} has more than ${rows} rows of the very time ${timeText(at)}`,
    false,
  );
}

function toSourceRow([at, uri, address]: Row): SourceRow {
  return { at: Number(at), uri: uri ?? null, address: address ?? null };
}
