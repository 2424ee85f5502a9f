// A pixel's code authenticates itself: eleven random characters and five of a MAC under the installation's
// secret. A collector tells its own pixels from noise without asking a database, so junk cannot fill the
// disk.

import { createHmac, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 62^11 is 65 bits: two of a thousand million codes are alike with a chance of about 1 in 100. */
const RANDOM_CHARS = 11;
/** 62^5 is 30 bits: who guesses is right once in 916 million tries, and gains one junk row by it. */
const MAC_CHARS = 5;
/** The largest multiple of 62 in a byte: bytes past it would favour the alphabet's start. */
const BYTE_FAIR_MAX = 248;

const WELL_FORMED = /^[A-Za-z0-9]{16}$/;

export class CodeAuthority {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** A new code: 16 characters of [A-Za-z0-9]. */
  mint(): string {
    const random = randomChars(RANDOM_CHARS);
    return random + this.#mac(random);
  }

  /** Whether this installation minted `code` (or one that shares its secret). About 3 µs. */
  verify(code: string): boolean {
    if (!WELL_FORMED.test(code)) return false;
    const mac = this.#mac(code.slice(0, RANDOM_CHARS));
    let difference = 0;
    // Every character is looked at, so that the time says nothing about how many were right.
    for (let i = 0; i < MAC_CHARS; i++)
      difference |= mac.charCodeAt(i) ^ code.charCodeAt(RANDOM_CHARS + i);
    return difference === 0;
  }

  #mac(random: string): string {
    const digest = createHmac('sha256', this.#secret).update(random).digest();
    let value = digest.readUIntBE(0, 6);
    let mac = '';
    for (let i = 0; i < MAC_CHARS; i++) {
      mac += ALPHABET.charAt(value % ALPHABET.length);
      value = Math.floor(value / ALPHABET.length);
    }
    return mac;
  }
}

function randomChars(count: number): string {
  let text = '';
  while (text.length < count) {
    for (const byte of randomBytes(count)) {
      if (byte < BYTE_FAIR_MAX && text.length < count)
        text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}
