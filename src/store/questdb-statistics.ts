// Statistics on QuestDB: how many hits of each sort there are, and how many looks are repeats or the first of
// their viewer, of all together and then of the largest groups.

import { bucketOf } from './buckets.ts';
import { classesCountedAs, type Counted } from './counting.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { readNames } from './questdb-notes.ts';
import { between, isKind, isOneOf, ofValues, Parameters, valueOf } from './questdb-selection.ts';
import { HIT_DIMENSIONS } from './selection.ts';
import { CATALOGUE, HITS } from './questdb-tables.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';
import { countedLooks, type Dialect, LOOK_SUMS, needsOrder, spanOf } from './statistics-looks.ts';
import { type Named, statisticsOf, Sums } from './statistics-sums.ts';

const QUESTDB: Dialect = {
  place: 'place',
  division: '/',
  lastOf: (value) => `lag(${value}) IGNORE NULLS`,
};

const listOf = (counted: Counted): string =>
  classesCountedAs(counted)
    .map((one) => `'${one}'`)
    .join(', ');
const IS_OWN = `own IN ('address', 'browser', 'claimed')`;
const IS_LOOK = `(own IS NULL OR own = 'disclaimed') AND class IN (${listOf('look')})`;
const SORT = `CASE WHEN ${IS_OWN} THEN 'ignored'
  ${(['look', 'unverified', 'machine'] as const)
    .map((counted) => `WHEN class IN (${listOf(counted)}) THEN '${counted}'`)
    .join(' ')} ELSE 'ignored' END`;

/** Campaigns are read from the catalogue, which the caller has completed. */
export const needsCatalogue = ({ selection, split }: StatisticsRequest): boolean =>
  selection.where.campaign !== undefined || split === 'campaign';

export async function readStatistics(
  connections: Connections,
  request: StatisticsRequest,
): Promise<Statistics> {
  const { split, edges } = request;
  const all = new Sums(edges);
  for (const [bucket, sort, hits] of await ask(connections, hitsOf(request, null))) {
    all.addHits(Number(bucket), sort as Counted, Number(hits));
  }
  for (const [bucket, ...sums] of await ask(connections, looksOf(request, null))) {
    const [repeats = 0, first = 0, inBucket = 0] = sums.map(Number);
    all.addLooks(Number(bucket), repeats, first, inBucket);
  }
  if (split === null) return statisticsOf(all, 0, [], []);
  const { groups, named } = await readGroups(connections, request);
  const values = named.map(({ value }) => value);
  const sumsOf = new Map(values.map((value) => [value, new Sums(edges)]));
  for (const [bucket, value, sort, hits] of await ask(connections, hitsOf(request, values))) {
    sumsOf.get(value ?? null)?.addHits(Number(bucket), sort as Counted, Number(hits));
  }
  for (const [bucket, value, ...sums] of await ask(connections, looksOf(request, values))) {
    const [repeats = 0, , , first = 0, inBucket = 0] = sums.map(Number);
    sumsOf.get(value ?? null)?.addLooks(Number(bucket), repeats, first, inBucket);
  }
  return statisticsOf(all, groups, named, [...sumsOf.values()]);
}

interface Groups {
  readonly groups: number;
  readonly named: readonly Named[];
}

async function readGroups(connections: Connections, request: StatisticsRequest): Promise<Groups> {
  const { split, groupsMax } = request;
  const parameters = new Parameters();
  const sizes = `SELECT value, count() AS hits FROM (${selected(request, '', parameters)}) GROUP BY value`;
  const [counted] = await connections.query(`SELECT count() FROM (${sizes})`, parameters.values);
  // QuestDB has hits without a value first among those of one size: one more is read, and put in order here.
  const largest = `${sizes} ORDER BY hits DESC, value LIMIT ${groupsMax + 1}`;
  const rows = await connections.query(largest, parameters.values);
  const values = rows
    .map(([value, hits]) => ({ value: value ?? null, hits: Number(hits) }))
    .toSorted((a, b) => b.hits - a.hits || compareValues(a.value, b.value))
    .slice(0, groupsMax)
    .map(({ value }) => value);
  const groups = Number(counted?.[0] ?? 0);
  if (split !== 'pixel') return { groups, named: values.map((value) => ({ value })) };
  const names = await readNames(
    connections,
    values.filter((code) => code !== null),
  );
  const labelOf = (code: string | null): string | null => names.get(code ?? '')?.label ?? null;
  return { groups, named: values.map((value) => ({ value, label: labelOf(value) })) };
}

/** By the bytes of their UTF-8; null last. */
function compareValues(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

interface Statement {
  readonly sql: string;
  readonly parameters: Parameters;
}

const ask = (connections: Connections, { sql, parameters }: Statement): Promise<Row[]> =>
  connections.query(sql, parameters.values);

/** The values of the groups that are told, by which hits are told apart then; null: all hits together. */
type Told = readonly (string | null)[] | null;

/** Rows of bucket, value where hits are told apart, what they count as, and how many there are. */
function hitsOf(request: StatisticsRequest, told: Told): Statement {
  const parameters = new Parameters();
  const bucket = bucketOf(request.edges, 'cast(occurred_at AS long)', '/');
  const hits = selected(request, `${bucket} AS bucket, ${SORT} AS sort, `, parameters);
  const names = `bucket${told === null ? '' : ', value'}, sort`;
  const condition = isTold(told, parameters);
  const sql = `SELECT ${names}, count() FROM (${hits}) WHERE ${condition} GROUP BY ${names}`;
  return { sql, parameters };
}

/** Rows of bucket, value where looks are told apart, and {@link LOOK_SUMS}. */
function looksOf(request: StatisticsRequest, told: Told): Statement {
  const { where, kind } = request.selection;
  const { looksFrom, to } = spanOf(request);
  const parameters = new Parameters();
  const order = needsOrder(request) ? ', position, segment' : '';
  const rows = `${isKind(kind)} AND ${IS_LOOK} AND ${between(looksFrom, to)}
    AND ${ofValues(where, ['pixel'], parameters)}`;
  const chosen = ofValues(where, HIT_DIMENSIONS, parameters);
  const looks = `SELECT cast(occurred_at AS long) AS micros, viewer, ${valueIn(request)} AS value,
      ${kind === 'open' ? 'code' : 'referrer'} AS place, ${chosen} AS chosen${order}
    FROM (${withCampaigns(request, rows)}) WHERE ${ofCampaign(request, parameters)}`;
  const names = `bucket${told === null ? '' : ', value'}`;
  const sql = `WITH ${countedLooks(looks, request, QUESTDB)}
    SELECT ${names}, ${LOOK_SUMS} FROM counted WHERE ${isTold(told, parameters)} GROUP BY ${names}`;
  return { sql, parameters };
}

const isTold = (told: Told, parameters: Parameters): string =>
  told === null ? 'true' : isOneOf('value', told, parameters);

/** Some columns and the value of all hits that are asked for. */
function selected(request: StatisticsRequest, columns: string, parameters: Parameters): string {
  const { kind, where } = request.selection;
  const { from, to } = spanOf(request);
  const rows = `${isKind(kind)} AND ${between(from, to)}
    AND ${ofValues(where, ['pixel', ...HIT_DIMENSIONS], parameters)}`;
  return `SELECT ${columns}${valueIn(request)} AS value
    FROM (${withCampaigns(request, rows)}) WHERE ${ofCampaign(request, parameters)}`;
}

/** The value that hits are split by. */
function valueIn({ split }: StatisticsRequest): string {
  if (split === 'campaign') return CAMPAIGN;
  return split === null ? 'code' : valueOf(split);
}

const CAMPAIGN = `nullif(campaign, '')`;

function ofCampaign({ selection }: StatisticsRequest, parameters: Parameters): string {
  const wanted = selection.where.campaign;
  return wanted === undefined ? 'true' : isOneOf(CAMPAIGN, wanted, parameters);
}

/** Rows of hits, with the campaign where it matters. */
function withCampaigns(request: StatisticsRequest, condition: string): string {
  const hits = `SELECT * FROM ${HITS} WHERE ${condition}`;
  if (!needsCatalogue(request)) return hits;
  return `SELECT hit.*, pixel.campaign FROM (${hits}) hit
    LEFT JOIN (SELECT code AS pixel_code, campaign FROM ${CATALOGUE}
      WHERE code IS NOT NULL AND NOT superseded) pixel ON pixel.pixel_code = hit.code`;
}
