// Closed sets as numbers, a byte each in the embedded store. Numbers are never used again; the tables of
// duckdb-schema.ts spell them for people who write SQL.

import type { PixelMode } from '../config/config.ts';
import type { HitKind } from '../hit/event.ts';
import type { Device, OwnSign, Reason, VerdictClass } from '../hit/verdict.ts';

export const KIND_NUMBER: Readonly<Record<HitKind, number>> = { open: 1, visit: 2 };

export const CLASS_NUMBER: Readonly<Record<VerdictClass, number>> = {
  'human-mail': 1,
  'human-browser': 2,
  'gmail-proxy': 3,
  'yahoo-proxy': 4,
  'other-proxy': 5,
  'apple-mpp': 6,
  prefetch: 7,
  'security-scanner': 8,
  'link-preview': 9,
  crawler: 10,
  'http-library': 11,
  unknown: 12,
};

export const REASON_NUMBER: Readonly<Record<Reason, number>> = {
  'mail-client-token': 1,
  'webkit-without-browser': 2,
  'browser-agent': 3,
  'app-agent': 4,
  'gmail-proxy-token': 5,
  'yahoo-proxy-token': 6,
  'mail-proxy-token': 7,
  'apple-mpp-listed': 8,
  'apple-mpp-bare-agent': 9,
  'prefetch-header': 10,
  'gmail-prefetch-agent': 11,
  'scanner-network': 12,
  'scanner-token': 13,
  'scanner-behaviour': 14,
  'link-preview-token': 15,
  'crawler-token': 16,
  'crawler-words': 17,
  'http-library-token': 18,
  'no-agent': 19,
  'unrecognised-agent': 20,
  'not-judged': 21,
};

export const DEVICE_NUMBER: Readonly<Record<Device, number>> = {
  desktop: 1,
  mobile: 2,
  tablet: 3,
  tv: 4,
  console: 5,
  watch: 6,
};

export const OWN_NUMBER: Readonly<Record<OwnSign, number>> = {
  address: 1,
  browser: 2,
  claimed: 3,
  disclaimed: 4,
};

export const MODE_NUMBER: Readonly<Record<PixelMode, number>> = {
  individual: 1,
  aggregate: 2,
  off: 3,
};

/** The names by their numbers. */
export function namesOf<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
): ReadonlyMap<number, Name> {
  return new Map(Object.entries<number>(numbers).map(([name, number]) => [number, name as Name]));
}
