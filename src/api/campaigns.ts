// Campaigns beside each other: how many pixels each has, how many of these somebody looked at, and the counts
// of their hits, which are those of the statistics split by campaign.

import { z } from 'zod';
import { CAMPAIGNS_LISTED_DEFAULT, CAMPAIGNS_LISTED_MAX } from '../limits.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { OpenCounts, openCounts } from './counts.ts';
import { readListCursor, writeListCursor } from './list-cursor.ts';
import type { ApiParts } from './parts.ts';
import { SearchText } from './pixel-query.ts';
import { CursorText, limit } from './query.ts';
import { RANGE_FIELDS, readOpenRange } from './ranges.ts';
import type { Api } from './schema.ts';
import { formatMicros, TimeText } from './times.ts';

const LIST: About = {
  id: 'listCampaigns',
  tag: 'Statistics',
  summary: 'List campaigns, those with the newest pixels first',
  description:
    'A campaign is what its pixels say now; the pixels that say none are one entry, `null`. The range is ' +
    'of the hits that count; without it all do. Pages stay as they are while pixels are minted.',
  returns: 'A page of campaigns.',
};

const Query = z.strictObject({
  search: SearchText.describe('Part of the name, upper and lower case alike.'),
  ...RANGE_FIELDS,
  to: RANGE_FIELDS.to.describe('Exclusive.'),
  limit: limit(CAMPAIGNS_LISTED_MAX, CAMPAIGNS_LISTED_DEFAULT),
  cursor: CursorText,
});

const CampaignAnswer = z
  .object({
    campaign: z.string().nullable(),
    pixels: z.int(),
    pixels_opened: z.int().describe('At so many of them somebody looked.'),
    first_created_at: TimeText.describe('When its first pixel was minted.'),
    last_created_at: TimeText.describe('When its newest pixel was minted.'),
    counts: OpenCounts,
  })
  .meta({ id: 'Campaign', description: 'What pixels with the same `campaign` have in common.' });

const Page = z.object({
  campaigns: z.array(CampaignAnswer),
  cursor: z.string().nullable().describe('For the next page; null: this is the last.'),
});

const Place = z.strictObject({
  asOf: z.int(),
  lastCreatedAt: z.int(),
  campaign: z.string().nullable(),
});

type Parts = Pick<ApiParts, 'config' | 'store' | 'barrier' | 'behind'>;

export function serveCampaigns(app: Api, parts: Parts): void {
  app.get(
    '/v1/campaigns',
    {
      config: { scope: 'read' },
      schema: { about: LIST, querystring: Query, response: { 200: Page } },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ query }) => {
      const { search = '', cursor } = query;
      const { from, to } = readOpenRange(query);
      const list = ['campaigns', search, from, to];
      const place = cursor === undefined ? null : readListCursor(list, cursor, Place);
      await catchUp(parts);
      const { campaigns, next } = await parts.store.campaigns({
        search: search === '' ? null : search,
        from,
        to,
        place,
        limit: query.limit,
        repeatSeconds: parts.config.repeatSeconds,
      });
      return {
        campaigns: campaigns.map((one) => ({
          campaign: one.campaign,
          pixels: one.pixels,
          pixels_opened: one.pixelsOpened,
          first_created_at: formatMicros(one.firstCreatedAt),
          last_created_at: formatMicros(one.lastCreatedAt),
          counts: openCounts(one.counts),
        })),
        cursor: next === null ? null : writeListCursor(list, next),
      };
    },
  );
}
