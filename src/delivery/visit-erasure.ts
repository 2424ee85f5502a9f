// Takes the lines of one address out of the visit log: a copy without them takes the file's place. The copy
// is made beside the loads, and only completed while nothing is appended. A crash leaves the old file or
// the new one, and perhaps the copy, which the next try removes.

import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ERASURE_PIECE_BYTES } from '../limits.ts';
import { type LogFile, type LogFiles, realLogFiles } from './log-files.ts';

const LF = 0x0a;
const DRAFT = '.erasing';
const NEW_FILE = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_TRUNC;
/** What an operator's rotation may have made of a log, and nobody here can look into. */
const COMPRESSED = /\.(?:gz|zst|xz|bz2|lz4|zip)$/;

export class VisitErasure {
  readonly #path: string;
  readonly #draftPath: string;
  readonly #files: LogFiles;
  /** The end of every line of the address. */
  readonly #ending: Buffer;
  #inode: string | null = null;
  /** The old file's bytes that the copy has or leaves out, up to the end of a line. */
  #read = 0;
  #removed = 0;

  /** `address` in canonical form, as a line has it. */
  constructor(path: string, address: string, files: LogFiles = realLogFiles) {
    this.#path = path;
    this.#draftPath = path + DRAFT;
    this.#files = files;
    this.#ending = endingOf(address);
  }

  /** Copies what the log has now, so that {@link complete} has little left. Rejects with errno errors. */
  async prepare(): Promise<void> {
    await this.#files.remove(this.#draftPath);
    this.#inode = await this.#files.inode(this.#path);
    this.#read = 0;
    this.#removed = 0;
    if (this.#inode !== null) await this.#copy(false);
  }

  /** While nothing is appended. How many lines were removed. Rejects with errno errors. */
  async complete(): Promise<number> {
    if ((await this.#files.inode(this.#path)) !== this.#inode) await this.prepare();
    if (this.#inode === null) return 0;
    await this.#copy(true);
    const moved = (await this.#files.inode(this.#path)) !== this.#inode;
    if (moved) throw new Error('the visit log was rotated while lines were being erased');
    if (this.#removed === 0) await this.#files.remove(this.#draftPath);
    else await this.#files.takePlace(this.#draftPath, this.#path);
    return this.#removed;
  }

  /** Goes on with the copy; to the very end, and durably, when it is the `last` time. */
  async #copy(last: boolean): Promise<void> {
    const log = await this.#files.open(this.#path, constants.O_RDONLY);
    const draft = await this.#files.open(this.#draftPath, last ? APPEND : NEW_FILE);
    try {
      const size = await log.size();
      if (size < this.#read) throw new Error('the visit log was cut while lines were being erased');
      while (this.#read < size) {
        const piece = await log.read(this.#read, ERASURE_PIECE_BYTES);
        const whole = wholeLines(piece, last && this.#read + piece.length >= size);
        if (whole.length === 0) break;
        await draft.append(this.#without(whole));
        this.#read += whole.length;
      }
      if (last) await draft.sync();
    } finally {
      await log.close();
      await draft.close();
    }
  }

  #without(lines: Buffer): Buffer {
    const kept: Buffer[] = [];
    let from = 0;
    for (let at = this.#find(lines, 0); at >= 0; at = this.#find(lines, from)) {
      const start = at === 0 ? 0 : lines.lastIndexOf(LF, at - 1) + 1;
      kept.push(lines.subarray(from, start));
      from = Math.min(lines.length, at + this.#ending.length);
      this.#removed++;
    }
    if (from === 0) return lines;
    return Buffer.concat([...kept, lines.subarray(from)]);
  }

  /** Also at the very end of a log whose last line was never ended. */
  #find(lines: Buffer, from: number): number {
    const at = lines.indexOf(this.#ending, from);
    if (at >= 0) return at;
    const open = lines.length - this.#ending.length + 1;
    const isOpen = open >= from && lines.subarray(open).equals(this.#ending.subarray(0, -1));
    return isOpen ? open : -1;
  }
}

const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

/**
 * The files at and beside `path`, such as rotated logs, that have lines of the address, each with the reason
 * why it stays: they are the operator's. `current` is the log that is written. Rejects with errno errors.
 */
export async function otherLogsWith(
  path: string,
  current: string | null,
  address: string,
  files: LogFiles = realLogFiles,
): Promise<string[]> {
  const found: string[] = [];
  const ending = endingOf(address);
  for (const name of (await files.list(dirname(path))).toSorted()) {
    const beside = join(dirname(path), name);
    if (beside === current || !name.startsWith(basename(path)) || name.endsWith(DRAFT)) continue;
    if ((await files.isRegular(beside)) !== true) continue;
    if (COMPRESSED.test(name)) found.push(`${beside}: compressed, and was not looked into`);
    else if (await holds(files, beside, ending)) {
      found.push(`${beside}: an older visit log, which still has lines of it`);
    }
  }
  return found;
}

async function holds(files: LogFiles, path: string, ending: Buffer): Promise<boolean> {
  const log: LogFile = await files.open(path, constants.O_RDONLY);
  try {
    const size = await log.size();
    for (let at = 0; at < size; at += ERASURE_PIECE_BYTES) {
      const piece = await log.read(at, ERASURE_PIECE_BYTES + ending.length);
      if (piece.includes(ending)) return true;
    }
    return false;
  } finally {
    await log.close();
  }
}

const endingOf = (address: string): Buffer => Buffer.from(`|${address}\n`);

/** Up to the last line's end; all of it when nothing follows, or when there is no end in sight. */
function wholeLines(piece: Buffer, isAll: boolean): Buffer {
  if (isAll) return piece;
  const end = piece.lastIndexOf(LF) + 1;
  return end === 0 && piece.length === ERASURE_PIECE_BYTES ? piece : piece.subarray(0, end);
}
