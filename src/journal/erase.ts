// Takes records out of segments that nobody writes any more, wherever they lie. A record is erased where it
// stands and keeps its length, since its place is its id; a segment that held one is written anew and
// put in the old one's place at once. Done again after a crash, it finds less to do.

import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type Edit, editRecords } from '../hit/encoding.ts';
import type { Recorded } from '../hit/event.ts';
import type { FileSystem } from './filesystem.ts';
import {
  ARCHIVE_ENDING,
  BATCH_HEADER_BYTES,
  refreshChecksum,
  segmentOfFileName,
} from './format.ts';
import type { Position } from './journal.ts';
import type { JournalDirs } from './places.ts';
import type { ClosedSlot } from './rotation.ts';
import { scanSegment } from './scan.ts';
import { compressSegment, isUnfinished, readWhole, writeWhole } from './whole.ts';

const decompress = promisify(zstdDecompress);

/** What is to be erased. */
export interface Subject {
  readonly edit: (recorded: Recorded) => Edit;
  /** One of these stands in every record that is edited; null: that cannot be said. */
  readonly needles: readonly Buffer[] | null;
}

export interface Erased {
  /** Records that were edited. */
  records: number;
  /** Files in which something was. */
  files: number;
}

export interface JournalErased {
  readonly journal: Erased;
  readonly archive: Erased;
  /** Damaged segments and cut-off tails. */
  readonly corrupt: Erased;
  /** Files that could not be looked into, and why. */
  readonly unread: string[];
}

/** Where records are edited: up to `before`, null: everywhere. */
export interface SegmentStretch {
  readonly slot: string;
  readonly segment: number;
  readonly before: Position | null;
}

/**
 * Edits the records of a whole segment's `bytes` in place. How many; and why a batch could not be read, in
 * which case it stays as it is.
 */
export function editSegment(
  bytes: Buffer,
  stretch: SegmentStretch,
  { edit, needles }: Subject,
): { readonly records: number; readonly unreadable: readonly string[] } {
  let records = 0;
  const unreadable: string[] = [];
  for (const batch of scanSegment(bytes, stretch.slot, stretch.segment).batches) {
    // A reader's position is the end of a batch.
    if (batch.offset >= endIn(stretch)) break;
    if (!occursIn(batch.records, needles)) continue;
    try {
      const edited = editRecords(batch, edit);
      if (edited > 0) refreshChecksum(bytes, batch.offset - BATCH_HEADER_BYTES);
      records += edited;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      unreadable.push(error.message);
    }
  }
  return { records, unreadable };
}

export class JournalEraser {
  readonly #fs: FileSystem;
  readonly #dirs: JournalDirs;
  readonly #subject: Subject;
  readonly #signal: AbortSignal | null;
  readonly #done: JournalErased = {
    journal: { records: 0, files: 0 },
    archive: { records: 0, files: 0 },
    corrupt: { records: 0, files: 0 },
    unread: [],
  };

  /** `signal` ends it between two files. */
  constructor(
    fs: FileSystem,
    dirs: JournalDirs,
    subject: Subject,
    signal: AbortSignal | null = null,
  ) {
    this.#signal = signal;
    this.#fs = fs;
    this.#dirs = dirs;
    this.#subject = subject;
  }

  get done(): JournalErased {
    return this.#done;
  }

  /**
   * Goes through one slot, of which nothing may be archived or removed meanwhile. `before`: only records
   * that stand before it; null: every one. Rejects with errno errors.
   */
  async eraseSlot({ slot, last }: ClosedSlot, before: Position | null): Promise<void> {
    const { journalDir, archiveDir, corruptDir } = this.#dirs;
    for (const name of await this.#names(join(journalDir, slot))) {
      const segment = segmentOfFileName(name, '');
      if (segment === null || segment > last || !isReached(segment, before)) continue;
      const file = { path: join(journalDir, slot, name), slot, segment, before };
      await this.#eraseSegment(file, this.#done.journal);
    }
    for (const name of await this.#names(join(archiveDir, slot))) {
      const segment = segmentOfFileName(name, ARCHIVE_ENDING);
      if (segment === null || !isReached(segment, before)) continue;
      await this.#eraseArchived({ path: join(archiveDir, slot, name), slot, segment, before });
    }
    for (const name of await this.#names(join(corruptDir, slot))) {
      const segment = segmentOfFileName(name, '');
      const path = join(corruptDir, slot, name);
      if (segment === null) await this.#eraseTail(path);
      else if (isReached(segment, before)) {
        await this.#eraseSegment({ path, slot, segment, before }, this.#done.corrupt);
      }
    }
  }

  /** In a folder of closed segments; what a crash left of one that was being written anew is removed. */
  async #names(dir: string): Promise<string[]> {
    const names: string[] = [];
    for (const name of await this.#fs.list(dir)) {
      if (isUnfinished(name)) await this.#fs.remove(join(dir, name));
      else names.push(name);
    }
    return names;
  }

  async #eraseArchived(file: SegmentFile): Promise<void> {
    const bytes = await this.#segmentBytes(file.path, true);
    if (bytes === null || !this.#occursIn(bytes)) return;
    const records = this.#eraseRecords(bytes, file);
    if (records === 0) return;
    await this.#replace(file.path, await compressSegment(bytes));
    count(this.#done.archive, records);
  }

  /** Null when it is gone, or cannot be read, which is noted. */
  async #segmentBytes(path: string, archived: boolean): Promise<Buffer | null> {
    this.#signal?.throwIfAborted();
    if ((await this.#fs.stat(path)) === null) return null;
    try {
      const bytes = await readWhole(this.#fs, path);
      return archived ? await decompress(bytes) : bytes;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#done.unread.push(`${path}: ${reason}`);
      return null;
    }
  }

  /** Not in the archive it may be damaged: a damaged stretch in which the subject stands goes altogether. */
  async #eraseSegment(file: SegmentFile, done: Erased): Promise<void> {
    const bytes = await this.#segmentBytes(file.path, false);
    if (bytes === null || !this.#occursIn(bytes)) return;
    let records = this.#eraseRecords(bytes, file);
    const scan = scanSegment(bytes, file.slot, file.segment);
    const tail = scan.tail === 'room' ? [] : [{ from: scan.end, to: bytes.length }];
    const damaged = [...scan.damage, ...tail];
    for (const { from, to } of damaged) {
      const stretch = bytes.subarray(from, to);
      if (from >= endIn(file) || !this.#standsIn(stretch)) continue;
      stretch.fill(0);
      records++;
    }
    if (records === 0) return;
    await this.#replace(file.path, bytes);
    count(done, records);
  }

  /** What a recovery cut off was never acknowledged, or is damaged. */
  async #eraseTail(path: string): Promise<void> {
    const bytes = await this.#segmentBytes(path, false);
    if (bytes === null || !this.#standsIn(bytes)) return;
    await this.#fs.remove(path);
    await this.#fs.syncDir(join(path, '..'));
    count(this.#done.corrupt, 1);
  }

  #eraseRecords(bytes: Buffer, file: SegmentFile): number {
    const { records, unreadable } = editSegment(bytes, file, this.#subject);
    for (const reason of unreadable) this.#done.unread.push(`${file.path}: ${reason}`);
    return records;
  }

  async #replace(path: string, bytes: Buffer): Promise<void> {
    const modifiedMs = (await this.#fs.stat(path))?.modifiedMs ?? null;
    await writeWhole(this.#fs, path, bytes, modifiedMs);
  }

  #occursIn(bytes: Buffer): boolean {
    return occursIn(bytes, this.#subject.needles);
  }

  /** For bytes that nobody can read as records: where it cannot be said, they are taken for the subject's. */
  #standsIn(bytes: Buffer): boolean {
    return bytes.length > 0 && this.#occursIn(bytes);
  }
}

interface SegmentFile extends SegmentStretch {
  readonly path: string;
}

/** Where in the segment the records end that are to be looked at. */
const endIn = ({ segment, before }: SegmentStretch): number =>
  before?.segment === segment ? before.offset : Infinity;

function occursIn(bytes: Buffer, needles: Subject['needles']): boolean {
  return needles === null || needles.some((needle) => bytes.includes(needle));
}

function isReached(segment: number, before: Position | null): boolean {
  return before === null || segment <= before.segment;
}

function count(erased: Erased, records: number): void {
  erased.records += records;
  erased.files++;
}
