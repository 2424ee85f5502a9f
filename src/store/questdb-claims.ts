// The word of somebody on whose look a hit was, beside the hit itself: a claim may come before its hit, and a
// hit that is written again must not lose it. So every hit that is written has the last word on it.

import { formatEventId, type HitClaimed, type JudgedHit, type Recorded } from '../hit/event.ts';
import type { OwnSign } from '../hit/verdict.ts';
import { type Claim, claimedSign, claimsIn, isClaimed } from './claims.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { CLAIMS_BETWEEN, hitsAtTimes, OWN_BETWEEN } from './questdb-query.ts';
import { idOf, timeText, toHit } from './questdb-row.ts';

/** Times that one query asks for: each is an interval of its own that QuestDB looks up. */
const TIMES_MAX = 500;

/** The hits with what the store knows of claims on them. */
export async function withClaims(
  connections: Connections,
  hits: readonly JudgedHit[],
): Promise<readonly JudgedHit[]> {
  if (hits.length === 0) return hits;
  const rows = await connections.query(CLAIMS_BETWEEN, between(hits));
  const claims = claimsIn(rows.map(toClaim));
  return claims.size === 0 ? hits : hits.map((hit) => claimed(hit, claims));
}

function claimed(hit: JudgedHit, claims: ReadonlyMap<string, Claim>): JudgedHit {
  const claim = claims.get(formatEventId(hit.id));
  if (claim === undefined) return hit;
  return { ...hit, judgement: { ...hit.judgement, own: claimedSign(claim.own) } };
}

/** Those hits that claims are about and that the store has. */
export async function claimedHits(
  connections: Connections,
  claims: readonly Recorded<HitClaimed>[],
): Promise<JudgedHit[]> {
  const about = new Map(claims.map(({ event }) => [formatEventId(event.hit), event.hitAt]));
  const times = [...new Set(about.values())].map(timeText);
  const found: JudgedHit[] = [];
  for (let from = 0; from < times.length; from += TIMES_MAX) {
    const part = times.slice(from, from + TIMES_MAX);
    const rows = await connections.query(hitsAtTimes(part.length), part);
    found.push(...rows.map(toHit).filter(({ id }) => about.has(formatEventId(id))));
  }
  return found;
}

/**
 * Those of the hits, about all that their time has, which the store has still: one that was redacted since
 * it was read must not come back. Claims stay.
 */
export async function stillThere(
  connections: Connections,
  hits: readonly JudgedHit[],
): Promise<readonly JudgedHit[]> {
  if (hits.length === 0) return hits;
  const rows = await connections.query(OWN_BETWEEN, between(hits));
  const there = new Map(
    rows.map(([own, ...id]) => [id.join('-'), (own ?? null) as OwnSign | null]),
  );
  return hits.flatMap((hit) => {
    const own = there.get(formatEventId(hit.id));
    if (own === undefined) return [];
    return isClaimed(own) ? { ...hit, judgement: { ...hit.judgement, own } } : hit;
  });
}

function between(hits: readonly JudgedHit[]): [string, string] {
  let [first, last] = [Infinity, -Infinity];
  for (const { event } of hits) {
    first = Math.min(first, event.at);
    last = Math.max(last, event.at);
  }
  return [timeText(first), timeText(last)];
}

function toClaim([at, writer, segment, position, hit, hitAt, own]: Row): Recorded<HitClaimed> {
  return {
    id: { writer: writer ?? '', segment: Number(segment), position: Number(position) },
    event: {
      kind: 'hit-claimed',
      at: Number(at),
      // Not kept: a claim says nothing of a pixel that is erased.
      code: null,
      hit: idOf(hit ?? ''),
      hitAt: Number(hitAt),
      own: own === 't',
    },
  };
}
