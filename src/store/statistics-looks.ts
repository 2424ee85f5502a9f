// Which looks are repeats, and which are the first of their viewer: the part of statistics that is the same
// in every dialect of SQL, written once.

import { bucketOf } from './buckets.ts';
import { type Dimension, HIT_DIMENSIONS, type Selection } from './selection.ts';
import type { StatisticsRequest } from './statistics.ts';

const MICROS_PER_SECOND = 1e6;
/** In the year 2255. */
const TIME_MAX = Number.MAX_SAFE_INTEGER;

/** Looks of one viewer at one pixel agree in these, and may not in HIT_DIMENSIONS. */
export const OF_PIXEL: readonly Dimension[] = ['pixel', 'campaign'];
/** The conditions on some dimensions. */
export function only(
  where: Selection['where'],
  dimensions: readonly Dimension[],
): Selection['where'] {
  return Object.fromEntries(
    Object.entries(where).filter(([dimension]) => dimensions.includes(dimension as Dimension)),
  );
}

export interface Dialect {
  /** The columns that a place is told by. */
  readonly place: string;
  /** Cuts to whole numbers. */
  readonly division: '/' | '//';
  /** The last value before that is none of NULL; `OVER (…)` follows. */
  readonly lastOf: (value: string) => string;
}

/** In microseconds. */
export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Looks that may make the first ones of the range repeats are found from here on. */
  readonly looksFrom: number;
  readonly window: number;
}

export function spanOf({ selection, repeatSeconds }: StatisticsRequest): Span {
  const from = selection.from ?? 0;
  const window = Math.round(repeatSeconds * MICROS_PER_SECOND);
  return { from, to: selection.to ?? TIME_MAX, looksFrom: Math.max(0, from - window), window };
}

/**
 * Whether it matters which of several looks of one viewer in one instant is the first: then it is the one
 * with the lowest position, and segment.
 */
export function needsOrder({ selection, split }: StatisticsRequest): boolean {
  return isByHit(selection) || (split !== null && ofHit(split));
}

const ofHit = (dimension: Dimension): boolean => !OF_PIXEL.includes(dimension);
const isByHit = ({ where }: Selection): boolean =>
  HIT_DIMENSIONS.some((one) => where[one] !== undefined);

/**
 * Two tables for a WITH: `looks`, which is given and has the columns micros, place, viewer, value and
 * chosen (and position and segment where {@link needsOrder}) of all looks of the span whatever else
 * is asked for; and `counted`, with the bucket and value of those that are asked for, and five ones
 * or zeros: is_repeat; is_first of its viewer in the range, first_in_bucket; and both among the hits of the
 * same value.
 */
export function countedLooks(looks: string, request: StatisticsRequest, dialect: Dialect): string {
  const { selection, split, edges } = request;
  const { from, window } = spanOf(request);
  const order = needsOrder(request) ? 'micros, position, segment' : 'micros';
  const looker = selection.kind === 'open' ? `${dialect.place}, viewer` : 'viewer';
  // All looks of one viewer at one pixel have the same campaign.
  const grouped = split !== null && ofHit(split) ? `${looker}, value` : looker;
  const before = isByHit(selection)
    ? dialect.lastOf('CASE WHEN chosen THEN micros END')
    : 'lag(micros)';
  const bucket = (time: string): string => bucketOf(edges, time, dialect.division);
  const one = (condition: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END`;
  const isFirst = (time: string): string => `${time} IS NULL OR ${time} < ${from}`;
  const isFirstInBucket = (time: string): string =>
    `${isFirst(time)} OR ${bucket(time)} < ${bucket('micros')}`;
  return `looks AS (${looks}),
    linked AS (SELECT micros, ${dialect.place}, value, chosen,
      micros - lag(micros) OVER (PARTITION BY ${dialect.place}, viewer ORDER BY ${order}) AS gap,
      ${before} OVER (PARTITION BY ${looker} ORDER BY ${order}) AS before,
      ${before} OVER (PARTITION BY ${grouped} ORDER BY ${order}) AS alike FROM looks),
    counted AS (SELECT ${bucket('micros')} AS bucket, value, ${one(`gap <= ${window}`)} AS is_repeat,
      ${one(isFirst('before'))} AS is_first, ${one(isFirstInBucket('before'))} AS first_in_bucket,
      ${one(isFirst('alike'))} AS is_first_alike,
      ${one(isFirstInBucket('alike'))} AS first_alike_in_bucket
      FROM linked WHERE chosen AND micros >= ${from})`;
}

/** The sums of `counted`. */
export const LOOK_SUMS = `sum(is_repeat), sum(is_first), sum(first_in_bucket), sum(is_first_alike),
  sum(first_alike_in_bucket)`;
