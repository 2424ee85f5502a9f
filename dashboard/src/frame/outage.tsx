// That the server or its store does not answer is said once, for the whole page, while everything that waits
// for it is tried again by itself.

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { Problem } from '../api/request.ts';
import { Trouble } from '../parts/trouble.tsx';

export function Outage() {
  const client = useQueryClient();
  const subscribe = useCallback(
    (changed: () => void) => client.getQueryCache().subscribe(changed),
    [client],
  );
  const problem = useSyncExternalStore(subscribe, () => passingProblem(client));
  if (problem === null) return null;
  return (
    <Trouble
      error={problem}
      onRetry={() => void client.invalidateQueries({ predicate: ({ state }) => isFailing(state) })}
    />
  );
}

interface QueryState {
  readonly fetchFailureReason: Error | null;
}

const isFailing = ({ fetchFailureReason }: QueryState): boolean =>
  fetchFailureReason instanceof Problem && fetchFailureReason.isPassing;

/** The latest of those that somebody waits for. */
function passingProblem(client: QueryClient): Problem | null {
  const failing = client
    .getQueryCache()
    .getAll()
    .filter((query) => query.isActive() && isFailing(query.state));
  const reason = failing.at(-1)?.state.fetchFailureReason;
  return reason instanceof Problem ? reason : null;
}
