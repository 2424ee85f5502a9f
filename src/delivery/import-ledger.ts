// Which events an import has kept, so that a row of the source is known again from wherever, whenever and in
// whichever order it is read. Nothing is remembered of a source: the same row of two of them is one row.
//
// A folder with one file for each day (UTC) of the events, by its number since 1970. A file only grows: eight
// bytes for each event, the beginning of a SHA-256 of what was kept of it (little-endian), in any order.

import { hash } from 'node:crypto';
import { open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { realFileSystem } from '../journal/filesystem.ts';

const DIGEST_BYTES = 8;
const DAY_MICROS = 86_400_000_000;

/** What is known of an event again: two that agree in all of it are told apart by their number only. */
export interface ImportedEvent {
  readonly kind: 'open' | 'pixel-minted';
  readonly at: number;
  readonly code: string;
  /** As it was kept; empty for a minted pixel. */
  readonly address: string;
}

/** The digest of the `ordinal`-th event of its like, from 1. */
export function digestOf({ kind, at, code, address }: ImportedEvent, ordinal: number): bigint {
  const text = [kind, at, code, address, ordinal].join(' ');
  return hash('sha256', text, 'buffer').readBigUInt64LE(0);
}

/** Days since 1970 (UTC). */
export const dayOf = (at: number): number => Math.floor(at / DAY_MICROS);

/** By day. */
export type Digests = ReadonlyMap<number, readonly bigint[]>;

export class ImportLedger {
  readonly #dir: string;
  /** The day that was asked for last: rows come in the order of time. */
  #last: { readonly day: number; readonly sorted: BigUint64Array } | null = null;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Whether the file had the digest when its day was first asked for in a row. Rejects with errno errors. */
  async has(day: number, digest: bigint): Promise<boolean> {
    return isIn(await this.#sorted(day), digest);
  }

  /** Of the same moment as {@link has}. */
  async isEmpty(day: number): Promise<boolean> {
    return (await this.#sorted(day)).length === 0;
  }

  /** Durable when it resolves. Rejects with errno errors; some of them may then be there. */
  async append(digests: Digests): Promise<void> {
    await realFileSystem.makeDir(this.#dir);
    for (const [day, added] of digests) {
      const bytes = Buffer.alloc(added.length * DIGEST_BYTES);
      for (const [i, digest] of added.entries()) bytes.writeBigUInt64LE(digest, i * DIGEST_BYTES);
      const file = await open(this.#path(day), 'a', 0o600);
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
    }
    await realFileSystem.syncDir(this.#dir);
  }

  /** Has the next {@link has} look at the file again. */
  forget(): void {
    this.#last = null;
  }

  /** In bytes; of whole digests only. */
  async size(day: number): Promise<number> {
    const size = (await realFileSystem.stat(this.#path(day)))?.size ?? 0;
    return size - (size % DIGEST_BYTES);
  }

  /** Forgets what a day's file holds behind `size`. */
  async cut(day: number, size: number): Promise<void> {
    this.#last = null;
    const path = this.#path(day);
    if (((await realFileSystem.stat(path))?.size ?? 0) > size) await truncate(path, size);
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    this.#last = null;
    for (const name of await realFileSystem.list(this.#dir)) {
      await realFileSystem.remove(join(this.#dir, name));
    }
  }

  async #sorted(day: number): Promise<BigUint64Array> {
    if (this.#last?.day !== day) this.#last = { day, sorted: await this.#read(day) };
    return this.#last.sorted;
  }

  async #read(day: number): Promise<BigUint64Array> {
    const bytes = await readFile(this.#path(day)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const digests = new BigUint64Array(Math.floor(bytes.length / DIGEST_BYTES));
    for (let i = 0; i < digests.length; i++) digests[i] = bytes.readBigUInt64LE(i * DIGEST_BYTES);
    return digests.toSorted();
  }

  #path(day: number): string {
    return join(this.#dir, String(day));
  }
}

function isIn(sorted: BigUint64Array, wanted: bigint): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] as bigint;
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle;
  }
  return false;
}
