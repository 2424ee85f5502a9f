// Lists of pixels on QuestDB: a page out of truepixel_catalogue, and then the counts of those on it.

import { COUNTS_BY_CODE, IS_LOOK } from './questdb-counts.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { textKey } from './questdb-lines.ts';
import { readSaid } from './questdb-notes.ts';
import { Parameters } from './questdb-parameters.ts';
import { countsOf } from './questdb-reads.ts';
import { timeText } from './questdb-row.ts';
import { CATALOGUE, HITS } from './questdb-tables.ts';
import {
  type ListedPixel,
  type PixelFilter,
  type PixelPage,
  type PixelPlace,
  type PixelSort,
  type PixelsQuery,
  sortValue,
} from './listing.ts';
import type { Pixel } from './store.ts';

const MICROS_PER_SECOND = 1_000_000;
/** Pixels whose hits one query counts. */
const COUNTED_MAX = 500;

const SORTED_BY: Readonly<Record<PixelSort, string>> = {
  createdAt: 'created_at',
  sentAt: 'sent_at',
  label: 'label',
  recipient: 'recipient',
  campaign: 'campaign',
};

/** Of rows of the catalogue: the pixel that there is now. */
export const IS_PIXEL = 'code IS NOT NULL AND NOT superseded AND mints > 0';

/** See Store.pixels. An erased pixel may have a row for a while. */
export async function listPixels(
  connections: Connections,
  query: PixelsQuery,
  isErased: (code: string) => boolean,
): Promise<PixelPage> {
  const { limit, sort } = query;
  const [[total] = []] = await selected(
    connections,
    query,
    (rows) => `SELECT count() FROM ${rows}`,
  );
  const pixels: Pixel[] = [];
  let { place } = query;
  // One more than asked for tells whether there is a page behind this one.
  for (let isWhole = false; !isWhole && pixels.length <= limit;) {
    const rows = await pageOf(connections, { ...query, place }, limit + 1);
    const found = rows.map(toPixel);
    pixels.push(...found.filter(({ code }) => !isErased(code)));
    const last = found.at(-1);
    isWhole = last === undefined || found.length <= limit;
    if (last !== undefined) place = { value: sortValue(last, sort), code: last.code };
  }
  const page = pixels.slice(0, limit);
  const last = page.at(-1);
  const more = pixels.length > limit && last !== undefined;
  return {
    pixels: await withCounts(connections, page, query.repeatSeconds),
    next: more ? { value: sortValue(last, sort), code: last.code } : null,
    total: Number(total),
  };
}

function toPixel([code, createdAt, said]: Row): Pixel {
  return { code: code ?? '', createdAt: Number(createdAt), properties: readSaid(said ?? '') };
}

/** Asks something of the rows that match, and lie behind the place if `place` says so. */
async function selected(
  connections: Connections,
  query: PixelsQuery,
  ask: (rows: string, parameters: Parameters) => string,
  place: PixelPlace | null = null,
): Promise<Row[]> {
  const parameters = new Parameters();
  const { opened } = query.filter;
  const behind = place === null ? '' : ` AND ${isBehind(query, place, parameters)}`;
  const rows = `SELECT code, created_at, said, ${SORTED_BY[query.sort]} AS place FROM ${CATALOGUE}
    WHERE ${conditionOf(query.filter, parameters)}${behind}`;
  const from = opened === undefined ? `(${rows})` : `(${withLooks(rows, opened)})`;
  return await connections.query(ask(from, parameters), parameters.values);
}

async function pageOf(connections: Connections, query: PixelsQuery, count: number): Promise<Row[]> {
  const direction = query.order === 'ascending' ? 'ASC' : 'DESC';
  // What has no value comes last either way.
  const ask = (rows: string, parameters: Parameters): string =>
    `SELECT code, cast(created_at AS long), said FROM (
      SELECT code, created_at, said, place, CASE WHEN place IS NULL THEN 1 ELSE 0 END AS missing FROM ${rows})
    ORDER BY missing ASC, place ${direction}, code ${direction} LIMIT ${parameters.add(count)}`;
  return await selected(connections, query, ask, query.place);
}

function withLooks(rows: string, opened: boolean): string {
  return `SELECT pixels.code AS code, created_at, said, place FROM (${rows}) pixels
    LEFT JOIN (SELECT DISTINCT code FROM ${HITS} WHERE ${IS_LOOK}) looks ON looks.code = pixels.code
    WHERE looks.code IS ${opened ? 'NOT NULL' : 'NULL'}`;
}

function conditionOf(filter: PixelFilter, parameters: Parameters): string {
  const conditions = [IS_PIXEL];
  const { search, modes, createdFrom, createdTo } = filter;
  if (createdFrom !== undefined) {
    conditions.push(`created_at >= ${parameters.add(timeText(createdFrom))}`);
  }
  if (createdTo !== undefined) {
    conditions.push(`created_at < ${parameters.add(timeText(createdTo))}`);
  }
  for (const property of ['campaign', 'recipient'] as const) {
    const value = filter[property];
    if (value === undefined) continue;
    if (value === null) conditions.push(`(${property} IS NULL OR ${property} = '')`);
    else conditions.push(`${property} = ${parameters.add(value)}`);
  }
  if (modes !== undefined) {
    const own = modes.filter((mode) => mode !== null).map((mode) => `mode = '${mode}'`);
    const any = [...own, ...(modes.includes(null) ? ['mode IS NULL'] : [])];
    conditions.push(any.length === 0 ? 'false' : `(${any.join(' OR ')})`);
  }
  if (search !== undefined && search !== '') {
    const texts = ['code', 'label', 'campaign', 'recipient'];
    const found = texts.map((text) => contains(text, search, parameters));
    conditions.push(`(${found.join(' OR ')})`);
  }
  return conditions.join(' AND ');
}

/** Whether a column's text has this part, upper and lower case alike; nothing in it is a wildcard. */
export const contains = (column: string, part: string, parameters: Parameters): string =>
  `strpos(lower(${column}), ${parameters.add(part.toLowerCase())}) > 0`;

function isBehind({ sort, order }: PixelsQuery, place: PixelPlace, parameters: Parameters): string {
  const column = SORTED_BY[sort];
  const past = order === 'ascending' ? '>' : '<';
  const { value, code } = place;
  if (value === null) return `(${column} IS NULL AND code ${past} ${parameters.add(code)})`;
  const text = typeof value === 'number' ? timeText(value) : value;
  const add = (): string => parameters.add(text);
  const same = `(${column} = ${add()} AND code ${past} ${parameters.add(code)})`;
  return `(${column} ${past} ${add()} OR ${column} IS NULL OR ${same})`;
}

async function withCounts(
  connections: Connections,
  pixels: readonly Pixel[],
  repeatSeconds: number,
): Promise<readonly ListedPixel[]> {
  const window = Math.round(repeatSeconds * MICROS_PER_SECOND);
  const found: Row[] = [];
  for (let from = 0; from < pixels.length; from += COUNTED_MAX) {
    const codes = pixels.slice(from, from + COUNTED_MAX).map(({ code }) => code);
    const parameters = [window, ...codes.map(textKey), ...codes];
    found.push(...(await connections.query(COUNTS_BY_CODE(codes.length), parameters)));
  }
  const byCode = Map.groupBy(found, ([code]) => code);
  return pixels.map((pixel) => {
    const rows = byCode.get(pixel.code) ?? [];
    const times = rows.map((row) => Number(row[1]));
    const counts = countsOf(rows.map(([, , ...counted]) => counted));
    return { pixel, counts, lastHitAt: times.length === 0 ? null : Math.max(...times) };
  });
}
