// Keeps the page of a pixel up to date: a new hit stands in the list at once, and the numbers and the chart
// follow, not more often than anybody could read them.

import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Connection } from '../live/connection.ts';
import { useLive } from '../live/use-live.ts';
import type { Hit, HitPage } from './answers.ts';
import { hitsKey } from './queries.ts';

const REFRESH_MS = 1_000;

export function useLivePixel(code: string): Connection {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** The list has all hits that were told; not those that were not. */
  const isListWhole = useRef(true);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useLive({ pixel: code }, ({ hits, skipped, hasGap }) => {
    client.setQueryData<Hits>(hitsKey(code), (before) => withNew(before, hits));
    if (hasGap || skipped > 0) isListWhole.current = false;
    timer.current ??= setTimeout(() => {
      const isWhole = isListWhole.current;
      timer.current = undefined;
      isListWhole.current = true;
      void client.invalidateQueries({
        queryKey: ['pixel', code],
        predicate: ({ queryKey }) => !isWhole || queryKey[2] !== 'hits',
      });
    }, REFRESH_MS);
  });
}

type Hits = InfiniteData<HitPage, string | undefined>;

/** A hit that was read and said live is one. */
function withNew(before: Hits | undefined, hits: readonly Hit[]): Hits | undefined {
  const [first, ...others] = before?.pages ?? [];
  if (before === undefined || first === undefined) return before;
  const known = new Set(before.pages.flatMap((page) => page.hits.map(({ id }) => id)));
  const fresh = hits.filter(({ id }) => !known.has(id)).toReversed();
  if (fresh.length === 0) return before;
  return { ...before, pages: [{ ...first, hits: [...fresh, ...first.hits] }, ...others] };
}
