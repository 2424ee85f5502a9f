// What may be kept of a verdict and of a referrer where address and agent may not: the collector applies it
// to requests, the consumer to hits of machines that keep more than this one.

import type { HitKind } from './event.ts';
import type { Referrer } from './referrer.ts';
import { impersonal, type Verdict } from './verdict.ts';

/** Robots and apps that no table knows are named after their agent: that name may be anybody's. */
function knownClient({ reason, client }: Verdict): string | null {
  return reason === 'app-agent' || reason === 'crawler-words' ? null : client;
}

/** All but names that come from the agent. */
export const unnamed = (verdict: Verdict): Verdict => ({
  ...verdict,
  client: knownClient(verdict),
});

/** What counts, and nothing that tells one person from another. */
export const counted = (verdict: Verdict): Verdict =>
  impersonal(verdict.reason, knownClient(verdict));

/** A visit counts for a page; where a mail was read is a site at most, since webmail's paths name people. */
export function keptReferrer(referrer: Referrer, kind: HitKind): string {
  return kind === 'open' ? referrer.origin : referrer.page;
}
