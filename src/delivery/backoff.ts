// How long to wait before a bus is asked again. Jitter keeps a fleet of collectors from coming back all
// at once.

import { BUS_RETRY_MS_MAX, BUS_RETRY_MS_MIN } from '../limits.ts';

/**
 * Milliseconds after the given number of failures in a row: at most twice as long each time, at least
 * half of that.
 */
export function backoffMs(failures: number): number {
  const longest = Math.min(BUS_RETRY_MS_MAX, BUS_RETRY_MS_MIN * 2 ** Math.min(failures, 20));
  return longest / 2 + (Math.random() * longest) / 2;
}
