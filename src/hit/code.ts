// A pixel's code authenticates itself: eleven random characters and five of a MAC under the installation's
// secret. A collector tells its own pixels from noise without asking a database, so junk cannot fill the
// disk, and it knows the mode that a pixel was minted with even on a machine that has no store.

import { randomBytes } from 'node:crypto';
import type { PixelMode } from '../config/config.ts';
import { Hmac } from './hmac.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 62^11 is 65 bits: two of a thousand million codes are alike with a chance of about 1 in 100. */
const RANDOM_CHARS = 11;
/**
 * 62^5 is 30 bits, and there is a MAC for each mode: who guesses is right once in 229 million tries, and
 * gains one junk row by it.
 */
const MAC_CHARS = 5;
/** The largest multiple of 62 in a byte: bytes past it would favour the alphabet's start. */
const BYTE_FAIR_MAX = 248;

const WELL_FORMED = /^[A-Za-z0-9]{16}$/;

/** What a code says of itself. */
export interface Minted {
  /** Given at minting; null: none, so that the installation's default holds. */
  readonly mode: PixelMode | null;
}

/** By the bytes of one digest that each one's MAC is made of; codes from before modes have none. */
const MINTED: readonly Minted[] = [
  { mode: null },
  { mode: 'individual' },
  { mode: 'aggregate' },
  { mode: 'off' },
];
const WINDOW_BYTES = 6;

export class CodeAuthority {
  readonly #hmac: Hmac;

  constructor(secret: Uint8Array) {
    this.#hmac = new Hmac(secret);
  }

  /** A new code that says its mode: 16 characters of [A-Za-z0-9]. */
  mint(mode: PixelMode | null = null): string {
    const place = MINTED.findIndex((minted) => minted.mode === mode);
    for (;;) {
      const random = randomChars(RANDOM_CHARS);
      const code = random + macOf(this.#hmac.digest(random), place);
      // Two modes share a MAC once in 153 million times.
      if (this.verify(code)?.mode === mode) return code;
    }
  }

  /**
   * The code that belongs to `seed` and says its mode, always the same one. Without the secret nobody can
   * tell it from a random one, nor find it.
   */
  derive(seed: string, mode: PixelMode | null): string {
    const place = MINTED.findIndex((minted) => minted.mode === mode);
    for (let attempt = 0; ; attempt++) {
      // The blanks keep this text apart from those that MACs are made of.
      const random = fairChars(this.#hmac.digest(`derived code ${attempt} ${seed}`));
      // Of 32 bytes at least so many are fair, but for once in 10^27 times.
      if (random.length < RANDOM_CHARS) continue;
      const chars = random.slice(0, RANDOM_CHARS);
      const code = chars + macOf(this.#hmac.digest(chars), place);
      if (this.verify(code)?.mode === mode) return code;
    }
  }

  /** Null: neither this installation minted `code` nor one that shares its secret. About 4 µs. */
  verify(code: string): Minted | null {
    if (!WELL_FORMED.test(code)) return null;
    const digest = this.#hmac.digest(code.slice(0, RANDOM_CHARS));
    let found: Minted | null = null;
    // Every MAC is looked at in all of its characters, so that the time says nothing about what was right.
    for (let place = MINTED.length - 1; place >= 0; place--) {
      const mac = macOf(digest, place);
      let difference = 0;
      for (let i = 0; i < MAC_CHARS; i++)
        difference |= mac.charCodeAt(i) ^ code.charCodeAt(RANDOM_CHARS + i);
      if (difference === 0) found = MINTED[place] ?? null;
    }
    return found;
  }
}

function macOf(digest: Buffer, place: number): string {
  let value = digest.readUIntBE(place * WINDOW_BYTES, WINDOW_BYTES);
  let mac = '';
  for (let i = 0; i < MAC_CHARS; i++) {
    mac += ALPHABET.charAt(value % ALPHABET.length);
    value = Math.floor(value / ALPHABET.length);
  }
  return mac;
}

function randomChars(count: number): string {
  let text = '';
  while (text.length < count) text += fairChars(randomBytes(count));
  return text.slice(0, count);
}

/** One character for each byte that favours none. */
function fairChars(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    if (byte < BYTE_FAIR_MAX) text += ALPHABET.charAt(byte % ALPHABET.length);
  }
  return text;
}
