// Statistics: how many opens or visits there were, over time, and by what they have in common. What is
// counted is told in docs/counting.md; the store is asked one request, which is data (store/statistics.ts).

import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { HitKind } from '../hit/event.ts';
import {
  STATISTICS_GROUPS_DEFAULT,
  STATISTICS_GROUPS_MAX,
  STATISTICS_POINTS_MAX,
} from '../limits.ts';
import { type Dimension, HIT_DIMENSIONS } from '../store/selection.ts';
import type { StatisticsRequest } from '../store/statistics.ts';
import type { Counts } from '../store/store.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { OpenCounts, openCounts, VisitCounts, visitCounts } from './counts.ts';
import { edgesOf, type Interval, INTERVALS } from './intervals.ts';
import type { ApiParts } from './parts.ts';
import { limit } from './query.ts';
import { formatZoned, type Range, RANGE_FIELDS, type RangeQuery, readRange } from './ranges.ts';
import { badRequest, tryAgain } from './refusal.ts';
import type { Api } from './schema.ts';
import {
  type Filters,
  OPEN_DIMENSIONS,
  OPEN_FILTERS,
  readFilters,
  VISIT_FILTERS,
} from './selection-query.ts';

interface Query extends RangeQuery, Filters {
  readonly interval?: Interval;
  readonly split?: Dimension;
  readonly limit: number;
}

const queryOf = <Filters extends z.core.$ZodLooseShape, Name extends Dimension>(
  filters: Filters,
  dimensions: readonly [Name, ...Name[]],
) =>
  z.strictObject({
    ...RANGE_FIELDS,
    interval: z
      .enum(INTERVALS, `must be one of ${INTERVALS.join(', ')}`)
      .exactOptional()
      .describe('Also how it went over time, in steps of this length.'),
    split: z
      .enum(dimensions, `must be one of ${dimensions.join(', ')}`)
      .exactOptional()
      .describe('Also how many there were of each value of this.'),
    limit: limit(STATISTICS_GROUPS_MAX, STATISTICS_GROUPS_DEFAULT).describe(
      'So many of the largest groups are told.',
    ),
    ...filters,
  });

const ZonedText = z.iso.datetime({ offset: true });

const answerOf = <Shape extends z.core.$ZodLooseShape>(
  of: 'Open' | 'Visit',
  counts: z.ZodObject<Shape>,
) => {
  const series = z.array(
    z
      .object({
        start: ZonedText.describe('Where the bucket begins: the first one where the range does.'),
        ...counts.shape,
      })
      .meta({ id: `${of}Point`, description: 'A bucket of a series.' }),
  );
  return z
    .object({
      from: ZonedText,
      to: ZonedText.describe('Exclusive.'),
      time_zone: z.string(),
      interval: z.enum(INTERVALS).nullable(),
      split: z.enum(OPEN_DIMENSIONS).nullable(),
      totals: counts,
      series: series.describe('Empty without an interval.'),
      groups: z
        .array(
          z
            .object({
              value: z.string().nullable().describe('Null: hits that have none.'),
              label: z
                .string()
                .nullable()
                .exactOptional()
                .describe('Of a pixel, when split by pixel.'),
              totals: counts,
              series,
            })
            .meta({ id: `${of}Group`, description: 'Hits that have a value in common.' }),
        )
        .describe('Largest first, by their hits.'),
      groups_left_out: z.int().describe('How many more groups there are.'),
    })
    .meta({ id: `${of}Statistics`, description: 'The counts of a range, over time and by group.' });
};

const SERIES =
  'With `interval` also as a series with every bucket of the range, empty ones too; with `split` also for ' +
  'each of the largest groups of hits that have a value in common. Whoever looks in two buckets is unique ' +
  'in both, so unique ones of buckets do not add up to the total. Filters never make an open of a repeat. ' +
  'More in docs/counting.md.';
const OPENS: About = {
  id: 'countOpens',
  tag: 'Statistics',
  summary: 'Count the opens of many pixels',
  description: SERIES,
  returns: 'The counts of all hits that were asked for, over time and by group.',
};
const VISITS: About = {
  id: 'countVisits',
  tag: 'Statistics',
  summary: 'Count the visits of pages that show `/track`',
  description: `A repeat is a look of the same viewer at the same page. ${SERIES}`,
  returns: 'The counts of all hits that were asked for, over time and by group.',
};

type Parts = Pick<ApiParts, 'config' | 'store' | 'barrier' | 'behind'>;

/** How the counts of one kind of hits are shown. */
type Shown<Row> = (counts: Counts) => Row;

export function serveStatistics(app: Api, parts: Parts): void {
  app.get(
    '/v1/statistics/opens',
    {
      config: { scope: 'read' },
      schema: {
        about: OPENS,
        querystring: queryOf(OPEN_FILTERS, OPEN_DIMENSIONS),
        response: { 200: answerOf('Open', OpenCounts) },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ query }, reply) => await answer(parts, 'open', query, openCounts, signalOf(reply)),
  );
  app.get(
    '/v1/statistics/visits',
    {
      config: { scope: 'read' },
      schema: {
        about: VISITS,
        querystring: queryOf(VISIT_FILTERS, HIT_DIMENSIONS),
        response: { 200: answerOf('Visit', VisitCounts) },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ query }, reply) => await answer(parts, 'visit', query, visitCounts, signalOf(reply)),
  );
}

/** Aborted when the caller goes before the answer: nobody else should wait for it then. */
function signalOf({ raw }: FastifyReply): AbortSignal {
  const ending = new AbortController();
  raw.once('close', () => ending.abort());
  return ending.signal;
}

async function answer<Row>(
  parts: Parts,
  kind: HitKind,
  query: Query,
  shown: Shown<Row>,
  signal: AbortSignal,
) {
  const range = readRange(query);
  const { interval = null, split = null } = query;
  const edges =
    interval === null ? [] : edgesWithin(range, interval, split === null ? 0 : query.limit);
  const { from, to, zone } = range;
  await catchUp(parts);
  const request: StatisticsRequest = {
    selection: { kind, from, to, where: readFilters(query) },
    repeatSeconds: parts.config.repeatSeconds,
    edges,
    split,
    groupsMax: query.limit,
  };
  const found = await parts.store.statistics(request, signal).catch((error: unknown) => {
    // Not worth a line in the log: the store did as it was told.
    throw signal.aborted ? tryAgain('the caller did not wait for the answer') : error;
  });
  const starts = edges.slice(0, -1).map((edge) => formatZoned(edge, zone));
  const seriesOf = (series: readonly Counts[]) =>
    series.map((counts, bucket) => ({ start: starts[bucket] ?? '', ...shown(counts) }));
  return {
    from: formatZoned(from, zone),
    to: formatZoned(to, zone),
    time_zone: zone,
    interval,
    split,
    totals: shown(found.totals),
    series: seriesOf(found.series),
    groups: found.groups.map(({ totals, series, ...group }) => ({
      ...group,
      totals: shown(totals),
      series: seriesOf(series),
    })),
    groups_left_out: found.groupsLeftOut,
  };
}

/** Throws 400 where the answer would have too many points. */
function edgesWithin({ from, to, zone }: Range, interval: Interval, groups: number): number[] {
  const max = Math.floor(STATISTICS_POINTS_MAX / (groups + 1));
  const edges = edgesOf(from, to, zone, interval, max + 1);
  if (edges.length <= max + 1) return edges;
  const detail =
    `gives more than ${STATISTICS_POINTS_MAX} points in this range` +
    (groups === 0 ? '' : ` with ${groups} groups`);
  throw badRequest([{ parameter: 'interval', detail }]);
}
