// A selection of hits in QuestDB's SQL: what each dimension is of a row of hits, and the condition of a whole
// selection, with every value as a parameter.

import type { Connections } from './questdb-connection.ts';
import { textKey } from './questdb-lines.ts';
import { readCampaigns } from './questdb-notes.ts';
import { NOT_REDACTED, places, type Scope } from './questdb-query.ts';
import { timeText } from './questdb-row.ts';
import type { Dimension, Selection } from './selection.ts';

type Values = readonly (string | null)[];

const SITE = `regexp_replace(referrer, '(?s)^.*?://([^/?#]*).*$', '$1')`;
/**
 * Capitals of ASCII only become small: a host has no others. QuestDB's `lower` knows all alphabets, and
 * takes a tenth of the time.
 */
const LOWER_SITE = `CASE WHEN length_bytes(referrer) = length(referrer) THEN lower(${SITE})
  ELSE ${lowered(SITE)} END`;

function lowered(text: string): string {
  return Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ').reduce(
    (done, capital) => `replace(${done}, '${capital}', '${capital.toLowerCase()}')`,
    text,
  );
}

/** Of a row of hits; NULL, or empty, where it has none. The campaign is the pixel's, and so not here. */
export const COLUMN_OF: Readonly<Record<Exclude<Dimension, 'campaign'>, string>> = {
  pixel: 'code',
  // Nobody judged it yet.
  class: `coalesce(class, 'unknown')`,
  client: 'client',
  os: 'os',
  device: 'device',
  country: 'country',
  referrer: `CASE WHEN referrer LIKE '%://%' THEN ${LOWER_SITE} END`,
  page: `split_part(split_part(referrer, '?', 1), '#', 1)`,
};

/** Rejects with StoreError. */
export async function scopeOf(connections: Connections, selection: Selection): Promise<Scope> {
  const { kind, from, to, where } = selection;
  const parts = [NOT_REDACTED];
  const parameters: string[] = [];
  const put = (values: readonly string[]): string => {
    parameters.push(...values);
    return places(parameters.length - values.length + 1, values.length);
  };
  if (kind !== null) parts.push(`kind = ${put([kind])}`);
  if (from !== null) parts.push(`occurred_at >= ${put([timeText(from)])}`);
  if (to !== null) parts.push(`occurred_at < ${put([timeText(to)])}`);
  for (const [dimension, values] of Object.entries(where)) {
    if (dimension === 'campaign') parts.push(await ofCampaign(connections, values, put));
    else parts.push(anyOf(dimension as Exclude<Dimension, 'campaign'>, values, put));
  }
  return { condition: parts.join(' AND '), parameters };
}

type Put = (values: readonly string[]) => string;

function anyOf(dimension: Exclude<Dimension, 'campaign'>, values: Values, put: Put): string {
  const column = COLUMN_OF[dimension];
  const named = values.filter((value) => value !== null);
  const keyed = dimension === 'pixel' ? `code_key IN (${put(named.map(textKey))}) AND ` : '';
  const ways = named.length === 0 ? [] : [`(${keyed}${column} IN (${put(named)}))`];
  if (values.includes(null)) ways.push(`${column} IS NULL OR ${column} = ''`);
  return ways.length === 0 ? '1 = 0' : `(${ways.join(' OR ')})`;
}

async function ofCampaign(connections: Connections, values: Values, put: Put): Promise<string> {
  const campaigns = await readCampaigns(connections);
  const codes = [...campaigns].filter(([, campaign]) => values.includes(campaign));
  const ways = codes.length === 0 ? [] : [`code IN (${put(codes.map(([code]) => code))})`];
  if (values.includes(null)) {
    const others = [...campaigns.keys()];
    ways.push(others.length === 0 ? '1 = 1' : `code IS NULL OR code NOT IN (${put(others)})`);
  }
  return ways.length === 0 ? '1 = 0' : `(${ways.join(' OR ')})`;
}
