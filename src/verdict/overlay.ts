// What only a hit's circumstances tell: a gateway that borrows a browser's agent betrays itself by its
// network and its haste. One sign alone proves nothing (people read at once, too), so it takes two.

import { SCAN_CODES_MIN } from '../limits.ts';
import { impersonal, isPerson, type Verdict } from '../hit/verdict.ts';

/** Seconds; each is an option. */
export interface ScanWindows {
  /** A mail-security network counts so long after sending. */
  readonly networkSeconds: number;
  /** Any hit counts so soon after sending. */
  readonly sentSeconds: number;
}

export interface Circumstances {
  /** From the sending of the mail to the hit; null when nobody said when it was sent. */
  readonly secondsSinceSent: number | null;
  /** Whether the address belongs to a mail-security network. */
  readonly fromMailSecurity: boolean;
  /** Different codes that this address asked for within the window, with this one. */
  readonly codesFromAddress: number;
}

/**
 * The verdict in the light of its circumstances: a person's becomes a scanner's on two signs of three. A hit
 * before `sent_at` (clocks differ, times are set ahead) shows no haste.
 */
export function overlay(
  verdict: Verdict,
  { secondsSinceSent, fromMailSecurity, codesFromAddress }: Circumstances,
  windows: ScanWindows,
): Verdict {
  if (!isPerson(verdict.class)) return verdict;
  const within = (seconds: number): boolean =>
    secondsSinceSent !== null && secondsSinceSent >= 0 && secondsSinceSent <= seconds;
  const signs = [
    fromMailSecurity && within(windows.networkSeconds),
    within(windows.sentSeconds),
    codesFromAddress >= SCAN_CODES_MIN,
  ];
  return signs.filter(Boolean).length < 2 ? verdict : impersonal('scanner-behaviour', null);
}
