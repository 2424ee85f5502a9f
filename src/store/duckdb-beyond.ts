// The hits of one kind beyond a time, each with what it counts as and, of a look, when its viewer looked
// before: what the tally (duckdb-tally.ts) is made of, and what is added to it for an answer.
//
// Viewers' looks before that time are looked up, which is cheap for a few viewers only: their pixels' keys
// stand in the statement as numbers, by which DuckDB skips most of the sorted hits, where a join would read
// them all.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { HitKind } from '../hit/event.ts';
import { LOOKED_UP_MAX } from '../limits.ts';
import type { Counted } from './counting.ts';
import { COUNTED_AS } from './duckdb-counts.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import { ofPixel } from './duckdb-query.ts';

/** A column `sort` holds the place in here. */
export const SORTS: readonly Counted[] = ['look', 'unverified', 'machine', 'ignored'];

/** Times in microseconds. */
export interface Beyond {
  readonly kind: HitKind;
  /** Hits later than this… */
  readonly after: number;
  /** …and not later than this. */
  readonly until: number;
  /** Whether a viewer looked before this does not matter. */
  readonly since: number;
  /** Looks so soon after the one before are repeats. */
  readonly window: number;
  /** One of so many parts, in which all looks of a viewer are together; the whole when left out. */
  readonly part?: Part;
}

export interface Part {
  readonly index: number;
  readonly of: number;
}

const KEYS = 2 ** 32;

interface KindColumns {
  /** Repeats are looks of one viewer at one of these. */
  readonly place: string;
  /** Whoever has the same is one viewer. */
  readonly looker: string;
  /** Whole numbers by which lookers are found. */
  readonly keys: readonly string[];
}

const COLUMNS: Readonly<Record<HitKind, KindColumns>> = {
  open: { place: 'code', looker: 'code, viewer', keys: ['code_key', 'viewer'] },
  // Visits have the key 0, which keeps them together.
  visit: { place: 'referrer', looker: 'viewer', keys: ['viewer'] },
};

/** Rows of micros, before (NULL: never), sort and is_repeat. */
export async function hitsBeyond(connection: DuckDBConnection, beyond: Beyond): Promise<string> {
  const { kind, after, until, since, window } = beyond;
  const { place, looker, keys } = COLUMNS[kind];
  const kinds = `kind = ${KIND_NUMBER[kind]}${kind === 'visit' ? ' AND code_key = 0' : ''}`;
  const part = `${kinds} AND ${partOf(beyond)}`;
  const times = (from: number, to: number): string =>
    `occurred_at > make_timestamp(${from}) AND occurred_at <= make_timestamp(${to})`;
  const fresh = `${part} AND ${times(after, until)}`;
  const earliest = after - window - 1;
  const recent = `${part} AND ${COUNTED_AS.look} AND ${times(earliest, until)}`;
  const found = await foundBy(connection, keys, `${fresh} AND ${COUNTED_AS.look}`);
  const older = `${part} AND ${COUNTED_AS.look} AND ${times(since - 1, earliest)} AND ${found}`;
  const joined = looker
    .split(', ')
    .map((column) => `o.${column} IS NOT DISTINCT FROM f.${column}`)
    .join(' AND ');
  return `WITH linked AS (SELECT micros, ${looker}, lag(micros) OVER (PARTITION BY ${looker} ORDER BY micros)
        AS before, micros - lag(micros) OVER (PARTITION BY ${place}, viewer ORDER BY micros) AS gap
      FROM (${ofPixel(`epoch_us(occurred_at) AS micros, ${place}, viewer`, recent)})),
    fresh AS (SELECT * FROM linked WHERE micros > ${after}),
    older AS (SELECT ${looker}, max(micros) AS micros
      FROM (${ofPixel(`epoch_us(occurred_at) AS micros, ${looker}`, older)}) GROUP BY ${looker})
    SELECT f.micros, o.micros AS before, 0::UTINYINT AS sort, coalesce(f.gap <= ${window}, false) AS is_repeat
      FROM (SELECT * FROM fresh WHERE before IS NULL) f LEFT JOIN older o ON ${joined}
    UNION ALL SELECT micros, before, 0, gap IS NOT NULL AND gap <= ${window}
      FROM fresh WHERE before IS NOT NULL
    UNION ALL SELECT micros, NULL, sort, false FROM (${ofPixel(
      `epoch_us(occurred_at) AS micros, ${SORT} AS sort`,
      fresh,
    )}) WHERE sort > 0`;
}

const SORT = `(CASE WHEN ${COUNTED_AS.look} THEN 0 WHEN ${COUNTED_AS.unverified} THEN 1
  WHEN ${COUNTED_AS.machine} THEN 2 ELSE 3 END)::UTINYINT`;

/** A condition that the looks of those viewers fulfil whose looks fulfil the given one, and few others. */
async function foundBy(
  connection: DuckDBConnection,
  keys: readonly string[],
  condition: string,
): Promise<string> {
  const names = keys.join(', ');
  const sql = `SELECT DISTINCT ${names} FROM (${ofPixel(names, condition)}) LIMIT ${LOOKED_UP_MAX + 1}`;
  const rows = (await connection.runAndReadAll(sql)).getRows();
  if (rows.length === 0) return 'false';
  if (rows.length > LOOKED_UP_MAX) return 'true';
  return keys
    .map((key, column) => `${key} IN (${[...new Set(rows.map((row) => row[column]))].join(', ')})`)
    .join(' AND ');
}

/** Opens by their keys, which the sorted hits are in the order of; visits by their viewers. */
function partOf({ kind, part }: Beyond): string {
  if (part === undefined) return 'true';
  if (kind === 'visit') return `coalesce(viewer, 0) % ${part.of} = ${part.index}`;
  const edge = (index: number): number => Math.floor((KEYS / part.of) * index);
  return `code_key >= ${edge(part.index)} AND code_key < ${edge(part.index + 1)}`;
}
