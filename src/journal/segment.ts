// One segment that is being written: created durably, appended to one batch at a time, and either sealed or
// abandoned. Once an fsync has failed nothing is known about the file any more (the kernel may have dropped
// the dirty pages), so an abandoned segment is never written again.
//
// The file has room ahead of its batches, zeros that are written with every so many batches: overwriting
// bytes that are there already is synced several times faster than growing a file, which costs a commit of
// the file system's own journal, where it also waits for whoever else writes to that disk.

import { join } from 'node:path';
import { nowMicros } from '../hit/clock.ts';
import { type FileSystem, isFull, type JournalFile } from './filesystem.ts';
import {
  BATCH_HEADER_BYTES,
  encodeSeal,
  encodeSegmentHeader,
  ROOM,
  SEGMENT_HEADER_BYTES,
  sealBatch,
  segmentFileName,
} from './format.ts';

export class Segment {
  readonly number: number;
  readonly #file: JournalFile;
  readonly #writer: Buffer;
  /** Bytes that are durable; the next batch goes there. */
  #length = SEGMENT_HEADER_BYTES;
  /** Bytes that the file has, with its room. */
  #size = SEGMENT_HEADER_BYTES;
  /** Room does not take the file further. */
  readonly #bytesMax: number;

  private constructor(file: JournalFile, writer: Buffer, number: number, bytesMax: number) {
    this.#file = file;
    this.#writer = writer;
    this.number = number;
    this.#bytesMax = bytesMax;
  }

  /**
   * A number larger than `last`: the time in seconds where that is larger, so that it stays larger than any
   * cursor even if the journal's folder was emptied or restored.
   */
  static numberAfter(last: number): number {
    return Math.max(last + 1, Math.floor(nowMicros() / 1_000_000));
  }

  /** Creates segment `number` in `dir`, durably. The caller means to fill it up to about `bytesMax`. */
  static async create(
    fs: FileSystem,
    dir: string,
    writer: Buffer,
    number: number,
    bytesMax: number,
  ): Promise<Segment> {
    const path = join(dir, segmentFileName(number));
    const file = await fs.create(path);
    try {
      await file.write(encodeSegmentHeader(writer, number), 0);
      await file.datasync();
      await fs.syncDir(dir);
      return new Segment(file, writer, number, bytesMax);
    } catch (error) {
      await quietly(file.close());
      await quietly(fs.remove(path));
      throw error;
    }
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Writes one batch, whose payload stands in `batch` from BATCH_HEADER_BYTES on, and waits for the disk.
   */
  async append(batch: Buffer, payloadBytes: number, records: number): Promise<void> {
    const place = { writer: this.#writer, segment: this.number, offset: this.#length };
    sealBatch(batch, payloadBytes, records, place);
    const bytes = batch.subarray(0, BATCH_HEADER_BYTES + payloadBytes);
    const end = this.#length + bytes.length;
    if (end > this.#size) await this.#makeRoom(end);
    await this.#file.write(bytes, this.#length);
    await this.#file.datasync();
    this.#length = end;
  }

  /**
   * From `end` on; the batch before it is written next, and synced with it. That decides: a disk which has
   * no room for room may have some for hits.
   */
  async #makeRoom(end: number): Promise<void> {
    this.#size = end;
    const room = Math.min(ROOM.length, this.#bytesMax - end);
    if (room <= 0) return;
    try {
      await this.#file.write(ROOM.subarray(0, room), end);
      this.#size = end + room;
    } catch (error) {
      if (!isFull(error)) throw error;
      // The next batch tries again.
    }
  }

  /** Marks the segment complete and closes it. */
  async seal(): Promise<void> {
    const place = { writer: this.#writer, segment: this.number, offset: this.#length };
    const seal = encodeSeal(place);
    await this.#file.write(seal, this.#length);
    await this.#file.truncate(this.#length + seal.length);
    await this.#file.datasync();
    await this.#file.close();
  }

  /**
   * After a failure: cuts off room and what is not durable, if the disk lets us, and closes the file in any
   * case.
   */
  async abandon(): Promise<void> {
    await quietly(this.#file.truncate(this.#length));
    await quietly(this.#file.datasync());
    await quietly(this.#file.close());
  }
}

/** For a clean-up after a failure that was reported already: a second failure adds nothing. */
async function quietly(promise: Promise<void>): Promise<void> {
  try {
    await promise;
  } catch {
    // Reported by what failed first.
  }
}
