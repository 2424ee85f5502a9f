// The cache of answers: how long they are fresh, what is tried again, and that a 401 anywhere leads back to
// signing in.

import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from './request.ts';
import { noteSignedOut } from './session.ts';

const FRESH_MS = 15_000;
const WAIT_MS_MAX = 8_000;

export function createClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (error) => noticeEnd(error) }),
    mutationCache: new MutationCache({ onError: (error) => noticeEnd(error) }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        // A store that is behind catches up by itself; what is refused stays refused.
        retry: (_failures, error) => error instanceof Problem && error.isPassing,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, WAIT_MS_MAX),
        // "Online" would be the network's opinion; the server may be on this very machine.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  const noticeEnd = (error: Error): void => {
    if (error instanceof Problem && error.status === 401) noteSignedOut(client);
  };
  return client;
}
