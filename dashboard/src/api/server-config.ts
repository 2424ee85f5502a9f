// What the server says about itself.

import { useQuery } from '@tanstack/react-query';
import type { ServerConfig } from './answers.ts';
import { request } from './request.ts';

export const useServerConfig = () =>
  useQuery({
    queryKey: ['config'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => request<ServerConfig>('/v1/config', { signal }),
  });
