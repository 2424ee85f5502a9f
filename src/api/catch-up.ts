// How an answer comes to hold what was acknowledged before the request: it waits for the store, and where
// that takes too long the caller is told so instead of getting an old answer.

import type { ApiParts } from './parts.ts';
import { tryAgain } from './refusal.ts';

/** Resolves once the store has everything that is in the journal now. Rejects with 503. */
export async function catchUp(parts: Pick<ApiParts, 'barrier' | 'behind'>): Promise<void> {
  if (await parts.barrier()) return;
  const behind = parts.behind?.() ?? 'more than it can catch up with in time';
  throw tryAgain(`the store is behind the journal: ${behind}`);
}
