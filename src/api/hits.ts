// All hits, newest first, page by page: opens of all pixels and visits, or whichever of them are asked for.

import { z } from 'zod';
import { parseEventId } from '../hit/event.ts';
import { HITS_DEFAULT, HITS_MAX } from '../limits.ts';
import type { Selection } from '../store/selection.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { ListedHitRow, listedHitRow } from './hit-row.ts';
import { readListCursor, writeListCursor } from './list-cursor.ts';
import type { ApiParts } from './parts.ts';
import { CursorText, limit } from './query.ts';
import { RANGE_FIELDS, type RangeQuery, readOpenRange } from './ranges.ts';
import type { Api } from './schema.ts';
import { type Filters, OPEN_FILTERS, readFilters } from './selection-query.ts';

/** Of lists of hits: which ones, with no bound of time where none is given. */
export const HIT_SELECTION = {
  kind: z
    .enum(['open', 'visit'], 'must be open or visit')
    .exactOptional()
    .describe('Only hits of this kind.'),
  ...RANGE_FIELDS,
  to: RANGE_FIELDS.to.describe('Exclusive.'),
  ...OPEN_FILTERS,
};

interface SelectionQuery extends RangeQuery, Filters {
  readonly kind?: 'open' | 'visit';
}

/** What a query with {@link HIT_SELECTION} asks for. Throws 400, naming the parameter. */
export function readSelection(query: SelectionQuery): Selection {
  return { kind: query.kind ?? null, ...readOpenRange(query), where: readFilters(query) };
}

const Query = z.strictObject({
  ...HIT_SELECTION,
  limit: limit(HITS_MAX, HITS_DEFAULT),
  cursor: CursorText,
});

const Page = z.object({
  hits: z.array(ListedHitRow),
  cursor: z.string().nullable().describe('For the page of older hits; null: there are none.'),
});

const Place = z.strictObject({
  at: z.int().nonnegative(),
  id: z.string().refine((id) => parseEventId(id) !== null),
});

const HITS: About = {
  id: 'listHits',
  tag: 'Hits',
  summary: 'Read hits of all pixels, and visits, newest first',
  description:
    'Every condition that is given holds. Pages stay as they are while new hits arrive; a cursor belongs ' +
    'to the conditions that it was given for.',
  returns: 'A page of hits, each with its verdict.',
};

type Parts = Pick<ApiParts, 'store' | 'barrier' | 'behind'>;

export function serveHits(app: Api, parts: Parts): void {
  app.get(
    '/v1/hits',
    {
      config: { scope: 'read' },
      schema: { about: HITS, querystring: Query, response: { 200: Page } },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ query }) => {
      const selection = readSelection(query);
      const list = ['hits', selection];
      const { cursor } = query;
      const place = cursor === undefined ? null : readListCursor(list, cursor, Place);
      await catchUp(parts);
      const page = await parts.store.hits({
        selection,
        order: 'newest',
        place,
        limit: query.limit,
      });
      return {
        hits: page.hits.map(listedHitRow),
        cursor: page.next === null ? null : writeListCursor(list, page.next),
      };
    },
  );
}
