// Finding pixels: all of them, page by page, with how often each was looked at. So also the one question that
// every sender has: who of this campaign never looked (`campaign=…&opened=no`).

import { z } from 'zod';
import { PIXELS_LISTED_DEFAULT, PIXELS_LISTED_MAX } from '../limits.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { readListCursor, writeListCursor } from './list-cursor.ts';
import type { ApiParts } from './parts.ts';
import { ListedPixelAnswer, listedPixelAnswer } from './pixel-answer.ts';
import { PIXEL_FILTERS, PIXEL_ORDER, readPixelFilter, readPixelOrder } from './pixel-query.ts';
import { CursorText, limit } from './query.ts';
import type { Api } from './schema.ts';

const LIST: About = {
  id: 'listPixels',
  tag: 'Pixels',
  summary: 'Find pixels, newest first, with how often each was looked at',
  description:
    'Every condition that is given holds. `campaign=autumn&opened=no` are those of a campaign that nobody ' +
    'looked at yet. Pages stay as they are while pixels are minted.',
  returns: 'A page of pixels, and how many match on all pages.',
};

const Query = z.strictObject({
  ...PIXEL_FILTERS,
  ...PIXEL_ORDER,
  limit: limit(PIXELS_LISTED_MAX, PIXELS_LISTED_DEFAULT),
  cursor: CursorText,
});

const Page = z.object({
  pixels: z.array(ListedPixelAnswer),
  cursor: z.string().nullable().describe('For the next page; null: this is the last.'),
  total: z.int().describe('How many match.'),
});

const Place = z.strictObject({
  value: z.union([z.string(), z.int(), z.null()]),
  code: z.string(),
});

type Parts = Pick<ApiParts, 'config' | 'store' | 'codes' | 'barrier' | 'behind'>;

export function servePixelList(app: Api, parts: Parts): void {
  const { config, store } = parts;
  app.get(
    '/v1/pixels',
    {
      config: { scope: 'read' },
      schema: { about: LIST, querystring: Query, response: { 200: Page } },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ query }) => {
      const filter = readPixelFilter(query, config.pixelMode);
      const { sort, order } = readPixelOrder(query);
      const list = ['pixels', filter, sort, order];
      const place =
        query.cursor === undefined ? null : readListCursor(list, query.cursor, placeOf(sort));
      await catchUp(parts);
      const { repeatSeconds } = config;
      const page = await store.pixels({
        filter,
        sort,
        order,
        place,
        limit: query.limit,
        repeatSeconds,
      });
      return {
        pixels: page.pixels.map((pixel) => listedPixelAnswer(parts, pixel)),
        cursor: page.next === null ? null : writeListCursor(list, page.next),
        total: page.total,
      };
    },
  );
}

/** Of a list that is sorted by times, or by texts. */
function placeOf(sort: string) {
  const isTime = sort === 'createdAt' || sort === 'sentAt';
  return Place.refine(({ value }) => value === null || isTime === (typeof value === 'number'));
}
