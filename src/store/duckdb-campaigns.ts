// The list of campaigns, as SQL for the embedded store: what the pixels say, and at how many of them somebody
// looked. The looks are those of the campaigns on the page only.

import { BIGINT, INTEGER, VARCHAR } from '@duckdb/node-api';
import { IS_LOOK } from './duckdb-counts.ts';
import { contains, Parameters } from './duckdb-listing.ts';
import { ofPixel } from './duckdb-query.ts';
import type { Reader } from './duckdb-readers.ts';
import type { Campaign, CampaignPage, CampaignPlace, CampaignsQuery } from './listing.ts';

/** Of rows of campaigns: by the list's beginning, not by what was minted since. */
const IN_ORDER = 'last_as_of DESC, campaign ASC NULLS LAST';

/** See Store.campaigns. */
export async function listCampaigns(reader: Reader, query: CampaignsQuery): Promise<CampaignPage> {
  const parameters = new Parameters();
  const sql = pageStatement(query, parameters);
  const { values, types } = parameters;
  const found = await reader.connection.runAndReadAll(sql, values, types);
  const rows = found.getRows().map(([asOf, lastAsOf, campaign, ...numbers]) => {
    const [pixels = 0, firstCreatedAt = 0, lastCreatedAt = 0, pixelsOpened = 0] =
      numbers.map(Number);
    const name = campaign === null ? null : String(campaign);
    const row: Campaign = { campaign: name, pixels, pixelsOpened, firstCreatedAt, lastCreatedAt };
    return { row, place: { asOf: Number(asOf), lastCreatedAt: Number(lastAsOf), campaign: name } };
  });
  const page = rows.slice(0, query.limit);
  return {
    campaigns: page.map(({ row }) => row),
    next: rows.length > page.length ? (page.at(-1)?.place ?? null) : null,
  };
}

function pageStatement(query: CampaignsQuery, parameters: Parameters): string {
  const { search, place, limit } = query;
  const matching =
    search === null ? '' : `AND ${contains('campaign', parameters.add('search', search, VARCHAR))}`;
  const asOf =
    place === null
      ? '(SELECT max(created_at) FROM pixels)'
      : `make_timestamp(${parameters.add('asOf', BigInt(place.asOf), BIGINT)})`;
  const behind = place === null ? '' : `WHERE ${isBehind(place, parameters)}`;
  const count = parameters.add('count', limit + 1, INTEGER);
  // Grouped before it is joined: of several pixels in a row one code is compared.
  return `WITH campaigns AS (
      SELECT campaign, ${asOf} AS as_of, max(created_at) FILTER (created_at <= ${asOf}) AS last_as_of,
        count(*) AS pixels, min(created_at) AS first, max(created_at) AS last
      FROM pixels WHERE created_at IS NOT NULL ${matching} GROUP BY campaign
      HAVING last_as_of IS NOT NULL),
    page AS MATERIALIZED (SELECT * FROM campaigns ${behind} ORDER BY ${IN_ORDER} LIMIT ${count}),
    listed AS MATERIALIZED (SELECT code, pixels.campaign FROM pixels
      JOIN page ON pixels.campaign IS NOT DISTINCT FROM page.campaign
      WHERE created_at IS NOT NULL),
    looked_at AS (${ofPixel('code', `${IS_LOOK} AND ${withinRange(query, parameters)}`)}),
    opened AS (SELECT campaign, count(*) AS pixels FROM listed
      WHERE EXISTS (SELECT 1 FROM looked_at WHERE looked_at.code = listed.code) GROUP BY campaign)
    SELECT epoch_us(as_of), epoch_us(last_as_of), page.campaign, page.pixels, epoch_us(first),
      epoch_us(last), coalesce(opened.pixels, 0)
    FROM page LEFT JOIN opened ON opened.campaign IS NOT DISTINCT FROM page.campaign
    ORDER BY last_as_of DESC, page.campaign ASC NULLS LAST`;
}

function isBehind({ lastCreatedAt, campaign }: CampaignPlace, parameters: Parameters): string {
  const at = `make_timestamp(${parameters.add('lastAsOf', BigInt(lastCreatedAt), BIGINT)})`;
  const earlier = `last_as_of < ${at}`;
  if (campaign === null) return earlier;
  const name = parameters.add('placeCampaign', campaign, VARCHAR);
  return `${earlier} OR (last_as_of = ${at} AND (campaign > ${name} OR campaign IS NULL))`;
}

function withinRange({ from, to }: CampaignsQuery, parameters: Parameters): string {
  const bounds = [
    ...(from === null ? [] : [['>=', parameters.add('from', BigInt(from), BIGINT)]]),
    ...(to === null ? [] : [['<', parameters.add('to', BigInt(to), BIGINT)]]),
  ];
  const conditions = bounds.map(([is, at]) => `occurred_at ${is} make_timestamp(${at})`);
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}
