// Rows of the embedded store turned back into hits, and judgements into the values of a row.

import type { DuckDBValue } from '@duckdb/node-api';
import { formatEventId, type Hit, type JudgedHit } from '../hit/event.ts';
import { parseWithheld } from '../hit/fields.ts';
import { CLASS_OF_REASON, type Judgement, NOT_JUDGED } from '../hit/verdict.ts';
import {
  CLASS_NUMBER,
  DEVICE_NUMBER,
  KIND_NUMBER,
  namesOf,
  OWN_NUMBER,
  REASON_NUMBER,
} from './duckdb-numbers.ts';
import type { HitPlace, Source } from './store.ts';

const KINDS = namesOf(KIND_NUMBER);
const REASONS = namesOf(REASON_NUMBER);
const DEVICES = namesOf(DEVICE_NUMBER);
const OWN_SIGNS = namesOf(OWN_NUMBER);
const VIEWER_CHARS = 16;

/** What {@link toHit} reads, of `h` (a row of hits) and `w` (its writer's). */
export const HIT = `epoch_us(h.occurred_at), h.kind, h.code, h.address, h.referrer, h.agent, h.purpose,
  w.writer, h.segment, h.position, h.reason, h.client, h.os, h.device, h.country, h.own, h.viewer,
  h.withheld, h.own_browser`;

/** A row of {@link HIT}. */
export function toHit(row: readonly DuckDBValue[]): JudgedHit {
  const [at, kind, code, address, referrer, agent, purpose, writer, segment, position] = row;
  const [withheld, ownBrowser] = row.slice(17);
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
  return { id, event, judgement: toJudgement(row.slice(10)) };
}

function toJudgement(row: readonly DuckDBValue[]): Judgement {
  const [reasonNumber, client, os, device, country, own, viewer] = row;
  if (viewer === null && reasonNumber === null) return NOT_JUDGED;
  const reason = REASONS.get(reasonNumber as number) ?? 'not-judged';
  return {
    verdict: {
      class: CLASS_OF_REASON[reason],
      reason,
      client: client as string | null,
      os: os as string | null,
      device: DEVICES.get(device as number) ?? null,
      country: country as string | null,
    },
    own: OWN_SIGNS.get(own as number) ?? null,
    viewer: ((viewer as bigint | null) ?? 0n).toString(16).padStart(VIEWER_CHARS, '0'),
  };
}

/** The values of the columns of a judgement; all null of a hit that nobody judged. */
export interface JudgementRow {
  readonly class: number | null;
  readonly reason: number | null;
  readonly client: string | null;
  readonly os: string | null;
  readonly device: number | null;
  readonly country: string | null;
  readonly own: number | null;
  readonly viewer: bigint | null;
}

export function judgementRow({ verdict, own, viewer }: Judgement): JudgementRow {
  const judged = verdict.reason !== 'not-judged' || viewer !== NOT_JUDGED.viewer;
  return {
    class: judged ? CLASS_NUMBER[verdict.class] : null,
    reason: judged ? REASON_NUMBER[verdict.reason] : null,
    client: verdict.client,
    os: verdict.os,
    device: verdict.device === null ? null : DEVICE_NUMBER[verdict.device],
    country: verdict.country,
    own: own === null ? null : OWN_NUMBER[own],
    viewer: judged ? BigInt(`0x${viewer}`) : null,
  };
}

export function placeOf({ id, event }: JudgedHit): HitPlace {
  return { at: event.at, id: formatEventId(id) };
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
