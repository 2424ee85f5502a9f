// What is asked of QuestDB, as SQL with parameters only, and rows turned back into hits. Times go in as
// ISO 8601 text, so that QuestDB goes straight to the partition, and come out as whole microseconds.

import type { Hit, HitKind, Recorded } from '../hit/event.ts';
import type { Row } from './questdb-connection.ts';
import { ERASED, HITS, PIXELS, PROGRESS, STARTS } from './questdb-schema.ts';

const OF_PIXEL = 'code_key = $1 AND code = $2';

/** A pixel may be there several times, minted again with another time. */
export const CREATED_AT = `SELECT cast(min(created_at) AS long) FROM ${PIXELS} WHERE ${OF_PIXEL}`;

export const COUNT_OPENS = `SELECT count() FROM ${HITS} WHERE ${OF_PIXEL} AND kind = 'open'`;

const HIT = `cast(occurred_at AS long), kind, code, address, referrer, agent, purpose,
  writer, segment, position`;

/** In the order of their times only: hits of one instant are put in order by who asks. */
export const NEWEST_HITS = `SELECT ${HIT} FROM ${HITS} WHERE ${OF_PIXEL}
  ORDER BY occurred_at DESC LIMIT $3`;
export const HITS_BEFORE = `SELECT ${HIT} FROM ${HITS} WHERE ${OF_PIXEL} AND occurred_at < $4
  ORDER BY occurred_at DESC LIMIT $3`;
export const HITS_AT = `SELECT ${HIT} FROM ${HITS} WHERE ${OF_PIXEL} AND occurred_at = $3`;

export const COUNT_BY_KIND = `SELECT kind, count() FROM ${HITS} GROUP BY kind`;
export const COUNT_PIXELS = `SELECT count_distinct(code) FROM ${PIXELS}`;

/** The ids of the hits at so many times. */
export const knownHits = (count: number): string =>
  `SELECT writer, segment, position FROM ${HITS} WHERE occurred_at IN (${places(1, count)})`;

/** When pixels were minted: so many keys of codes, and then the codes. */
export const knownPixels = (count: number): string =>
  `SELECT code, cast(min(created_at) AS long) FROM ${PIXELS}
    WHERE code_key IN (${places(1, count)}) AND code IN (${places(1 + count, count)}) GROUP BY code`;

const places = (first: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `$${first + i}`).join(', ');

export const PROGRESS_ROW = `SELECT turn, text FROM ${PROGRESS} WHERE installation = $1
  ORDER BY turn DESC LIMIT 1`;
export const START_ROW = `SELECT count() FROM ${STARTS} WHERE nonce = $1`;
export const ERASED_DIGESTS = `SELECT digest FROM ${ERASED}`;

/** Rows cannot be deleted: what is left of an erased hit is its time and its id. */
export const REDACT_HITS = `UPDATE ${HITS} SET kind = 'erased', code_key = null, code = null, address = null,
  referrer = null, agent = null, purpose = null WHERE ${OF_PIXEL}`;
export const REDACT_PIXELS = `UPDATE ${PIXELS} SET code_key = null, code = null WHERE ${OF_PIXEL}`;
export const INSERT_ERASED = `INSERT INTO ${ERASED} VALUES (now(), $1)`;

/** `1780272000000001` → `2026-06-01T00:00:00.000001Z`. */
export function timeText(micros: number): string {
  const milliseconds = new Date(Math.floor(micros / 1_000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(micros % 1_000).padStart(3, '0')}Z`;
}

export function toHit(row: Row): Recorded<Hit> {
  const [at, kind, code, address, referrer, agent, purpose, writer, segment, position] = row;
  return {
    id: { writer: writer ?? '', segment: Number(segment), position: Number(position) },
    event: {
      kind: kind as HitKind,
      at: Number(at),
      code: code ?? null,
      address: address ?? '',
      referrer: referrer ?? null,
      agent: agent ?? null,
      purpose: purpose ?? null,
    },
  };
}

/** The newest first; hits of one instant by id. */
export function newestFirst(a: Recorded<Hit>, b: Recorded<Hit>): number {
  if (a.event.at !== b.event.at) return b.event.at - a.event.at;
  if (a.id.writer !== b.id.writer) return a.id.writer < b.id.writer ? 1 : -1;
  return b.id.segment - a.id.segment || b.id.position - a.id.position;
}
