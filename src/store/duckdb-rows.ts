// Rows of the embedded store turned back into hits.

import type { DuckDBValue } from '@duckdb/node-api';
import {
  type EventId,
  formatEventId,
  type Hit,
  type JudgedHit,
  parseEventId,
} from '../hit/event.ts';
import { parseWithheld } from '../hit/fields.ts';
import { toJudgement } from './duckdb-judgement.ts';
import { KIND_NUMBER, namesOf } from './duckdb-numbers.ts';
import type { HitPlace, Source } from './store.ts';

const KINDS = namesOf(KIND_NUMBER);

/** What {@link toHit} reads, of `h` (a row of hits) and `w` (its writer's). */
export const HIT = `epoch_us(h.occurred_at), h.kind, h.code, h.address, h.referrer, h.agent, h.purpose,
  w.writer, h.segment, h.position, h.withheld, h.own_browser,
  h.reason, h.client, h.os, h.device, h.country, h.own, h.viewer`;

/** A row of {@link HIT}. */
export function toHit(row: readonly DuckDBValue[]): JudgedHit {
  const [at, kind, code, address, referrer, agent, purpose, ...rest] = row;
  const [writer, segment, position, withheld, ownBrowser, ...judgement] = rest;
  const facts = parseWithheld((withheld as string | null) ?? undefined);
  const event: Hit = {
    kind: KINDS.get(kind as number) ?? 'open',
    at: Number(at),
    code: code as string | null,
    address: address as string,
    referrer: referrer as string | null,
    agent: agent as string | null,
    purpose: purpose as string | null,
    ...(facts === null ? {} : { withheld: facts }),
    ...(ownBrowser === true ? { ownBrowser } : {}),
  };
  const id = { writer: writer as string, segment: segment as number, position: position as number };
  return { id, event, judgement: toJudgement(judgement) };
}

export function placeOf({ id, event }: JudgedHit): HitPlace {
  return { at: event.at, id: formatEventId(id) };
}

/** Throws RangeError when the place's id is none. */
export function idOf({ id: text }: HitPlace): EventId {
  const id = parseEventId(text);
  if (id === null) throw new RangeError(`not an event's id: ${text}`);
  return id;
}

/** A writer, a segment of it, its hits, and the earliest and latest time of them. */
export function toSource(row: readonly DuckDBValue[]): Source {
  const [writer, segment, hits, firstAt, lastAt] = row;
  return {
    writer: writer as string,
    segment: segment as number,
    hits: Number(hits),
    firstAt: Number(firstAt),
    lastAt: Number(lastAt),
  };
}
