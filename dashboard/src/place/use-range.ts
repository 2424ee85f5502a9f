// The chosen range and zone for the pages: read from the address, and resolved anew with every request, so
// that "to now" stays true.

import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { Statistics } from '../api/answers.ts';
import { request } from '../api/request.ts';
import { usePlace } from './location.ts';
import { type Choice, DAWN, type Range, readChoice, resolveChoice } from './range.ts';
import { isZone, ownZone } from './zone.ts';

export function useZone(): string {
  const { search } = usePlace();
  const zone = search.get('tz');
  return zone !== null && isZone(zone) ? zone : ownZone();
}

export function useChoice(): Choice {
  const { search } = usePlace();
  return useMemo(() => readChoice(search), [search]);
}

export type ZonedRange = Range & { readonly zone: string };

export interface ChosenSpan {
  /** What to ask the server for, as of now. */
  readonly resolve: () => ZonedRange;
  /** Tells one choice from another, in query keys. */
  readonly key: string;
  /** False while it is not known yet when all began. */
  readonly isReady: boolean;
}

export function useSpan(kind: 'opens' | 'visits'): ChosenSpan {
  const zone = useZone();
  const choice = useChoice();
  const isAll = choice.kind === 'preset' && choice.preset === 'all';
  const first = useFirstDay(kind, zone, isAll);
  const resolve = useCallback(
    () => ({ ...resolveChoice(choice, zone, new Date(), first.data ?? null), zone }),
    [choice, zone, first.data],
  );
  return {
    resolve,
    key: `${JSON.stringify(choice)} ${zone} ${isAll ? first.data : ''}`,
    isReady: !isAll || first.data !== undefined || first.isError,
  };
}

/** The beginning of the first month that has hits; null where none has. */
function useFirstDay(kind: 'opens' | 'visits', zone: string, enabled: boolean) {
  return useQuery({
    queryKey: ['first-day', kind, zone],
    enabled,
    queryFn: async ({ signal }) => {
      const query = { from: DAWN, time_zone: zone, interval: 'month' };
      const answer = await request<Statistics<{ hits: number }>>(`/v1/statistics/${kind}`, {
        query,
        signal,
      });
      const first = answer.series.find(({ hits }) => hits > 0);
      return first === undefined ? null : first.start.slice(0, 10);
    },
  });
}
