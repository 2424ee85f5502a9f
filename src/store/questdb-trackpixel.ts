// TrackPixel's own two tables, read in the order of time: `track_pixels` (uri, created_at), a row for
// each minted image, and `track_pixels_timeseries` (uri, ip_address, ts), a row for each request of one.
// Their operators made them by hand, so columns may be of any type that looks like text or time, and the
// time need not be the designated one.

import type { Logger } from '../telemetry/log.ts';
import { Connections, type Row } from './questdb-connection.ts';
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

const TABLES = {
  pixels: { name: 'track_pixels', time: 'created_at', address: 'null' },
  opens: { name: 'track_pixels_timeseries', time: 'ts', address: 'cast(ip_address AS varchar)' },
} as const;

/** The first moment that an event can have; rows before it, or without a time, are never read. */
const BEGINNING = timeText(0);

export interface TableSize {
  readonly rows: number;
  /** Of these, rows that have no time, or one before 1970. */
  readonly withoutTime: number;
}

export class TrackPixelSource {
  readonly #connections: Connections;

  constructor(connString: string, log: Logger) {
    this.#connections = new Connections(connString, 1, log);
  }

  /** Throws {@link StoreError} when there is no such table, too. */
  async size(table: SourceTable): Promise<TableSize> {
    const { name, time } = TABLES[table];
    const known = await this.#connections.query(
      `SELECT count() FROM tables() WHERE table_name = '${name}'`,
    );
    if (known[0]?.[0] !== '1') throw new StoreError(`there is no table ${name}`, false);
    const rows = await this.#connections.query(
      `SELECT count(), sum(CASE WHEN ${time} >= '${BEGINNING}' THEN 0 ELSE 1 END) FROM ${name}`,
    );
    return { rows: Number(rows[0]?.[0]), withoutTime: Number(rows[0]?.[1] ?? 0) };
  }

  /**
   * Yields rows from `from` on, about `pageRows` at a time, sorted by time, uri and address: always the
   * same order, and all rows of one instant in one page.
   */
  async *rows(table: SourceTable, from: number, pageRows: number): AsyncGenerator<SourceRow[]> {
    let start = from;
    let limit = pageRows;
    for (;;) {
      const page = await this.#page(table, start, limit);
      const last = page.at(-1)?.at;
      if (last === undefined) return;
      if (page.length < limit) {
        yield page;
        return;
      }
      // The last instant may go on behind the page's end.
      const whole = page.filter(({ at }) => at < last);
      if (whole.length === 0) {
        limit *= 2;
        continue;
      }
      yield whole;
      start = last;
      limit = pageRows;
    }
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #page(table: SourceTable, from: number, limit: number): Promise<SourceRow[]> {
    const { name, time, address } = TABLES[table];
    const rows = await this.#connections.query(
      `SELECT cast(${time} AS long), cast(uri AS varchar), ${address} FROM ${name}
        WHERE ${time} >= $1 ORDER BY ${time} LIMIT $2`,
      [timeText(from), limit],
    );
    return rows.map(toSourceRow).toSorted(inOrder);
  }
}

function toSourceRow([at, uri, address]: Row): SourceRow {
  return { at: Number(at), uri: uri ?? null, address: address ?? null };
}

function inOrder(a: SourceRow, b: SourceRow): number {
  return a.at - b.at || compare(a.uri, b.uri) || compare(a.address, b.address);
}

function compare(a: string | null, b: string | null): number {
  const [left, right] = [a ?? '', b ?? ''];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
