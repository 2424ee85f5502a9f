// A row of truepixel_hits turned into a hit, and how its columns spell what the vocabulary of the rest does
// not have as a database would.

import { type HitKind, type JudgedHit, parseEventId } from '../hit/event.ts';
import { parseWithheld } from '../hit/fields.ts';
import {
  CLASS_OF_REASON,
  type Device,
  type Judgement,
  NOT_JUDGED,
  type OwnSign,
  type Reason,
} from '../hit/verdict.ts';
import type { Row } from './questdb-connection.ts';

/** Reads as {@link toHit} wants it. Times come out as whole microseconds. */
export const HIT = `cast(occurred_at AS long), kind, code, address, referrer, agent, purpose,
  writer, segment, position, reason, client, os, device, country, own, viewer, withheld, own_browser`;

/**
 * The time that a row gets for an event's (microseconds). ILP's nanoseconds end in the year 2262 and begin in
 * 1970: a line with another time is refused, and with it all of its load, for ever.
 */
export function rowTime(micros: number): number {
  if (micros >= 0 && micros <= TIME_MAX) return Math.floor(micros);
  return micros > TIME_MAX ? TIME_MAX : 0;
}

/** In the year 2255. */
const TIME_MAX = Number.MAX_SAFE_INTEGER;

/** `1780272000000001` → `2026-06-01T00:00:00.000001Z`, by which QuestDB goes straight to the partition. */
export function timeText(at: number): string {
  const micros = rowTime(at);
  const milliseconds = new Date(Math.floor(micros / 1_000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(micros % 1_000).padStart(3, '0')}Z`;
}

export function toHit(row: Row): JudgedHit {
  const [at, kind, code, address, referrer, agent, purpose, writer, segment, position] = row;
  const [withheldText, ownBrowser] = row.slice(17);
  const withheld = parseWithheld(withheldText ?? undefined);
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
      ...(withheld === null ? {} : { withheld }),
      ...(ownBrowser === 't' ? { ownBrowser: true as const } : {}),
    },
    judgement: toJudgement(row.slice(10, 17)),
  };
}

function toJudgement([reason, client, os, device, country, own, viewer]: Row): Judgement {
  const sign = (own ?? null) as OwnSign | null;
  if (reason === null || reason === undefined || !Object.hasOwn(CLASS_OF_REASON, reason)) {
    return { ...NOT_JUDGED, own: sign };
  }
  return {
    verdict: {
      class: CLASS_OF_REASON[reason as Reason],
      reason: reason as Reason,
      client: client ?? null,
      os: os ?? null,
      device: (device ?? null) as Device | null,
      country: country ?? null,
    },
    own: sign,
    viewer: viewerOfNumber(viewer ?? null),
  };
}

/** Whether there is more to it than that nobody judged yet. */
export function isJudged({ verdict, viewer }: Judgement): boolean {
  return verdict.reason !== NOT_JUDGED.verdict.reason || viewer !== NOT_JUDGED.viewer;
}

/** QuestDB's smallest LONG is its null. */
const NULL_VIEWER = '8000000000000000';

/** 16 hexadecimal digits as the LONG with the same bits; null for the one that is none. */
export function viewerNumber(viewer: string): bigint | null {
  return viewer === NULL_VIEWER ? null : BigInt.asIntN(64, BigInt(`0x${viewer}`));
}

function viewerOfNumber(number: string | null): string {
  if (number === null) return NULL_VIEWER;
  return BigInt.asUintN(64, BigInt(number)).toString(16).padStart(16, '0');
}

/** Throws RangeError for a text that is no event's id. */
export function idOf(text: string): JudgedHit['id'] {
  const id = parseEventId(text);
  if (id === null) throw new RangeError(`not an event's id: ${text}`);
  return id;
}
