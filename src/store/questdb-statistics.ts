// Statistics on QuestDB: how many hits of each sort there are, and how many looks are repeats or the first
// of their viewer, of all together and then of the largest groups. Pixels' campaigns are only known from
// notes that are merged here, so that where they matter QuestDB tells the pixels apart, and sums are put
// together by them: no look is counted with two pixels.

import { bucketOf } from './buckets.ts';
import { classesCountedAs, type Counted } from './counting.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { readCampaigns, readNames } from './questdb-notes.ts';
import {
  between,
  isKind,
  isOneOf,
  ofValues,
  Parameters,
  valueOf as columnOf,
} from './questdb-selection.ts';
import { HITS } from './questdb-tables.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';
import {
  countedLooks,
  type Dialect,
  LOOK_SUMS,
  needsOrder,
  OF_HIT,
  spanOf,
} from './statistics-looks.ts';
import { type Named, statisticsOf, Sums } from './statistics-sums.ts';

const QUESTDB: Dialect = {
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

/** A request with what is needed to put the answer together. */
interface Asked {
  readonly request: StatisticsRequest;
  /** Of pixels by their codes; empty where they do not matter. */
  readonly campaigns: ReadonlyMap<string, string>;
}

export async function readStatistics(
  connections: Connections,
  request: StatisticsRequest,
): Promise<Statistics> {
  const { selection, split, edges } = request;
  const byCampaign = selection.where.campaign !== undefined || split === 'campaign';
  const campaigns = byCampaign ? await readCampaigns(connections) : new Map<string, string>();
  const asked: Asked = { request, campaigns };
  const all = new Sums(edges);
  await addTo(connections, asked, null, () => all);
  if (split === null) return statisticsOf(all, 0, [], []);
  const { groups, named } = await readGroups(connections, asked);
  const sums = new Map(named.map(({ value }) => [value, new Sums(edges)]));
  const values = [...sums.keys()];
  await addTo(connections, asked, values, (value) => sums.get(value));
  return statisticsOf(all, groups, named, [...sums.values()]);
}

/** By which columns hits are told apart: the value that they are split by, and their pixel. */
interface Columns {
  readonly value: boolean;
  readonly code: boolean;
}

function columnsOf({ request }: Asked, isSplit: boolean): Columns {
  const { selection, split } = request;
  return {
    value: isSplit && split !== 'campaign',
    code: selection.where.campaign !== undefined || (isSplit && split === 'campaign'),
  };
}

const namesOf = ({ value, code }: Columns, codeName = 'code'): string =>
  `${value ? ', value' : ''}${code ? `, ${codeName}` : ''}`;

interface Common {
  readonly value: string | null;
  readonly code: string | null;
}

/** What the hits of one row have in common, and the row's other columns. */
function commonOf({ value, code }: Columns, row: Row): [Common, (string | null)[]] {
  const rest = [...row];
  const common = {
    value: (value ? rest.shift() : null) ?? null,
    code: (code ? rest.shift() : null) ?? null,
  };
  return [common, rest];
}

/** The value of a group. */
function valueOf({ request, campaigns }: Asked, { value, code }: Common): string | null {
  return request.split === 'campaign' ? campaignOf(campaigns, code) : value;
}

const campaignOf = (campaigns: Asked['campaigns'], code: string | null): string | null =>
  campaigns.get(code ?? '') || null;

/** Whether they are asked for, as far as the campaign tells. */
function isChosen({ request, campaigns }: Asked, { code }: Common): boolean {
  const wanted = request.selection.where.campaign;
  return wanted === undefined || wanted.includes(campaignOf(campaigns, code));
}

/** Adds all hits, or those that have one of the values, to the sums for their value. */
async function addTo(
  connections: Connections,
  asked: Asked,
  values: readonly (string | null)[] | null,
  sumsOf: (value: string | null) => Sums | undefined,
): Promise<void> {
  const columns = columnsOf(asked, values !== null);
  const told = columns.value ? values : null;
  for (const [bucket, ...row] of await ask(connections, hitsOf(asked, columns, told))) {
    const [common, [sort, hits]] = commonOf(columns, row);
    if (!isChosen(asked, common)) continue;
    sumsOf(valueOf(asked, common))?.addHits(Number(bucket), sort as Counted, Number(hits));
  }
  for (const [bucket, ...row] of await ask(connections, looksOf(asked, columns, told))) {
    const [common, sums] = commonOf(columns, row);
    if (!isChosen(asked, common)) continue;
    const [repeats = 0, first = 0, inBucket = 0, inGroup = 0, inBoth = 0] = sums.map(Number);
    const firsts = values === null ? ([first, inBucket] as const) : ([inGroup, inBoth] as const);
    sumsOf(valueOf(asked, common))?.addLooks(Number(bucket), repeats, ...firsts);
  }
}

interface Groups {
  readonly groups: number;
  readonly named: readonly Named[];
}

async function readGroups(connections: Connections, asked: Asked): Promise<Groups> {
  const { split, groupsMax } = asked.request;
  const columns = columnsOf(asked, true);
  const sizes = new Map<string | null, number>();
  for (const row of await ask(connections, sizesOf(asked, columns))) {
    const [common, [hits]] = commonOf(columns, row);
    if (!isChosen(asked, common)) continue;
    const value = valueOf(asked, common);
    sizes.set(value, (sizes.get(value) ?? 0) + Number(hits));
  }
  const values = [...sizes]
    .toSorted((a, b) => b[1] - a[1] || compareValues(a[0], b[0]))
    .slice(0, groupsMax)
    .map(([value]) => value);
  if (split !== 'pixel') {
    return { groups: sizes.size, named: values.map((value) => ({ value })) };
  }
  const codes = values.filter((code) => code !== null);
  const names = await readNames(connections, codes);
  const labelOf = (code: string | null): string | null => names.get(code ?? '')?.label ?? null;
  const named = values.map((value) => ({ value, label: labelOf(value) }));
  return { groups: sizes.size, named };
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

/** Rows of what hits have in common and how many there are. */
function sizesOf(asked: Asked, columns: Columns): Statement {
  const parameters = new Parameters();
  const names = namesOf(columns).slice(2);
  const hits = hitsWhere(asked, columns, '', parameters);
  return { sql: `SELECT ${names}, count() FROM (${hits}) GROUP BY ${names}`, parameters };
}

/** Rows of bucket, what hits have in common, what they count as, and how many there are. */
function hitsOf(asked: Asked, columns: Columns, values: Told): Statement {
  const parameters = new Parameters();
  const bucket = bucketOf(asked.request.edges, 'cast(occurred_at AS long)', '/');
  const hits = hitsWhere(asked, columns, `${bucket} AS bucket, ${SORT} AS sort`, parameters);
  const names = `bucket${namesOf(columns)}, sort`;
  const condition = isTold(values, parameters);
  const sql = `SELECT ${names}, count() FROM (${hits}) WHERE ${condition} GROUP BY ${names}`;
  return { sql, parameters };
}

/** Rows of bucket, what looks have in common, and {@link LOOK_SUMS}. */
function looksOf(asked: Asked, columns: Columns, values: Told): Statement {
  const { request } = asked;
  const { selection, split } = request;
  const { looksFrom, to } = spanOf(request);
  const parameters = new Parameters();
  const order = needsOrder(request) ? ', writer, segment, position' : '';
  const place = selection.kind === 'open' ? 'code' : 'referrer';
  const value = split === null || split === 'campaign' ? 'code' : columnOf(split);
  const looks = `SELECT cast(occurred_at AS long) AS micros, viewer, ${place} AS place,
      ${value} AS value, ${ofValues(selection.where, OF_HIT, parameters)} AS chosen${order}
    FROM ${HITS} WHERE ${isKind(selection.kind)} AND ${IS_LOOK} AND ${between(looksFrom, to)}
      AND ${ofValues(selection.where, ['pixel'], parameters)}`;
  const names = `bucket${namesOf(columns, 'place')}`;
  const sql = `WITH ${countedLooks(looks, request, QUESTDB)}
    SELECT ${names}, ${LOOK_SUMS} FROM counted WHERE ${isTold(values, parameters)} GROUP BY ${names}`;
  return { sql, parameters };
}

/** The values of the groups that are told; null: whatever they are. */
type Told = readonly (string | null)[] | null;

function isTold(values: Told, parameters: Parameters): string {
  return values === null ? 'true' : isOneOf('value', values, parameters);
}

/** Some columns, and those by which they are told apart, of all hits that are asked for. */
function hitsWhere(
  { request }: Asked,
  { value, code }: Columns,
  columns: string,
  parameters: Parameters,
): string {
  const { selection, split } = request;
  const { from, to } = spanOf(request);
  const all = [
    ...(columns === '' ? [] : [columns]),
    ...(value && split !== null && split !== 'campaign' ? [`${columnOf(split)} AS value`] : []),
    ...(code ? ['code'] : []),
  ];
  return `SELECT ${all.join(', ')} FROM ${HITS}
    WHERE ${isKind(selection.kind)} AND ${between(from, to)}
      AND ${ofValues(selection.where, ['pixel', ...OF_HIT], parameters)}`;
}
