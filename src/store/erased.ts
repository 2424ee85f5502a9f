// The pixels that were erased, so that no later load brings them back: a redelivery, a rebuild, a hit on
// a mail that is still around. Only digests are kept, since the code itself is what was to be forgotten.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const CHECK_CHARS = 8;
const HASH_CHARS = 32;

/**
 * 40 hexadecimal digits: the code's CRC-32, which is quick to look up, and half of its SHA-256, which is
 * certain.
 */
export function codeDigest(code: string): string {
  const check = crc32(code).toString(16).padStart(CHECK_CHARS, '0');
  return check + createHash('sha256').update(code).digest('hex').slice(0, HASH_CHARS);
}

/** The two parts of a digest: the code's CRC-32, and the half of its SHA-256. */
export function digestParts(digest: string): { readonly check: number; readonly hash: string } {
  const check = Number.parseInt(digest.slice(0, CHECK_CHARS), 16);
  return { check, hash: digest.slice(CHECK_CHARS) };
}

export class ErasedCodes {
  readonly #digests = new Set<string>();
  readonly #checks = new Set<number>();

  constructor(digests: Iterable<string> = []) {
    for (const digest of digests) this.add(digest);
  }

  get digests(): readonly string[] {
    return [...this.#digests];
  }

  add(digest: string): void {
    this.#digests.add(digest);
    this.#checks.add(digestParts(digest).check);
  }

  hasDigest(digest: string): boolean {
    return this.#digests.has(digest);
  }

  has(code: string | null): boolean {
    if (code === null || this.#checks.size === 0 || !this.#checks.has(crc32(code))) return false;
    return this.#digests.has(codeDigest(code));
  }

  /** Those events that are not of an erased pixel. */
  without<R extends { readonly event: { readonly code: string | null } }>(
    events: readonly R[],
  ): readonly R[] {
    if (this.#checks.size === 0) return events;
    return events.filter(({ event }) => !this.has(event.code));
  }
}
