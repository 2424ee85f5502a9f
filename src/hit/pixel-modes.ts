// What was said of pixels' modes after they were minted, and which pixels were erased: the store process
// writes it into a file, and collectors honour it a moment later, in mail that was sent long before.
//
// The file is a digest-table.ts whose entries end with one byte: 0 individual, 1 aggregate, 2 off.

import { readFile } from 'node:fs/promises';
import type { PixelMode } from '../config/config.ts';
import { PIXEL_MODES_MAX, PIXEL_MODES_POLL_MS } from '../limits.ts';
import { DIGEST_BYTES, digestNumber, DigestTable, formatDigestTable } from './digest-table.ts';
import { PolledFile, replaceFile } from './polled-file.ts';

const MAGIC = 'TPMODES1';
const ENTRY_BYTES = DIGEST_BYTES + 1;
const MODES: readonly PixelMode[] = ['individual', 'aggregate', 'off'];
/** Eight hexadecimal digits of another check precede the SHA-256 in the digest of an erased pixel. */
const ERASED_CHECK_CHARS = 8;

export class PixelModes {
  /** Called when the file has changed: what was made of an older one is to be forgotten. */
  onChange: (() => void) | null = null;
  /** Null: there is a file, and nobody knows what it says. */
  #table: DigestTable | null = null;
  #file: PolledFile | null = null;

  private constructor() {
    // open() is the way to have one.
  }

  /**
   * Reads the file and goes on looking for newer ones until {@link close}. A file that is none, or cannot
   * be read, is told to `onTrouble`, and what was read before stays; so it does when the file is removed.
   */
  static async open(path: string, onTrouble: (reason: string) => void): Promise<PixelModes> {
    const modes = new PixelModes();
    modes.#file = await PolledFile.open({
      path,
      pollMs: PIXEL_MODES_POLL_MS,
      take: (bytes) => modes.#take(bytes),
      onTrouble,
    });
    return modes;
  }

  /**
   * The mode that was said last; null when the code itself says all there is. While the file is there and
   * was never readable, every pixel is `aggregate`: nobody is written down who should not be.
   */
  find(code: string): PixelMode | null {
    if (this.#table === null) return 'aggregate';
    const entry = this.#table.find(code);
    // A mode of a newer program is one that this one cannot honour.
    return entry === null ? null : (MODES[entry[DIGEST_BYTES] ?? -1] ?? 'off');
  }

  close(): void {
    this.#file?.close();
  }

  #take(bytes: Buffer | null): void {
    if (bytes !== null) this.#table = tableOf(bytes);
    else this.#table ??= tableOf(Buffer.from(MAGIC, 'latin1'));
    this.onChange?.();
  }
}

/** Of Store.modes(): pixels with a mode of their own by code, and the digests of erased ones. */
interface SaidModes {
  readonly pixels: ReadonlyMap<string, PixelMode>;
  readonly erased: readonly string[];
}

/**
 * Writes the file whole and durably, unless it says the same already; collectors know it within
 * PIXEL_MODES_POLL_MS. A mode that was given at minting is in the code, so that nothing has to be written at
 * once for it. Rejects with RangeError past PIXEL_MODES_MAX, and with errno errors. One at a time.
 */
export async function writePixelModes(path: string, { pixels, erased }: SaidModes): Promise<void> {
  if (pixels.size + erased.length > PIXEL_MODES_MAX) {
    throw new RangeError(`more than ${PIXEL_MODES_MAX} pixels cannot have a mode of their own`);
  }
  const modes = new Map<bigint, PixelMode>();
  for (const [code, mode] of pixels) modes.set(digestNumber(code), mode);
  for (const digest of erased) modes.set(erasedNumber(digest), 'off');
  const write = (bytes: Buffer, at: number, digest: bigint): void => {
    bytes[at] = MODES.indexOf(modes.get(digest) ?? 'off');
  };
  const bytes = formatDigestTable(MAGIC, ENTRY_BYTES, modes.keys(), write);
  const before = await readFile(path).catch(() => null);
  if (before === null || !before.equals(bytes)) await replaceFile(path, bytes);
}

const erasedNumber = (digest: string): bigint =>
  BigInt(`0x${digest.slice(ERASED_CHECK_CHARS, ERASED_CHECK_CHARS + 2 * DIGEST_BYTES)}`);

const tableOf = (bytes: Buffer): DigestTable => new DigestTable(MAGIC, ENTRY_BYTES, bytes);
