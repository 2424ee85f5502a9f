// The list of campaigns on QuestDB, out of truepixel_catalogue, and at how many pixels of those on the page
// somebody looked.

import type { Connections, Row } from './questdb-connection.ts';
import { IS_LOOK } from './questdb-counts.ts';
import {
  type Campaign,
  type CampaignPage,
  type CampaignPlace,
  type CampaignsQuery,
  NO_COUNTS,
} from './listing.ts';
import type { Counts } from './store.ts';
import { contains, IS_PIXEL } from './questdb-listing.ts';
import { Parameters } from './questdb-parameters.ts';
import { timeText } from './questdb-row.ts';
import { readStatistics } from './questdb-statistics.ts';
import { CATALOGUE, HITS } from './questdb-tables.ts';

const NEWEST = `SELECT cast(max(created_at) AS long) FROM ${CATALOGUE} WHERE ${IS_PIXEL}`;

/** An empty one is none. */
const NAME = `CASE WHEN campaign = '' THEN null ELSE campaign END AS campaign`;

/** See Store.campaigns. */
export async function listCampaigns(
  connections: Connections,
  query: CampaignsQuery,
): Promise<CampaignPage> {
  const [[newest] = []] = query.place === null ? await connections.query(NEWEST) : [];
  const asOf = query.place?.asOf ?? (typeof newest === 'string' ? Number(newest) : null);
  if (asOf === null) return { campaigns: [], next: null };
  const rows = await pageOf(connections, query, asOf);
  const page = rows.slice(0, query.limit);
  const opened = await openedOf(connections, query, page);
  const counts = await countsOf(connections, query, page);
  const last = page.at(-1);
  return {
    campaigns: page.map(([campaign = null, , pixels, first, latest]): Campaign => {
      return {
        campaign,
        pixels: Number(pixels),
        pixelsOpened: opened.get(campaign) ?? 0,
        firstCreatedAt: Number(first),
        lastCreatedAt: Number(latest),
        counts: counts.get(campaign) ?? NO_COUNTS,
      };
    }),
    next:
      rows.length > page.length && last !== undefined
        ? { asOf, lastCreatedAt: Number(last[1]), campaign: last[0] ?? null }
        : null,
  };
}

async function pageOf(
  connections: Connections,
  { search, place, limit }: CampaignsQuery,
  asOf: number,
): Promise<Row[]> {
  const parameters = new Parameters();
  const then = `CASE WHEN created_at <= ${parameters.add(timeText(asOf))} THEN cast(created_at AS long) END`;
  const matching = search === null ? '' : ` AND ${contains('campaign', search, parameters)}`;
  const behind = place === null ? '' : ` AND ${isBehind(place, parameters)}`;
  const sql = `SELECT campaign, last_as_of, pixels, first, latest FROM (
      SELECT campaign, max(${then}) AS last_as_of, count() AS pixels,
        cast(min(created_at) AS long) AS first, cast(max(created_at) AS long) AS latest,
        CASE WHEN campaign IS NULL THEN 1 ELSE 0 END AS missing
      FROM (SELECT created_at, ${NAME} FROM ${CATALOGUE} WHERE ${IS_PIXEL}${matching}) GROUP BY campaign)
    WHERE last_as_of IS NOT NULL${behind}
    ORDER BY last_as_of DESC, missing ASC, campaign ASC LIMIT ${parameters.add(limit + 1)}`;
  return await connections.query(sql, parameters.values);
}

function isBehind({ lastCreatedAt, campaign }: CampaignPlace, parameters: Parameters): string {
  const earlier = `last_as_of < ${parameters.add(lastCreatedAt)}`;
  if (campaign === null) return earlier;
  const same = `last_as_of = ${parameters.add(lastCreatedAt)}`;
  return `(${earlier} OR (${same} AND (campaign > ${parameters.add(campaign)} OR campaign IS NULL)))`;
}

/** At how many of their pixels somebody looked, by campaign. */
async function openedOf(
  connections: Connections,
  { from, to }: CampaignsQuery,
  page: readonly Row[],
): Promise<ReadonlyMap<string | null, number>> {
  if (page.length === 0) return new Map();
  const parameters = new Parameters();
  const any = page
    .map(([campaign]) => campaign)
    .map((campaign) =>
      typeof campaign === 'string'
        ? `campaign = ${parameters.add(campaign)}`
        : `campaign IS NULL OR campaign = ''`,
    );
  const within =
    (from === null ? '' : ` AND occurred_at >= ${parameters.add(timeText(from))}`) +
    (to === null ? '' : ` AND occurred_at < ${parameters.add(timeText(to))}`);
  const rows = await connections.query(
    `SELECT campaign, count() FROM (
        SELECT code, ${NAME} FROM ${CATALOGUE} WHERE ${IS_PIXEL} AND (${any.join(' OR ')})) pixels
      JOIN (SELECT DISTINCT code FROM ${HITS} WHERE ${IS_LOOK}${within}) looks ON looks.code = pixels.code
      GROUP BY campaign`,
    parameters.values,
  );
  return new Map(rows.map(([campaign = null, pixels]) => [campaign, Number(pixels)]));
}

/** By campaign; those without a hit are left out. */
async function countsOf(
  connections: Connections,
  { from, to, repeatSeconds }: CampaignsQuery,
  page: readonly Row[],
): Promise<ReadonlyMap<string | null, Counts>> {
  if (page.length === 0) return new Map();
  const campaign = page.map(([name = null]) => name);
  const { groups } = await readStatistics(connections, {
    selection: { kind: 'open', from, to, where: { campaign } },
    repeatSeconds,
    edges: [],
    split: 'campaign',
    groupsMax: page.length,
  });
  return new Map(groups.map(({ value, totals }) => [value, totals]));
}
