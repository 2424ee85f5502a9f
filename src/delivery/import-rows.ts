// TrackPixel's rows as events, and what keeps a row from being one. A row that cannot be used is never
// guessed at: it is left out, counted and shown. What is not to be kept never reaches the disk.

import type { Config, IpPolicy, PixelMode } from '../config/config.ts';
import { applyAddressPolicy, canonicalAddress } from '../hit/address.ts';
import type { PixelModes } from '../hit/pixel-modes.ts';
import { CODE_BYTES_MAX } from '../limits.ts';

export type ImportTable = 'pixels' | 'opens';

/** A row of either of its tables. */
export interface ImportRow {
  /** Microseconds since 1970 (UTC). */
  readonly at: number;
  readonly uri: string | null;
  readonly address: string | null;
}

/** A row that an event can be made of. */
export interface UsableRow {
  readonly kind: 'open' | 'pixel-minted';
  readonly at: number;
  readonly code: string;
  /** All of it, in canonical form; empty when the row has none. */
  readonly address: string;
  /** What may be kept of the address. */
  readonly policy: IpPolicy;
}

/** Why a row is left out: it names no code, or nothing of its pixel is to be kept (mode `off`, or erased). */
export type LeftOut = 'unusable' | 'unwanted';

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

export class RowReader {
  readonly #config: Pick<Config, 'ipPolicy' | 'pixelMode' | 'privacy'>;
  readonly #modes: Pick<PixelModes, 'find'>;

  constructor(
    config: Pick<Config, 'ipPolicy' | 'pixelMode' | 'privacy'>,
    modes: Pick<PixelModes, 'find'>,
  ) {
    this.#config = config;
    this.#modes = modes;
  }

  /** An address that is none is left out, the open is kept. */
  read(table: ImportTable, { at, uri, address }: ImportRow): UsableRow | LeftOut {
    const code = codeOfUri(uri);
    if (code === null) return 'unusable';
    const said = this.#modes.find(code);
    if (said === 'off') return 'unwanted';
    if (table === 'pixels') return { kind: 'pixel-minted', at, code, address: '', policy: 'none' };
    const mode = said ?? this.#config.pixelMode;
    if (mode === 'off') return 'unwanted';
    const policy = this.#policyIn(mode);
    return { kind: 'open', at, code, address: canonicalAddress(address ?? '') ?? '', policy };
  }

  #policyIn(mode: PixelMode): IpPolicy {
    const { privacy, ipPolicy } = this.#config;
    return mode === 'aggregate' || privacy === 'strict' ? 'none' : ipPolicy;
  }
}

/** What is kept of the row's address under a policy. */
export function keptAddress({ address }: UsableRow, policy: IpPolicy): string {
  return applyAddressPolicy(address, policy);
}
