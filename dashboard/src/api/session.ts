// Who is signed in. The token itself is nowhere in the page: it goes to the server once, for a cookie that
// scripts cannot read.

import {
  type QueryClient,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { Session } from '../../../client/api.d.ts';
import type { Scope } from './answers.ts';
import { Problem, request } from './request.ts';

/** Nobody is signed in: nobody was, or it has ended meanwhile. */
interface Nobody {
  readonly kind: 'nobody';
  readonly hasEnded: boolean;
}

const nobody = (hasEnded: boolean): Session | Nobody => ({ kind: 'nobody', hasEnded });

const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Session | Nobody> => {
    try {
      return await request<Session>('/v1/session', { signal });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return nobody(false);
      throw error;
    }
  },
});

export const useSession = () => useQuery(sessionQuery);

/** Whether whoever is signed in may do what needs `scope`; `admin` may do everything. */
export function useMay(scope: Scope): boolean {
  const { data } = useSession();
  if (data === undefined || data.kind === 'nobody') return false;
  return data.scopes.includes(scope) || data.scopes.includes('admin');
}

/** A request was answered with 401: the session has expired or was revoked. */
export function noteSignedOut(client: QueryClient): void {
  const data = client.getQueryData(sessionQuery.queryKey);
  // Whoever mistypes a token is not told that something has ended.
  if (data === undefined || data.kind === 'nobody') return;
  client.setQueryData(sessionQuery.queryKey, nobody(true));
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      request<Session>('/v1/session', { method: 'POST', body: { token } }),
    onSuccess: async (session) => {
      // Somebody else's answers are not shown to who comes after.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      client.setQueryData(sessionQuery.queryKey, session);
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<null>('/v1/session', { method: 'DELETE' }),
    onSuccess: () => {
      client.setQueryData(sessionQuery.queryKey, nobody(false));
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    },
  });
}

/**
 * Takes the token out of a link such as `/#token=…`, and the link out of the address and the history. Null:
 * there is none.
 */
export function takeLinkedToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (token === null) return null;
  const { pathname, search } = window.location;
  window.history.replaceState(null, '', `${pathname}${search}`);
  return token === '' ? null : token;
}
