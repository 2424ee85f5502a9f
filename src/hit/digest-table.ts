// Many codes in little room: a file that is searched as it lies, and that gives no code away.
//
// The file: eight bytes of magic, then for each code an entry that begins with the first eight bytes of its
// SHA-256, sorted by these as numbers (big endian), each once. Somebody who guesses a code at random is right
// with a chance of the number of codes in 2^64.

import { hash } from 'node:crypto';

export const DIGEST_BYTES = 8;
const MAGIC_BYTES = 8;

export class DigestTable {
  readonly #entries: Buffer;
  readonly #entryBytes: number;

  /** Throws RangeError when the bytes are no such file. */
  constructor(magic: string, entryBytes: number, bytes: Buffer) {
    const isTable = bytes.toString('latin1', 0, MAGIC_BYTES) === magic;
    this.#entries = bytes.subarray(MAGIC_BYTES);
    this.#entryBytes = entryBytes;
    if (!isTable || this.#entries.length % entryBytes !== 0) {
      throw new RangeError('not a list of codes');
    }
  }

  get size(): number {
    return this.#entries.length / this.#entryBytes;
  }

  /** The code's entry; null when it has none. */
  find(code: string): Buffer | null {
    if (this.#entries.length === 0) return null;
    const wanted = digestOf(code);
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * this.#entryBytes;
      const order = this.#entries.compare(wanted, 0, DIGEST_BYTES, at, at + DIGEST_BYTES);
      if (order === 0) return this.#entries.subarray(at, at + this.#entryBytes);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return null;
  }

  *digests(): Generator<bigint> {
    for (let at = 0; at < this.#entries.length; at += this.#entryBytes) {
      yield this.#entries.readBigUInt64BE(at);
    }
  }
}

/** The file's bytes. `write` completes the entry of a digest, from its `at` on. */
export function formatDigestTable(
  magic: string,
  entryBytes: number,
  digests: Iterable<bigint>,
  write: (bytes: Buffer, at: number, digest: bigint) => void = () => undefined,
): Buffer {
  const sorted = BigUint64Array.from(digests).toSorted();
  const bytes = Buffer.alloc(MAGIC_BYTES + sorted.length * entryBytes);
  bytes.write(magic, 'latin1');
  for (const [i, digest] of sorted.entries()) {
    const at = MAGIC_BYTES + i * entryBytes;
    bytes.writeBigUInt64BE(digest, at);
    write(bytes, at + DIGEST_BYTES, digest);
  }
  return bytes;
}

/** A code's digest as the number that tables are sorted by. */
export const digestNumber = (code: string): bigint => digestOf(code).readBigUInt64BE(0);

const digestOf = (code: string): Buffer => hash('sha256', code, 'buffer').subarray(0, DIGEST_BYTES);
