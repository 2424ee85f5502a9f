// Lists of pixels, as SQL for the embedded store. A page is looked for among the pixels alone, and the hits
// of those on it are then counted at once: one pass over code_key, four bytes a hit, whose zone maps leave
// out what the page has nothing of.
//
// Statements are made for each question and not kept, as there are too many; what was asked stands in
// parameters only.

import {
  BIGINT,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { codeKey } from './duckdb-append.ts';
import { COUNTS_BY_CODE, IS_LOOK, toCountsByCode } from './duckdb-counts.ts';
import { MODE_NUMBER } from './duckdb-numbers.ts';
import { READ, toPixel } from './duckdb-pixels.ts';
import { ofPixel } from './duckdb-query.ts';
import type { Reader } from './duckdb-readers.ts';
import {
  type ListedPixel,
  NO_COUNTS,
  type PixelFilter,
  type PixelPage,
  type PixelPlace,
  type PixelSort,
  type PixelsQuery,
  sortValue,
} from './listing.ts';
import type { Pixel } from './store.ts';

const MICROS_PER_SECOND = 1e6;

const SORTED_BY: Readonly<Record<PixelSort, string>> = {
  createdAt: 'created_at',
  sentAt: 'sent_at',
  label: 'label',
  recipient: 'recipient',
  campaign: 'campaign',
};

/** What a statement's parameters are; their types are given, else DuckDB guesses from the first value. */
export class Parameters {
  readonly values: Record<string, DuckDBValue> = {};
  readonly types: Record<string, DuckDBType> = {};

  /** Adds one, and how it stands in the statement. */
  add(name: string, value: DuckDBValue, type: DuckDBType): string {
    this.values[name] = value;
    this.types[name] = type;
    return `$${name}`;
  }
}

/** See Store.pixels. */
export async function listPixels(reader: Reader, query: PixelsQuery): Promise<PixelPage> {
  const { limit, sort } = query;
  const parameters = new Parameters();
  const sql = pageStatement(query, parameters);
  const { connection } = reader;
  const found = await connection.runAndReadAll(sql, parameters.values, parameters.types);
  const rows = found.getRows();
  const pixels = rows.flatMap(([, code, ...row]) =>
    code === null ? [] : [toPixel(String(code), row)],
  );
  const page = pixels.slice(0, limit);
  const last = page.at(-1);
  const more = pixels.length > limit && last !== undefined;
  return {
    pixels: await withCounts(reader, page, query.repeatSeconds),
    next: more ? { value: sortValue(last, sort), code: last.code } : null,
    total: Number(rows[0]?.[0] ?? 0),
  };
}

/**
 * Rows of the total and a pixel; a single one without a pixel when the page is empty. Matching is done once
 * where it costs more than remembering what matched.
 */
function pageStatement(query: PixelsQuery, parameters: Parameters): string {
  const { filter, sort, order, place, limit } = query;
  const column = SORTED_BY[sort];
  const direction = order === 'ascending' ? 'ASC' : 'DESC';
  const inOrder = `${column} ${direction} NULLS LAST, code ${direction}`;
  const isDear = filter.search !== undefined || filter.opened !== undefined;
  const behind = place === null ? '' : `WHERE ${isBehind(query, place, parameters)}`;
  const count = parameters.add('count', limit + 1, INTEGER);
  return `WITH matching AS ${isDear ? 'MATERIALIZED' : 'NOT MATERIALIZED'} (
      SELECT rowid AS number, code, ${column} FROM pixels
      WHERE ${conditionOf(filter, parameters)}),
    page AS (SELECT number FROM matching ${behind} ORDER BY ${inOrder} LIMIT ${count}),
    listed AS (SELECT pixels.* FROM page JOIN pixels ON pixels.rowid = page.number)
    SELECT total, code, epoch_us(created_at), ${READ}
    FROM (SELECT count(*) AS total FROM matching) LEFT JOIN listed ON true ORDER BY ${inOrder}`;
}

/** Of rows of pixels. */
function conditionOf(filter: PixelFilter, parameters: Parameters): string {
  const conditions = ['created_at IS NOT NULL'];
  const { search, modes, opened, createdFrom, createdTo } = filter;
  if (createdFrom !== undefined) {
    const from = parameters.add('createdFrom', BigInt(createdFrom), BIGINT);
    conditions.push(`created_at >= make_timestamp(${from})`);
  }
  if (createdTo !== undefined) {
    const to = parameters.add('createdTo', BigInt(createdTo), BIGINT);
    conditions.push(`created_at < make_timestamp(${to})`);
  }
  for (const property of ['campaign', 'recipient'] as const) {
    const value = filter[property];
    if (value === undefined) continue;
    if (value === null) conditions.push(`nullif(${property}, '') IS NULL`);
    else conditions.push(`${property} = ${parameters.add(property, value, VARCHAR)}`);
  }
  if (modes !== undefined) {
    const numbers = modes.filter((mode) => mode !== null).map((mode) => MODE_NUMBER[mode]);
    const isOne = numbers.length === 0 ? 'false' : `mode IN (${numbers.join(', ')})`;
    conditions.push(modes.includes(null) ? `(${isOne} OR mode IS NULL)` : isOne);
  }
  if (search !== undefined) conditions.push(isFound(search, parameters));
  if (opened !== undefined) conditions.push(`${opened ? '' : 'NOT '}EXISTS (${LOOKS_AT})`);
  return conditions.join(' AND ');
}

const LOOKS_AT = `SELECT 1 FROM (${ofPixel('code', IS_LOOK)}) looks WHERE looks.code = pixels.code`;

function isFound(search: string, parameters: Parameters): string {
  const part = parameters.add('search', search, VARCHAR);
  const texts = ['code', 'label', 'campaign', 'recipient'];
  return `(${texts.map((text) => contains(text, part)).join(' OR ')})`;
}

/** Whether a column's text has this part, upper and lower case alike; nothing in it is a wildcard. */
export const contains = (column: string, part: string): string =>
  `contains(lower(${column}), lower(${part}))`;

function isBehind(
  { sort, order }: PixelsQuery,
  { value, code }: PixelPlace,
  parameters: Parameters,
): string {
  const column = SORTED_BY[sort];
  const past = order === 'ascending' ? '>' : '<';
  const name = parameters.add('placeCode', code, VARCHAR);
  if (value === null) return `${column} IS NULL AND code ${past} ${name}`;
  const at =
    typeof value === 'string'
      ? parameters.add('placeValue', value, VARCHAR)
      : `make_timestamp(${parameters.add('placeValue', BigInt(value), BIGINT)})`;
  return `${column} ${past} ${at} OR ${column} IS NULL OR (${column} = ${at} AND code ${past} ${name})`;
}

async function withCounts(
  reader: Reader,
  pixels: readonly Pixel[],
  repeatSeconds: number,
): Promise<readonly ListedPixel[]> {
  if (pixels.length === 0) return [];
  const parameters = new Parameters();
  const keys = pixels.map(({ code }) => codeKey(code));
  parameters.add('keys', listValue(keys), LIST(UINTEGER));
  parameters.add('window', BigInt(Math.round(repeatSeconds * MICROS_PER_SECOND)), BIGINT);
  const { values, types } = parameters;
  const rows = (await reader.connection.runAndReadAll(COUNTS_BY_CODE, values, types)).getRows();
  // Also of other codes that have one of the keys.
  const counted = new Map(rows.map((row) => [String(row[0]), toCountsByCode(row)]));
  return pixels.map((pixel) => {
    const { counts = NO_COUNTS, lastHitAt = null } = counted.get(pixel.code) ?? {};
    return { pixel, counts, lastHitAt };
  });
}
