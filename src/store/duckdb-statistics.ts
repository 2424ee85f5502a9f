// Statistics on the embedded store: which groups are the largest, how many hits of each sort there are, and
// how many looks are repeats or the first of their viewer. Some statements of one transaction, so that all
// of them see the same hits.

import { type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { bucketOf } from './buckets.ts';
import { bindCondition, COLUMN_OF, type Condition, conditionOf } from './duckdb-condition.ts';
import { COUNTED_AS, sortOf } from './duckdb-counts.ts';
import { CLASS_NUMBER, DEVICE_NUMBER } from './duckdb-numbers.ts';
import { readNames } from './duckdb-pixels.ts';
import type { Reader } from './duckdb-readers.ts';
import { tallied } from './duckdb-tally.ts';
import { inTransaction } from './duckdb-transaction.ts';
import { HIT_DIMENSIONS, type Dimension } from './selection.ts';
import type { Statistics, StatisticsRequest } from './statistics.ts';
import {
  countedLooks,
  type Dialect,
  LOOK_SUMS,
  needsOrder,
  OF_PIXEL,
  only,
  spanOf,
} from './statistics-looks.ts';
import { type Named, statisticsOf, Sums } from './statistics-sums.ts';
import { StoreError } from './store.ts';

const DUCKDB: Dialect = {
  // Numbers take half as long as texts; both together are 96 bits of a code, beside the 64 of the viewer.
  place: 'place_key, place',
  division: '//',
  lastOf: (value) => `lag(${value} IGNORE NULLS)`,
};
const TABLES = ['hits_sorted', 'hits_recent'];
const SPELT_CLASS = speltOut(CLASS_NUMBER);
const SPELT_DEVICE = speltOut(DEVICE_NUMBER);

/** What hits can be split by, of a row of `h` and the row `p` of its pixel. */
function valueOf(split: Dimension | null): string {
  if (split === null) return 'NULL::VARCHAR';
  if (split === 'campaign') return `nullif(p.campaign, '')`;
  const column = COLUMN_OF[split];
  if (split === 'class') return `${SPELT_CLASS}[${column}]`;
  return split === 'device' ? `${SPELT_DEVICE}[${column}]` : column;
}

/** DuckDB's lists count from 1, as these numbers do. */
function speltOut(numbers: Readonly<Record<string, number>>): string {
  const names = Object.entries(numbers).toSorted(([, a], [, b]) => a - b);
  return `(['${names.map(([name]) => name).join(`', '`)}'])`;
}

/** A request as what its statements have in common. */
interface Asked {
  readonly request: StatisticsRequest;
  /** Which hits. */
  readonly hits: Condition;
  /** Which looks, whatever single hits are asked for; and which of them are asked for. */
  readonly looks: Condition;
  readonly chosen: Condition;
  readonly signal?: AbortSignal | undefined;
}

function askedBy(request: StatisticsRequest): Asked {
  const { selection } = request;
  const { looksFrom } = spanOf(request);
  const anyTime = { kind: null, from: null, to: null };
  return {
    request,
    hits: conditionOf(selection),
    looks: conditionOf(
      { ...selection, from: looksFrom, where: only(selection.where, OF_PIXEL) },
      'look',
    ),
    chosen: conditionOf({ ...anyTime, where: only(selection.where, HIT_DIMENSIONS) }, 'chosen'),
  };
}

interface Answer {
  readonly statistics: Statistics;
  /** Whether it was put together from what was counted already. */
  readonly isTallied: boolean;
}

/** The signal ends it between two of its statements; whoever gives it interrupts the one that runs. */
export function readStatistics(
  reader: Reader,
  request: StatisticsRequest,
  signal?: AbortSignal,
): Promise<Answer> {
  const asked = { ...askedBy(request), signal };
  return inTransaction(reader.connection, async () => {
    const known = await tallied(reader.connection, request);
    if (known !== null) return { statistics: known, isTallied: true };
    return { statistics: await countAll(reader, asked), isTallied: false };
  });
}

async function countAll(reader: Reader, asked: Asked): Promise<Statistics> {
  const { edges, split } = asked.request;
  const { groups, named } = await readGroups(reader, asked);
  const all = new Sums(edges);
  const sums = named.map(() => new Sums(edges));
  const withGroup = (group: DuckDBValue | undefined): Sums[] => {
    const own = sums[index(group) ?? -1];
    return own === undefined ? [all] : [all, own];
  };
  const joined = split === null ? [] : [{ parameters: groupsNamed(named) }];
  for (const row of await read(reader, asked, hitsOf(asked), asked.hits, ...joined)) {
    const [bucket, group, verdictClass, own, hits] = row;
    const sort = sortOf(verdictClass as number | null, own as number | null);
    for (const each of withGroup(group)) each.addHits(index(bucket), sort, Number(hits));
  }
  const { looks, chosen } = asked;
  for (const row of await read(reader, asked, looksOf(asked), looks, chosen, ...joined)) {
    const [bucket, group, ...numbers] = row;
    const [repeats = 0, first = 0, inBucket = 0, inGroup = 0, inBoth = 0] = numbers.map(Number);
    const [, own] = withGroup(group);
    all.addLooks(index(bucket), repeats, first, inBucket);
    own?.addLooks(index(bucket), repeats, inGroup, inBoth);
  }
  return statisticsOf(all, groups, named, sums);
}

interface Groups {
  /** How many there are, told or not. */
  readonly groups: number;
  readonly named: readonly Named[];
}

async function readGroups(reader: Reader, asked: Asked): Promise<Groups> {
  const { split, groupsMax } = asked.request;
  if (split === null) return { groups: 0, named: [] };
  const sizes = `SELECT value, count(*) AS hits FROM (${rowsOf(asked, asked.hits, '1')}) GROUP BY value`;
  const rows = await read(
    reader,
    asked,
    `SELECT value, count(*) OVER () FROM (${sizes})
      ORDER BY hits DESC, value NULLS LAST LIMIT ${groupsMax}`,
    asked.hits,
  );
  const groups = Number(rows[0]?.[1] ?? 0);
  const values = rows.map(([value]) => value as string | null);
  if (split !== 'pixel') return { groups, named: values.map((value) => ({ value })) };
  const names = await readNames(
    reader,
    values.filter((code) => code !== null),
  );
  const labelOf = (code: string | null): string | null => names.get(code ?? '')?.label ?? null;
  return { groups, named: values.map((value) => ({ value, label: labelOf(value) })) };
}

/** Rows of bucket, group, class, own, and how many hits have them. */
function hitsOf(asked: Asked): string {
  const { edges } = asked.request;
  const columns = `${bucketOf(edges, 'epoch_us(h.occurred_at)', '//')} AS bucket, h.class, h.own`;
  return `SELECT bucket, ${numbered(asked)}, class, own, count(*)
    FROM (${rowsOf(asked, asked.hits, columns)}) r ${groupsJoined(asked)} GROUP BY ALL`;
}

/** Rows of bucket, group, and {@link LOOK_SUMS}. The value of a look is its group. */
function looksOf(asked: Asked): string {
  const { request, looks, chosen } = asked;
  const columns = `epoch_us(h.occurred_at) AS micros, h.viewer, ${chosen.sql} AS chosen,
    h.code_key AS place_key, hash(${request.selection.kind === 'open' ? 'h.code' : 'h.referrer'}) AS place
    ${needsOrder(request) ? ', h.position, h.segment' : ''}`;
  const rows = rowsOf(asked, { ...looks, sql: `${looks.sql} AND ${COUNTED_AS.look}` }, columns);
  const grouped = `SELECT r.* REPLACE (${numbered(asked)} AS value) FROM (${rows}) r ${groupsJoined(asked)}`;
  return `WITH ${countedLooks(grouped, request, DUCKDB)}
    SELECT bucket, value, ${LOOK_SUMS} FROM counted GROUP BY ALL`;
}

/** Some columns of `h`, a row of hits, and its value. */
function rowsOf({ request }: Asked, { sql }: Condition, columns: string): string {
  const pixels = request.split === 'campaign' ? 'LEFT JOIN pixels p ON p.code = h.code' : '';
  return TABLES.map(
    (table) => `SELECT ${columns}, ${valueOf(request.split)} AS value
      FROM (SELECT * FROM ${table} WHERE ${sql}) h ${pixels}`,
  ).join(' UNION ALL ');
}

/** The index of the group of `r`; NULL where it is not told. */
const numbered = ({ request }: Asked): string => (request.split === null ? 'NULL' : 'g.number');

function groupsJoined({ request }: Asked): string {
  if (request.split === null) return '';
  return `LEFT JOIN (SELECT unnest($groups) AS value, generate_subscripts($groups, 1) - 1 AS number) g
    ON g.value IS NOT DISTINCT FROM r.value`;
}

const groupsNamed = (named: readonly Named[]): Condition['parameters'] => ({
  groups: [listValue(named.map(({ value }) => value)), LIST(VARCHAR)],
});

/** The rows of a statement with the parameters of these conditions. */
async function read(
  reader: Reader,
  { signal }: Asked,
  sql: string,
  ...conditions: readonly Pick<Condition, 'parameters'>[]
): Promise<DuckDBValue[][]> {
  if (signal?.aborted) throw new StoreError('nobody waits for the answer any more', true);
  return await reader.ask(sql, (statement) => {
    for (const condition of conditions) bindCondition(statement, condition);
  });
}

const index = (value: DuckDBValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
