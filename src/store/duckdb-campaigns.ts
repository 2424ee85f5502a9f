// The list of campaigns, as SQL for the embedded store: what the pixels say, and then the hits of those on
// the page. Counted are just the hits that statistics split by campaign count (docs/counting.md), so that an
// empty name is none, and hits of a pixel that nobody minted here have no campaign.

import { BIGINT, INTEGER, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { COUNTED_AS, IS_LOOK, toCounts } from './duckdb-counts.ts';
import { contains, Parameters } from './duckdb-listing.ts';
import { KIND_NUMBER } from './duckdb-numbers.ts';
import { ofPixel } from './duckdb-query.ts';
import type { Reader } from './duckdb-readers.ts';
import {
  type Campaign,
  type CampaignPage,
  type CampaignPlace,
  type CampaignsQuery,
  NO_COUNTS,
} from './listing.ts';

const MICROS_PER_SECOND = 1e6;
const IS_OPEN = `kind = ${KIND_NUMBER.open}`;
/** Up to this share of all pixels, the hits of others are left out before anything is counted. */
const FEW = 1 / 8;

type Said = Omit<Campaign, 'counts' | 'pixelsOpened'>;
type Counted = Pick<Campaign, 'counts' | 'pixelsOpened'>;

/** See Store.campaigns. */
export async function listCampaigns(reader: Reader, query: CampaignsQuery): Promise<CampaignPage> {
  const { rows, all } = await readPage(reader, query);
  const page = rows.slice(0, query.limit);
  const said = page.map(({ row }) => row);
  const counted = said.length === 0 ? new Map() : await countPage(reader, query, said, all);
  const none: Counted = { counts: NO_COUNTS, pixelsOpened: 0 };
  return {
    campaigns: said.map((row) => ({ ...row, ...(counted.get(row.campaign) ?? none) })),
    next: rows.length > page.length ? (page.at(-1)?.place ?? null) : null,
  };
}

interface PageRows {
  readonly rows: readonly { readonly row: Said; readonly place: CampaignPlace }[];
  /** Pixels of whatever campaign. */
  readonly all: number;
}

async function readPage(reader: Reader, query: CampaignsQuery): Promise<PageRows> {
  const { search, place, limit } = query;
  const parameters = new Parameters();
  const matching =
    search === null ? '' : `AND ${contains('campaign', parameters.add('search', search, VARCHAR))}`;
  const asOf =
    place === null
      ? '(SELECT max(created_at) FROM pixels)'
      : `make_timestamp(${parameters.add('asOf', BigInt(place.asOf), BIGINT)})`;
  const behind = place === null ? '' : `WHERE ${isBehind(place, parameters)}`;
  const count = parameters.add('count', limit + 1, INTEGER);
  const sql = `WITH campaigns AS (
      SELECT nullif(campaign, '') AS campaign, ${asOf} AS as_of,
        max(created_at) FILTER (created_at <= ${asOf}) AS last_as_of,
        count(*) AS pixels, min(created_at) AS first, max(created_at) AS last
      FROM pixels WHERE created_at IS NOT NULL ${matching} GROUP BY 1 HAVING last_as_of IS NOT NULL)
    SELECT epoch_us(as_of), epoch_us(last_as_of), campaign, pixels, epoch_us(first), epoch_us(last),
      (SELECT count(created_at) FROM pixels)
    FROM campaigns ${behind} ORDER BY last_as_of DESC, campaign ASC NULLS LAST LIMIT ${count}`;
  const { values, types } = parameters;
  const found = (await reader.connection.runAndReadAll(sql, values, types)).getRows();
  const rows = found.map(([at, lastAsOf, campaign, ...numbers]) => {
    const [pixels = 0, firstCreatedAt = 0, lastCreatedAt = 0] = numbers.map(Number);
    const name = campaign === null ? null : String(campaign);
    return {
      row: { campaign: name, pixels, firstCreatedAt, lastCreatedAt },
      place: { asOf: Number(at), lastCreatedAt: Number(lastAsOf), campaign: name },
    };
  });
  return { rows, all: Number(found[0]?.[6] ?? 0) };
}

function isBehind({ lastCreatedAt, campaign }: CampaignPlace, parameters: Parameters): string {
  const at = `make_timestamp(${parameters.add('lastAsOf', BigInt(lastCreatedAt), BIGINT)})`;
  const earlier = `last_as_of < ${at}`;
  if (campaign === null) return earlier;
  const name = parameters.add('placeCampaign', campaign, VARCHAR);
  return `${earlier} OR (last_as_of = ${at} AND (campaign > ${name} OR campaign IS NULL))`;
}

async function countPage(
  reader: Reader,
  query: CampaignsQuery,
  page: readonly Said[],
  all: number,
): Promise<ReadonlyMap<string | null, Counted>> {
  const parameters = new Parameters();
  const names = page.flatMap(({ campaign }) => campaign ?? []);
  parameters.add('names', listValue(names), LIST(VARCHAR));
  const pixels = page.reduce((sum, one) => sum + one.pixels, 0);
  // Hits without a campaign may be of pixels that are in no list.
  const areFew = names.length === page.length && pixels < all * FEW;
  const sql = countsStatement(query, areFew, parameters);
  const { values, types } = parameters;
  const rows = (await reader.connection.runAndReadAll(sql, values, types)).getRows();
  return new Map(
    rows.map(([campaign, opened, ...numbers]) => [
      campaign === null ? null : String(campaign),
      { pixelsOpened: Number(opened), counts: toCounts(numbers) },
    ]),
  );
}

/**
 * Everything but repeats and viewers is summed by code. Those need the looks of a viewer in order, by the
 * code's key, as putting texts in order costs ten times as much; codes whose keys are the same are kept
 * apart by a tag, which is empty for all others.
 */
function countsStatement(
  { from, to, repeatSeconds }: CampaignsQuery,
  areFew: boolean,
  parameters: Parameters,
): string {
  const window = Math.round(repeatSeconds * MICROS_PER_SECOND);
  const begin = parameters.add('from', BigInt(from ?? 0), BIGINT);
  const since = parameters.add('since', BigInt(Math.max(0, (from ?? 0) - window)), BIGINT);
  const end = to === null ? null : parameters.add('to', BigInt(to), BIGINT);
  const until = end === null ? '' : ` AND occurred_at < make_timestamp(${end})`;
  parameters.add('window', BigInt(window), BIGINT);
  const listed = 'SELECT code FROM pixels WHERE campaign IN (SELECT unnest($names))';
  const which = areFew ? ` AND code IN (${listed})` : '';
  const hits = (columns: string, condition: string): string =>
    ofPixel(columns, `${condition} AND occurred_at >= make_timestamp(${since})${until}${which}`);
  const tag = `CASE WHEN shared.code_key IS NULL THEN '' ELSE code END AS tag`;
  const counted = (condition: string): string =>
    `count(*) FILTER (occurred_at >= make_timestamp(${begin}) AND ${condition})`;
  const { look, unverified, machine } = COUNTED_AS;
  return `WITH hit AS (${hits('code_key, code, class, own, occurred_at', IS_OPEN)}),
    counted AS MATERIALIZED (SELECT code_key, code, ${counted('true')} AS hits,
      ${counted(unverified)} AS unverified, ${counted(machine)} AS machine, ${counted(look)} AS looks
      FROM hit GROUP BY code_key, code),
    look AS (${hits('code_key, code, viewer, occurred_at', IS_LOOK)}),
    shared AS MATERIALIZED (SELECT code_key FROM counted GROUP BY code_key HAVING count(*) > 1),
    tagged AS (SELECT look.code_key, viewer, epoch_us(occurred_at) AS micros, ${tag}
      FROM look LEFT JOIN shared ON shared.code_key = look.code_key),
    linked AS (SELECT code_key, tag, micros,
      lag(micros) OVER (PARTITION BY code_key, viewer, tag ORDER BY micros) AS before FROM tagged),
    viewers AS (SELECT code_key, tag, count(*) FILTER (micros - before <= $window) AS repeats,
      count(*) FILTER (before IS NULL OR before < ${begin}) AS first
      FROM linked WHERE micros >= ${begin} GROUP BY code_key, tag),
    pixel AS (SELECT counted.*, ${tag} FROM counted LEFT JOIN shared ON shared.code_key = counted.code_key)
    SELECT nullif(pixels.campaign, '') AS name, count(*) FILTER (looks > 0 AND created_at IS NOT NULL),
      sum(hits), sum(unverified), sum(machine), sum(looks), coalesce(sum(repeats), 0), coalesce(sum(first), 0)
    FROM pixel LEFT JOIN pixels ON pixels.code = pixel.code
    LEFT JOIN viewers ON viewers.code_key = pixel.code_key AND viewers.tag = pixel.tag
    GROUP BY name HAVING name IS NULL OR name IN (SELECT unnest($names))`;
}
