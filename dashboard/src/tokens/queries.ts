// Tokens: who may use the API, made and revoked here.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Scope } from '../api/answers.ts';
import { request } from '../api/request.ts';

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string | null;
  readonly last_used_at: string | null;
}

/** The one time that the token itself is said. */
export interface NewToken extends Token {
  readonly token: string;
}

/** The token that the installation was set up with; it can be changed on the server only. */
export const INSTALLATION = 'installation';

const KEY = ['tokens'] as const;

export function useTokens() {
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) =>
      (await request<{ tokens: readonly Token[] }>('/v1/tokens', { signal })).tokens,
  });
}

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    // It is shown once, and then nothing here remembers it.
    gcTime: 0,
    mutationFn: (asked: { name: string; scopes: readonly Scope[] }) =>
      request<NewToken>('/v1/tokens', { method: 'POST', body: asked }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      request<null>(`/v1/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
