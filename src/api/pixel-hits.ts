// The hits of one pixel, newest first, page by page.

import { z } from 'zod';
import { PIXEL_HITS_DEFAULT, PIXEL_HITS_MAX } from '../limits.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { writeCursor } from './cursor.ts';
import { HitRow, hitRow } from './hit-row.ts';
import type { ApiParts } from './parts.ts';
import { CodeText, demandPossible, placeIn, unknownPixel } from './pixel.ts';
import { CursorText, limit } from './query.ts';
import type { Api } from './schema.ts';

const HITS: About = {
  id: 'listPixelHits',
  tag: 'Hits',
  summary: 'Read the hits of a pixel, newest first',
  description: 'Pages stay as they are while new hits arrive.',
  returns: 'A page of its hits, each with its verdict.',
  refuses: { 404: 'No pixel has this code.' },
};

const Query = z.strictObject({
  limit: limit(PIXEL_HITS_MAX, PIXEL_HITS_DEFAULT),
  cursor: CursorText,
});

const Page = z.object({
  hits: z.array(HitRow),
  cursor: z.string().nullable().describe('For the page of older hits; null: there are none.'),
});

type Parts = Pick<ApiParts, 'store' | 'barrier' | 'behind'>;

export function servePixelHits(app: Api, parts: Parts): void {
  app.get(
    '/v1/pixels/:code/hits',
    {
      config: { scope: 'read' },
      schema: {
        about: HITS,
        params: z.object({ code: CodeText }),
        querystring: Query,
        response: { 200: Page },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ params: { code }, query }) => {
      const before = placeIn(code, query.cursor);
      demandPossible(code);
      await catchUp(parts);
      const { hits, next } = await parts.store.pixelHits({ code, limit: query.limit, before });
      if (hits.length === 0 && (await parts.store.pixel(code)) === null) throw unknownPixel();
      return {
        hits: hits.toReversed().map((hit) => hitRow(code, hit)),
        cursor: next === null ? null : writeCursor(code, next),
      };
    },
  );
}
