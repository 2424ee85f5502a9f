// The four states of a question to the server: on its way, failed, answered, and answered while a newer
// answer failed.

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Trouble } from './trouble.tsx';
import { Waiting } from './waiting.tsx';

interface AnswerProps<Data> {
  readonly of: UseQueryResult<Data>;
  readonly what?: string;
  readonly children: (data: Data) => ReactNode;
}

export function Answer<Data>({ of: query, what, children }: AnswerProps<Data>) {
  const { data, error, refetch, isPlaceholderData } = query;
  return (
    <>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Waiting {...(what !== undefined && { what })} />
      ) : (
        <div className="answer" aria-busy={isPlaceholderData}>
          {children(data)}
        </div>
      )}
    </>
  );
}
