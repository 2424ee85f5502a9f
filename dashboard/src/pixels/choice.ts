// Which pixels are listed and in which order, as it stands in the address, and as the server is asked for it.

import type { Query } from '../api/request.ts';

export const SORTS = ['created_at', 'label', 'recipient', 'campaign', 'sent_at'] as const;
export type Sort = (typeof SORTS)[number];
export type Order = 'asc' | 'desc';

const MODES = ['individual', 'aggregate', 'off'];
const OPENED = ['yes', 'no'];

export interface PixelsChoice {
  readonly search: string;
  /** Undefined: any; empty: pixels without one. */
  readonly campaign: string | undefined;
  readonly mode: string | undefined;
  readonly opened: string | undefined;
  readonly sort: Sort;
  readonly order: Order;
}

/** What in the address makes no sense is as if it were not there. */
export function readPixelsChoice(search: URLSearchParams): PixelsChoice {
  const among = (name: string, values: readonly string[]): string | undefined =>
    values.find((value) => value === search.get(name));
  const sort = SORTS.find((each) => each === search.get('sort')) ?? 'created_at';
  const order = among('order', ['asc', 'desc']) as Order | undefined;
  return {
    search: search.get('search') ?? '',
    campaign: search.get('campaign') ?? undefined,
    mode: among('mode', MODES),
    opened: among('opened', OPENED),
    sort,
    order: order ?? naturalOrder(sort),
  };
}

/** Times begin with the latest, names with A. */
export const naturalOrder = (sort: Sort): Order => (sort.endsWith('_at') ? 'desc' : 'asc');

/** Whether only some pixels are asked for. */
export const isNarrowed = ({ search, campaign, mode, opened }: PixelsChoice): boolean =>
  search !== '' || [campaign, mode, opened].some((value) => value !== undefined);

/** For the list; an export takes {@link filtersOf} alone. */
export const queryOf = (choice: PixelsChoice): Query => ({
  ...filtersOf(choice),
  sort: choice.sort,
  order: choice.order,
});

export const filtersOf = ({ search, campaign, mode, opened }: PixelsChoice): Query => ({
  search: search === '' ? undefined : search,
  campaign,
  mode,
  opened,
});
