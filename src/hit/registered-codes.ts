// Codes that were brought from elsewhere: they carry no MAC of ours, so that a collector can only know
// them by a list. The list is one file, written whole by whoever registers codes and read whole by each
// collector, which looks for a newer one now and then.
//
// The file: eight bytes of magic, then for each code the first eight bytes of its SHA-256, sorted as
// numbers (big endian), each once. So it needs eight bytes a code, is searched as it lies, and gives no
// code away. Somebody who guesses a code at random is right with a chance of the number of codes in 2^64.

import { hash } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { REGISTERED_CODES_MAX, REGISTERED_CODES_POLL_MS } from '../limits.ts';

const MAGIC = Buffer.from('TPCODES1', 'latin1');
const ENTRY_BYTES = 8;

export class RegisteredCodes {
  readonly #path: string;
  readonly #onTrouble: (reason: string) => void;
  #entries: Buffer = Buffer.alloc(0);
  /** What the file looked like that `#entries` came from. */
  #seen = '';
  #timer: NodeJS.Timeout | null = null;

  private constructor(path: string, onTrouble: (reason: string) => void) {
    this.#path = path;
    this.#onTrouble = onTrouble;
  }

  /**
   * Reads the file and goes on looking for newer ones until {@link close}. A file that is none, or cannot
   * be read, is told to `onTrouble`, and what was read before stays.
   */
  static async open(path: string, onTrouble: (reason: string) => void): Promise<RegisteredCodes> {
    const codes = new RegisteredCodes(path, onTrouble);
    await codes.#refresh();
    codes.#timer = setInterval(() => void codes.#refresh(), REGISTERED_CODES_POLL_MS).unref();
    return codes;
  }

  has(code: string): boolean {
    const entries = this.#entries;
    if (entries.length === 0) return false;
    const wanted = digestOf(code);
    let low = 0;
    let high = entries.length / ENTRY_BYTES;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * ENTRY_BYTES;
      const order = entries.compare(wanted, 0, ENTRY_BYTES, at, at + ENTRY_BYTES);
      if (order === 0) return true;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return false;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #refresh(): Promise<void> {
    try {
      const { ino, mtimeMs, size } = await stat(this.#path);
      const seen = `${ino} ${mtimeMs} ${size}`;
      if (seen === this.#seen) return;
      this.#seen = seen;
      this.#entries = entriesOf(await readFile(this.#path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#forget();
      else this.#onTrouble(`${this.#path} cannot be used: ${String(error)}`);
    }
  }

  #forget(): void {
    this.#entries = Buffer.alloc(0);
    this.#seen = '';
  }
}

/**
 * Adds codes to the file, durably; collectors that run know them a moment later. Resolves with how many
 * the file has then. Rejects with RangeError past REGISTERED_CODES_MAX, and with errno errors. One at a
 * time.
 */
export async function registerCodes(path: string, codes: AsyncIterable<string>): Promise<number> {
  const known = await readFile(path).then(entriesOf, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const numbers = new Set<bigint>();
  for (let at = 0; at < known.length; at += ENTRY_BYTES) numbers.add(known.readBigUInt64BE(at));
  for await (const code of codes) {
    numbers.add(digestOf(code).readBigUInt64BE(0));
    if (numbers.size > REGISTERED_CODES_MAX) {
      throw new RangeError(`more than ${REGISTERED_CODES_MAX} codes cannot be registered`);
    }
  }
  const sorted = BigUint64Array.from(numbers).toSorted();
  const bytes = Buffer.alloc(MAGIC.length + sorted.length * ENTRY_BYTES);
  MAGIC.copy(bytes);
  for (const [i, number] of sorted.entries()) {
    bytes.writeBigUInt64BE(number, MAGIC.length + i * ENTRY_BYTES);
  }
  await replace(path, bytes);
  return sorted.length;
}

/** Throws RangeError when the bytes are no such file. */
function entriesOf(bytes: Buffer): Buffer {
  const entries = bytes.subarray(MAGIC.length);
  const isList = bytes.subarray(0, MAGIC.length).equals(MAGIC);
  if (!isList || entries.length % ENTRY_BYTES !== 0) throw new RangeError('not a list of codes');
  return entries;
}

const digestOf = (code: string): Buffer => hash('sha256', code, 'buffer').subarray(0, ENTRY_BYTES);

async function replace(path: string, bytes: Buffer): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
