// Codes that were brought from elsewhere: they carry no MAC of ours, so that a collector can only know
// them by a list. The list is a file (digest-table.ts) that whoever registers codes writes whole.

import { readFile } from 'node:fs/promises';
import { REGISTERED_CODES_MAX, REGISTERED_CODES_POLL_MS } from '../limits.ts';
import { DIGEST_BYTES, digestNumber, DigestTable, formatDigestTable } from './digest-table.ts';
import { PolledFile, replaceFile } from './polled-file.ts';

const MAGIC = 'TPCODES1';
const NOBODY: Buffer = Buffer.from(MAGIC, 'latin1');

export class RegisteredCodes {
  #table = tableOf(NOBODY);
  #file: PolledFile | null = null;

  private constructor() {
    // open() is the way to have one.
  }

  /**
   * Reads the file and goes on looking for newer ones until {@link close}. A file that is none, or cannot
   * be read, is told to `onTrouble`, and what was read before stays.
   */
  static async open(path: string, onTrouble: (reason: string) => void): Promise<RegisteredCodes> {
    const codes = new RegisteredCodes();
    codes.#file = await PolledFile.open({
      path,
      pollMs: REGISTERED_CODES_POLL_MS,
      take: (bytes) => (codes.#table = tableOf(bytes ?? NOBODY)),
      onTrouble,
    });
    return codes;
  }

  has(code: string): boolean {
    return this.#table.find(code) !== null;
  }

  close(): void {
    this.#file?.close();
  }
}

/**
 * Adds codes to the file, durably; collectors that run know them a moment later. Resolves with how many
 * the file has then. Rejects with RangeError past REGISTERED_CODES_MAX, and with errno errors. One at a
 * time.
 */
export async function registerCodes(path: string, codes: AsyncIterable<string>): Promise<number> {
  const known = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return NOBODY;
    throw error;
  });
  const numbers = new Set(tableOf(known).digests());
  for await (const code of codes) {
    numbers.add(digestNumber(code));
    if (numbers.size > REGISTERED_CODES_MAX) {
      throw new RangeError(`more than ${REGISTERED_CODES_MAX} codes cannot be registered`);
    }
  }
  await replaceFile(path, formatDigestTable(MAGIC, DIGEST_BYTES, numbers));
  return numbers.size;
}

const tableOf = (bytes: Buffer): DigestTable => new DigestTable(MAGIC, DIGEST_BYTES, bytes);
