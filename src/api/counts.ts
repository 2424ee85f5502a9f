// How the counts of hits stand in answers.

import { z } from 'zod';
import type { Counts } from '../store/store.ts';

/** Each hit is in exactly one of them but `hits` and `unique_opens` (docs/counting.md). */
export const OpenCounts = z.object({
  hits: z.int(),
  opens: z.int(),
  unique_opens: z.int(),
  repeats: z.int(),
  unverified: z.int(),
  machine: z.int(),
  ignored: z.int(),
});

export function openCounts({
  hits,
  opens,
  uniqueOpens,
  ...others
}: Counts): z.input<typeof OpenCounts> {
  return { hits, opens, unique_opens: uniqueOpens, ...others };
}
