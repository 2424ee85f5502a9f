// How the counts of hits stand in answers: of opens and, under names of their own, of visits.

import { z } from 'zod';
import type { Counts } from '../store/store.ts';

const DESCRIPTION =
  'Each hit is in exactly one of these but `hits` and the unique ones (docs/counting.md).';

const OTHERS = {
  repeats: z.int(),
  unverified: z.int(),
  machine: z.int(),
  ignored: z.int(),
};

export const OpenCounts = z
  .object({ hits: z.int(), opens: z.int(), unique_opens: z.int(), ...OTHERS })
  .meta({ id: 'Counts', description: DESCRIPTION });

export const VisitCounts = z
  .object({ hits: z.int(), visits: z.int(), unique_visits: z.int(), ...OTHERS })
  .meta({ id: 'VisitCounts', description: DESCRIPTION });

export function openCounts({
  hits,
  opens,
  uniqueOpens,
  ...others
}: Counts): z.input<typeof OpenCounts> {
  return { hits, opens, unique_opens: uniqueOpens, ...others };
}

export function visitCounts({
  hits,
  opens,
  uniqueOpens,
  ...others
}: Counts): z.input<typeof VisitCounts> {
  return { hits, visits: opens, unique_visits: uniqueOpens, ...others };
}
