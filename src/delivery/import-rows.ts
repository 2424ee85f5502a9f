// TrackPixel's rows as events, and what keeps a row from being one. A row that cannot be used is never
// guessed at: it is left out, counted and shown.

import type { IpPolicy } from '../config/config.ts';
import { applyAddressPolicy, canonicalAddress } from '../hit/address.ts';
import type { Event } from '../hit/event.ts';
import { CODE_BYTES_MAX } from '../limits.ts';

/** A row of either of its tables. */
export interface ImportRow {
  /** Microseconds since 1970 (UTC). */
  readonly at: number;
  readonly uri: string | null;
  readonly address: string | null;
}

/**
 * What an image request may ask for (collector/request.ts): another code could never be asked for again.
 */
const CODE = /^[\w-]+$/;

/**
 * The code that a uri names, be it the code alone, with `.png` behind it, or the whole address; null:
 * none.
 */
export function codeOfUri(uri: string | null): string | null {
  const code = (uri ?? '').replace(/^.*\//, '').replace(/\.(?:png|gif)$/, '');
  return CODE.test(code) && code.length <= CODE_BYTES_MAX ? code : null;
}

/** Null when the row names no code. */
export function mintedEvent({ at, uri }: ImportRow): Event | null {
  const code = codeOfUri(uri);
  return code === null ? null : { kind: 'pixel-minted', at, code };
}

/** Null when the row names no code. An address that is none is left out, the open is kept. */
export function openEvent(row: ImportRow, policy: IpPolicy): Event | null {
  const code = codeOfUri(row.uri);
  if (code === null) return null;
  const address = applyAddressPolicy(canonicalAddress(row.address ?? '') ?? '', policy);
  return { kind: 'open', at: row.at, code, address, referrer: null, agent: null, purpose: null };
}
