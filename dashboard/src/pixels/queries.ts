// What the pages about pixels ask of the server, and what they have it do. Everything about one pixel is kept
// under one key, so that a change or a new hit refreshes all of it.

import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { Operations } from '../../../client/api.d.ts';
import { type Query, request } from '../api/request.ts';
import type { Erasure, Hit, HitPage, Minted, Pixel, PixelPage, Properties } from './answers.ts';

const PIXELS_A_PAGE = 50;
const HITS_A_PAGE = 50;
const CAMPAIGNS_OFFERED = 200;
/** How often a job that takes seconds is asked for. */
const PROGRESS_MS = 700;

const pathOf = (code: string): string => `/v1/pixels/${encodeURIComponent(code)}`;

export function usePixels(query: Query) {
  return useInfiniteQuery({
    queryKey: ['pixels', query],
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }: PixelPage) => cursor ?? undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      request<PixelPage>('/v1/pixels', {
        query: { ...query, limit: PIXELS_A_PAGE, cursor },
        signal,
      }),
  });
}

export function usePixel(code: string) {
  return useQuery({
    queryKey: ['pixel', code, 'facts'],
    queryFn: ({ signal }) => request<Pixel>(pathOf(code), { signal }),
  });
}

export const hitsKey = (code: string) => ['pixel', code, 'hits'] as const;

export function usePixelHits(code: string) {
  return useInfiniteQuery({
    queryKey: hitsKey(code),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }: HitPage) => cursor ?? undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      request<HitPage>(`${pathOf(code)}/hits`, {
        query: { limit: HITS_A_PAGE, cursor },
        signal,
      }),
  });
}

/** Names of campaigns to choose from, the newest first; null stands for pixels without one. */
export function useCampaignNames() {
  return useQuery({
    queryKey: ['campaigns', 'names'],
    queryFn: async ({ signal }) => {
      const query = { limit: CAMPAIGNS_OFFERED };
      const { campaigns } = await request<Operations['listCampaigns']['answer']>('/v1/campaigns', {
        query,
        signal,
      });
      return campaigns.map(({ campaign }) => campaign);
    },
  });
}

export function useChangePixel(code: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: Partial<Properties>) =>
      request<Minted>(pathOf(code), { method: 'PATCH', body: changes }),
    onSuccess: () => refreshPixel(client, code),
  });
}

/** "That was me", and taking it back. */
export function useClaim(code: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, own }: { id: string; own: boolean }) =>
      request<Hit>(`${pathOf(code)}/hits/${id}/verdict`, { method: 'POST', body: { own } }),
    onSuccess: () => refreshPixel(client, code),
  });
}

export function useErasePixel(code: string) {
  return useMutation({
    mutationFn: () => request<Erasure>(pathOf(code), { method: 'DELETE' }),
  });
}

export function useErasure(id: string) {
  return useQuery({
    queryKey: ['erasure', id],
    queryFn: ({ signal }) => request<Erasure>(`/v1/erasures/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'done' ? false : PROGRESS_MS),
  });
}

/** Also what counts it among others: lists, campaigns, statistics. */
async function refreshPixel(client: QueryClient, code: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ['pixel', code] }),
    client.invalidateQueries({ queryKey: ['pixels'] }),
    client.invalidateQueries({ queryKey: ['campaigns'], refetchType: 'none' }),
    client.invalidateQueries({ queryKey: ['statistics'], refetchType: 'none' }),
  ]);
}
