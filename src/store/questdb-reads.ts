// The read side of the Store port on QuestDB: one pixel and its hits, and counts.

import { formatEventId, type JudgedHit, parseEventId } from '../hit/event.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { textKey } from './questdb-lines.ts';
import { mintedAt } from './questdb-known.ts';
import { readAllProperties, readProperties } from './questdb-notes.ts';
import { hitsFrom } from './questdb-pages.ts';
import * as query from './questdb-query.ts';
import { toHit } from './questdb-row.ts';
import type { Counts, HitPage, Pixel, PixelHitsQuery, StoreTotals } from './store.ts';

const MICROS_PER_SECOND = 1_000_000;

export async function readPixel(connections: Connections, code: string): Promise<Pixel | null> {
  const rows = await connections.query(query.CREATED_AT, [textKey(code), code]);
  const createdAt = rows[0]?.[0] ?? null;
  if (createdAt === null) return null;
  const properties = await readProperties(connections, code);
  return { code, createdAt: Number(createdAt), properties };
}

/** Those that were minted. */
export async function readPixels(
  connections: Connections,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Pixel>> {
  const minted = await mintedAt(connections, codes);
  const said = await readAllProperties(connections, [...minted.keys()]);
  return new Map(
    [...minted].map(([code, createdAt]) => {
      const pixel: Pixel = { code, createdAt, properties: said.get(code) ?? {} };
      return [code, pixel];
    }),
  );
}

export async function countOpens(connections: Connections, code: string): Promise<number> {
  const rows = await connections.query(query.COUNT_OPENS, [textKey(code), code]);
  return Number(rows[0]?.[0]);
}

export async function readCounts(
  connections: Connections,
  code: string,
  repeatSeconds: number,
): Promise<Counts> {
  const window = Math.round(repeatSeconds * MICROS_PER_SECOND);
  return countsOf(await connections.query(query.COUNTS, [textKey(code), code, window]));
}

/** Rows of {@link query.COUNTS} of one pixel. */
export function countsOf(rows: readonly Row[]): Counts {
  const found = new Map(rows.map(([sort, ...numbers]) => [sort, numbers.map(Number)]));
  const of = (sort: string): readonly number[] => found.get(sort) ?? [];
  const [looks = 0, viewers = 0, repeats = 0] = of('look');
  const [unverified = 0] = of('unverified');
  const [machine = 0] = of('machine');
  const [ignored = 0] = of('ignored');
  return {
    hits: looks + unverified + machine + ignored,
    opens: looks - repeats,
    repeats,
    unverified,
    machine,
    ignored,
    uniqueOpens: viewers,
  };
}

export async function readTotals(connections: Connections): Promise<StoreTotals> {
  const kinds = new Map((await connections.query(query.COUNT_BY_KIND)) as [string, string][]);
  const pixels = await connections.query(query.COUNT_PIXELS);
  return {
    pixels: Number(pixels[0]?.[0]),
    opens: Number(kinds.get('open') ?? 0),
    visits: Number(kinds.get('visit') ?? 0),
  };
}

/** Throws RangeError when `before` holds an id that is none. */
export async function readPixelHits(
  connections: Connections,
  { code, limit, before }: PixelHitsQuery,
): Promise<HitPage> {
  const scope = query.ofPixel(textKey(code), code);
  // One more than asked for tells whether there is a page before this one.
  const found = await hitsFrom(connections, scope, 'newest', before, limit + 1);
  const hits = found.slice(0, limit).toReversed();
  const oldest = hits[0];
  const more = found.length > limit && oldest !== undefined;
  const next = more ? { at: oldest.event.at, id: formatEventId(oldest.id) } : null;
  return { hits, next };
}

export async function readHit(
  connections: Connections,
  code: string,
  text: string,
): Promise<JudgedHit | null> {
  const id = parseEventId(text);
  if (id === null) return null;
  const { writer, segment, position } = id;
  const key = [textKey(code), code, writer, segment, position];
  const [row] = await connections.query(query.ONE_HIT, key);
  return row === undefined ? null : toHit(row);
}

export async function anyUnjudged(connections: Connections): Promise<boolean> {
  return (await connections.query(query.ANY_UNJUDGED)).length > 0;
}
