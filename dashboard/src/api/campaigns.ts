// Campaigns in the chosen time, page by page.

import { useInfiniteQuery } from '@tanstack/react-query';
import type { Operations } from '../../../client/api.d.ts';
import { useSpan } from '../place/use-range.ts';
import { request } from './request.ts';

const PAGE = 50;

export function useCampaigns(search: string) {
  const { resolve, key, isReady } = useSpan('opens');
  return useInfiniteQuery({
    queryKey: ['campaigns', key, search],
    enabled: isReady,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const { from, to, zone } = resolve();
      const query = {
        from,
        to,
        time_zone: zone,
        limit: PAGE,
        search: search === '' ? undefined : search,
        cursor: pageParam === '' ? undefined : pageParam,
      };
      return request<Operations['listCampaigns']['answer']>('/v1/campaigns', { query, signal });
    },
    getNextPageParam: ({ cursor }) => cursor,
    select: ({ pages }) => pages.flatMap(({ campaigns }) => campaigns),
  });
}
