// Selected hits of QuestDB, page by page. Pixels' campaigns are only known from notes that are merged here:
// hits of a few pixels are asked for by their codes, and of many all are read and the others passed over.

import { formatEventId, type JudgedHit } from '../hit/event.ts';
import type { Connections } from './questdb-connection.ts';
import { readCampaigns } from './questdb-notes.ts';
import { hitsFrom } from './questdb-pages.ts';
import { NOT_REDACTED, type Scope } from './questdb-query.ts';
import { type HitDimension, isKind, isOneOf, ofValues, Parameters } from './questdb-selection.ts';
import { timeText } from './questdb-row.ts';
import type { Selection } from './selection.ts';
import type { HitPage, HitPlace, HitsQuery } from './store.ts';

/** Codes that a query names; of more pixels all hits are read. */
const CODES_NAMED_MAX = 5_000;
/** Hits that are read at a time where most may be of other campaigns. */
const LOOKED_AT = 5_000;

interface Looked {
  readonly scope: Scope;
  /** Of hits in the scope: whether they are selected. */
  readonly isSelected: ((hit: JudgedHit) => boolean) | null;
}

/** Throws RangeError when the place holds an id that is none. */
export async function readHits(
  connections: Connections,
  { selection, order, place, limit }: HitsQuery,
): Promise<HitPage> {
  const { scope, isSelected } = await lookFor(connections, selection);
  // One more than asked for tells whether there is a page behind this one.
  const count = isSelected === null ? limit + 1 : Math.max(limit + 1, LOOKED_AT);
  const found: JudgedHit[] = [];
  let from: HitPlace | null = place;
  for (;;) {
    const read = await hitsFrom(connections, scope, order, from, count);
    for (const hit of read) if (isSelected === null || isSelected(hit)) found.push(hit);
    const last = read.at(-1);
    if (last === undefined || read.length < count || found.length > limit) break;
    from = placeOf(last);
  }
  const hits = found.slice(0, limit);
  const last = hits.at(-1);
  return { hits, next: found.length > limit && last !== undefined ? placeOf(last) : null };
}

async function lookFor(connections: Connections, selection: Selection): Promise<Looked> {
  const { kind, from, to, where } = selection;
  const { campaign: wanted, ...others } = where;
  const parameters = new Parameters();
  const parts = [NOT_REDACTED, ofValues(others, dimensionsOf(others), parameters)];
  if (kind !== null) parts.push(isKind(kind));
  if (from !== null) parts.push(`occurred_at >= '${timeText(from)}'`);
  if (to !== null) parts.push(`occurred_at < '${timeText(to)}'`);
  let isSelected: Looked['isSelected'] = null;
  if (wanted !== undefined) {
    const campaigns = await readCampaigns(connections);
    const codes = [...campaigns].flatMap(([code, campaign]) =>
      wanted.includes(campaign) ? [code] : [],
    );
    if (!wanted.includes(null) && codes.length <= CODES_NAMED_MAX) {
      parts.push(isOneOf('code', codes, parameters));
    } else {
      isSelected = ({ event }) => wanted.includes(campaigns.get(event.code ?? '') ?? null);
    }
  }
  const scope: Scope = { condition: parts.join(' AND '), parameters: parameters.values };
  return { scope, isSelected };
}

const placeOf = ({ id, event }: JudgedHit): HitPlace => ({ at: event.at, id: formatEventId(id) });

const dimensionsOf = (where: Omit<Selection['where'], 'campaign'>): HitDimension[] =>
  Object.keys(where) as HitDimension[];
