// What people said of their own hits, kept apart from the hits so that it may come before them. Claims are
// few: each is something that a person clicked.

import { BIGINT, BOOLEAN, type DuckDBConnection, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import {
  formatEventId,
  type JudgedHit,
  type Note,
  parseEventId,
  type Recorded,
} from '../hit/event.ts';
import { type Claim, claimedSign, claimsIn } from './claims.ts';
import { OWN_NUMBER } from './duckdb-numbers.ts';
import { forgetTally } from './duckdb-tally.ts';
import { compareSpoken } from './last-word.ts';

const KNOWN = `SELECT hit, epoch_us(said_at), said_by FROM claims
  WHERE hit IN (SELECT unnest($hits))`;
const INSERT = `INSERT INTO claims SELECT unnest($hits), make_timestamp(unnest($hitTimes)),
    unnest($codes), unnest($own), make_timestamp(unnest($times)), unnest($ids)
  ON CONFLICT (hit) DO UPDATE SET own = excluded.own, said_at = excluded.said_at,
    said_by = excluded.said_by`;
/** Between the earliest and the latest of some hits. */
const BETWEEN = `SELECT hit, own FROM claims
  WHERE hit_at BETWEEN make_timestamp($1::BIGINT) AND make_timestamp($2::BIGINT)`;
const updateIn = (table: string): string => `UPDATE ${table} SET own = $own
  WHERE occurred_at = make_timestamp($at) AND position = $position AND segment = $segment
    AND writer = (SELECT number FROM writers WHERE writer = $writer)`;

/**
 * Keeps the claims among the notes and applies them to hits that are there already, within the connection's
 * transaction.
 */
export async function keepClaims(
  connection: DuckDBConnection,
  notes: readonly Recorded<Note>[],
): Promise<void> {
  const claims = claimsIn(notes);
  if (claims.size === 0) return;
  const hits = listValue([...claims.keys()]);
  const known = await connection.runAndReadAll(KNOWN, { hits }, { hits: LIST(VARCHAR) });
  const said = new Map(known.getRows().map(([hit, at, by]) => [hit, { at: Number(at), by }]));
  const news = [...claims.values()].filter((claim) => {
    const before = said.get(formatEventId(claim.hit));
    const id = parseEventId(String(before?.by));
    return before === undefined || id === null || compareSpoken({ ...before, id }, claim) < 0;
  });
  if (news.length === 0) return;
  await forgetTally(connection);
  await insert(connection, news);
  for (const claim of news) {
    for (const table of ['hits_sorted', 'hits_recent']) await apply(connection, table, claim);
  }
}

async function insert(connection: DuckDBConnection, claims: readonly Claim[]): Promise<void> {
  await connection.run(
    INSERT,
    {
      hits: listValue(claims.map(({ hit }) => formatEventId(hit))),
      hitTimes: listValue(claims.map(({ hitAt }) => BigInt(hitAt))),
      codes: listValue(claims.map(({ code }) => code)),
      own: listValue(claims.map(({ own }) => own)),
      times: listValue(claims.map(({ at }) => BigInt(at))),
      ids: listValue(claims.map(({ id }) => formatEventId(id))),
    },
    {
      hits: LIST(VARCHAR),
      hitTimes: LIST(BIGINT),
      codes: LIST(VARCHAR),
      own: LIST(BOOLEAN),
      times: LIST(BIGINT),
      ids: LIST(VARCHAR),
    },
  );
}

async function apply(
  connection: DuckDBConnection,
  table: string,
  { hit, hitAt, own }: Claim,
): Promise<void> {
  const { writer, segment, position } = hit;
  const sign = OWN_NUMBER[claimedSign(own)];
  const parameters = { own: sign, at: BigInt(hitAt), position, segment, writer };
  await connection.run(updateIn(table), parameters, { at: BIGINT });
}

/** The hits with what was claimed of them before they came. */
export async function withClaims(
  connection: DuckDBConnection,
  hits: readonly JudgedHit[],
): Promise<readonly JudgedHit[]> {
  if (hits.length === 0) return hits;
  let oldest = Infinity;
  let newest = -Infinity;
  for (const { event } of hits) {
    oldest = Math.min(oldest, event.at);
    newest = Math.max(newest, event.at);
  }
  const rows = await connection.runAndReadAll(BETWEEN, [BigInt(oldest), BigInt(newest)]);
  if (rows.currentRowCount === 0) return hits;
  const claims = new Map(rows.getRows().map(([hit, own]) => [hit, own === true]));
  return hits.map((hit) => {
    const own = claims.get(formatEventId(hit.id));
    if (own === undefined) return hit;
    return { ...hit, judgement: { ...hit.judgement, own: claimedSign(own) } };
  });
}
