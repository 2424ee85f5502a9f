// Selected hits of the embedded store, page by page in the order of time, from either end. Time alone is read
// first: the bound that it gives lets all other columns be read of one or two sorted runs only, where one
// statement would put every hit behind the place in order (ten to fifty times as long, of 10 million hits).

import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import { bindId, bindLimit } from './duckdb-query.ts';
import type { Reader } from './duckdb-readers.ts';
import { HIT, idOf, placeOf, toHit } from './duckdb-rows.ts';
import { bindCondition, type Condition, conditionOf } from './duckdb-condition.ts';
import { inTransaction } from './duckdb-transaction.ts';
import type { HitPage, HitPlace, HitsQuery } from './store.ts';

const TABLES = ['hits_sorted', 'hits_recent'];
const LAST_ID = 'ffffffffffffffff-4294967295-4294967295';
/** Before every hit, and behind every one. */
const ENDS: Readonly<Record<HitsQuery['order'], HitPlace>> = {
  oldest: { at: -1, id: '0000000000000000-0-0' },
  newest: { at: Number.MAX_SAFE_INTEGER, id: LAST_ID },
};

interface Direction {
  readonly beyond: '>' | '<';
  readonly order: 'ASC' | 'DESC';
  /** Of the times of a page, the last one in the order. */
  readonly last: 'max' | 'min';
}

const DIRECTIONS: Readonly<Record<HitsQuery['order'], Direction>> = {
  oldest: { beyond: '>', order: 'ASC', last: 'max' },
  newest: { beyond: '<', order: 'DESC', last: 'min' },
};

/** The time until which there are enough hits beyond a time. */
const untilOf = ({ sql }: Condition, { beyond, order, last }: Direction): string =>
  `SELECT coalesce(${last}(hit_time), $at) FROM (SELECT hit_time FROM (${TABLES.map(
    (table) => `(SELECT epoch_us(occurred_at) AS hit_time FROM ${table}
      WHERE occurred_at ${beyond} make_timestamp($at) AND ${sql}
      ORDER BY occurred_at ${order} LIMIT $limit)`,
  ).join(' UNION ALL ')}) ORDER BY hit_time ${order} LIMIT $limit)`;

/** Those of the place's own instant are among them. */
const hitsOf = ({ sql }: Condition, { beyond, order }: Direction): string =>
  `SELECT ${HIT} FROM (${TABLES.map(
    (table) => `SELECT * FROM ${table} WHERE occurred_at ${beyond}= make_timestamp($at)
      AND make_timestamp($until) ${beyond}= occurred_at AND ${sql}`,
  ).join(' UNION ALL ')}) h JOIN writers w ON w.number = h.writer
  WHERE h.occurred_at ${beyond} make_timestamp($at) OR w.writer ${beyond} $writer OR (w.writer = $writer
    AND (h.segment ${beyond} $segment OR (h.segment = $segment AND h.position ${beyond} $position)))
  ORDER BY h.occurred_at ${order}, w.writer ${order}, h.segment ${order}, h.position ${order} LIMIT $limit`;

/** See Store.hits. Both statements see the same hits, wherever they are moved meanwhile. */
export async function readHits(reader: Reader, query: HitsQuery): Promise<HitPage> {
  const { selection, order, limit } = query;
  const condition = conditionOf(selection);
  const direction = DIRECTIONS[order];
  const place = query.place ?? ENDS[order];
  const bind = (statement: DuckDBPreparedStatement, times: Record<string, number>): void => {
    // One more than asked for tells whether there is a page behind this one.
    bindLimit(statement, limit + 1);
    bindCondition(statement, condition);
    for (const [name, at] of Object.entries(times)) {
      statement.bindBigInt(statement.parameterIndex(name), BigInt(at));
    }
  };
  const rows = await inTransaction(reader.connection, async () => {
    const [bound] = await reader.ask(untilOf(condition, direction), (statement) =>
      bind(statement, { at: place.at }),
    );
    return await reader.ask(hitsOf(condition, direction), (statement) => {
      bind(statement, { at: place.at, until: Number(bound?.[0]) });
      bindId(statement, idOf(place));
    });
  });
  const hits = rows.slice(0, limit).map(toHit);
  const last = hits.at(-1);
  return { hits, next: rows.length > limit && last !== undefined ? placeOf(last) : null };
}
