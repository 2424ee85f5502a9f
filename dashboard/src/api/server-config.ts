// What the server says about itself.

import { useQuery } from '@tanstack/react-query';
import type { Settings } from '../../../client/api.d.ts';
import { request } from './request.ts';

export const useServerConfig = () =>
  useQuery({
    queryKey: ['config'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => request<Settings>('/v1/config', { signal }),
  });
