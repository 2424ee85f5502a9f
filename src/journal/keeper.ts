// Looks after what the reader has passed: segments go compressed into the archive, so that the store can be
// rebuilt, and the oldest leave the archive when their time is over or their room is needed.

import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Edit } from '../hit/encoding.ts';
import type { Recorded } from '../hit/event.ts';
import { ExpiryClock } from '../hit/expiry-clock.ts';
import { SEGMENT_AGE_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { editSegment } from './erase.ts';
import { type FileSystem, realFileSystem } from './filesystem.ts';
import { segmentFileName } from './format.ts';
import type { Cursors, Position } from './journal.ts';
import {
  archiveFileName,
  type JournalDirs,
  journalDirs,
  listSegments,
  listSlots,
} from './places.ts';
import { recoverSlot } from './recovery.ts';
import { scanSegment } from './scan.ts';
import { segmentFiles, type StoredSegment } from './usage.ts';
import { compressSegment, readWhole, writeWhole } from './whole.ts';

const DAY_MS = 86_400_000;
/** The archive gives room back before a writer has to refuse hits for want of it. */
const ARCHIVE_SHARE_MAX = 0.9;

export type KeeperConfig = Pick<Config, 'dataDir' | 'journalBytesMax' | 'archiveDays'>;

export class JournalKeeper {
  /** What is not to get into the archive any more: late hits of a pixel that was erased. */
  edit: ((recorded: Recorded) => Edit) | null = null;
  readonly #config: KeeperConfig;
  readonly #dirs: JournalDirs;
  readonly #log: Logger;
  readonly #fs: FileSystem;
  readonly #clock: ExpiryClock;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    config: KeeperConfig,
    log: Logger,
    fs: FileSystem = realFileSystem,
    clock: ExpiryClock = new ExpiryClock((reason) => log.warn({ option: 'ARCHIVE_DAYS' }, reason)),
  ) {
    this.#config = config;
    this.#dirs = journalDirs(config.dataDir);
    this.#log = log;
    this.#fs = fs;
    this.#clock = clock;
  }

  /**
   * Archives every segment before its slot's cursor, then applies retention. `cursors` must be durable: a
   * segment that was archived is read again only by a rebuild. Safe to be killed at any point. Rejects with
   * errno errors.
   */
  async tend(cursors: Cursors): Promise<void> {
    await this.alone(() => this.#tend(cursors));
  }

  /** Runs `work` while nothing is being archived or removed: segments stay where they are. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return await done;
  }

  async #tend(cursors: Cursors): Promise<void> {
    for (const slot of await listSlots(this.#fs, this.#dirs)) {
      const cursor = cursors.get(slot);
      if (cursor === undefined) continue;
      const segments = await listSegments(this.#fs, this.#dirs, this.#dirs.journalDir, slot);
      const last = segments.at(-1);
      for (const segment of segments.slice(0, -1)) {
        if (segment < cursor.segment) await this.#archive(slot, segment);
      }
      if (last !== undefined) await this.#archiveAbandoned(slot, last, cursor);
    }
    await this.#retain();
  }

  /**
   * The last segment may be about to be written, whatever the cursor says, unless nobody holds the slot. One
   * that nobody has written for long goes too, or it would outlast every retention.
   */
  async #archiveAbandoned(slot: string, segment: number, cursor: Position): Promise<void> {
    const path = join(this.#dirs.journalDir, slot, segmentFileName(segment));
    const found = await this.#fs.stat(path);
    if (found === null || Date.now() - found.modifiedMs < SEGMENT_AGE_MS_MAX) return;
    const lock = this.#fs.lock(join(this.#dirs.journalDir, slot, 'lock'));
    if (lock === null) return;
    try {
      await recoverSlot(this.#fs, this.#dirs, slot, this.#log);
      const size = (await this.#fs.stat(path))?.size;
      // A seal that was only written now is passed by the next turn.
      const passed = cursor.segment > segment || cursor.offset >= (size ?? Infinity);
      if (cursor.segment >= segment && size !== undefined && passed) {
        await this.#archive(slot, segment);
      }
    } finally {
      lock.release();
    }
  }

  async #archive(slot: string, segment: number): Promise<void> {
    const path = join(this.#dirs.journalDir, slot, segmentFileName(segment));
    const bytes = await readWhole(this.#fs, path);
    const scan = scanSegment(bytes, slot, segment);
    if (scan.damage.length > 0 || scan.tail !== 'none') {
      await this.#setAside(slot, segment, path);
      return;
    }
    if (this.edit !== null) {
      editSegment(bytes, { slot, segment, before: null }, { edit: this.edit, needles: null });
    }
    const whole = bytes.subarray(0, scan.end);
    if (scan.batches.length > 0) await this.#writeArchive(slot, segment, whole);
    await this.#fs.remove(path);
    await this.#fs.syncDir(join(this.#dirs.journalDir, slot));
  }

  async #writeArchive(slot: string, segment: number, bytes: Buffer): Promise<void> {
    const dir = join(this.#dirs.archiveDir, slot);
    await this.#fs.makeDir(dir);
    await writeWhole(this.#fs, join(dir, archiveFileName(segment)), await compressSegment(bytes));
  }

  async #setAside(slot: string, segment: number, path: string): Promise<void> {
    const dir = join(this.#dirs.corruptDir, slot);
    await this.#fs.makeDir(dir);
    await this.#fs.rename(path, join(dir, segmentFileName(segment)));
    await this.#fs.syncDir(dir);
    await this.#fs.syncDir(join(this.#dirs.journalDir, slot));
    this.#log.error(
      { slot, segment, dir },
      'damaged segment set aside; its sound batches were loaded',
    );
  }

  /** Removes archived segments, oldest first, while they are too old or too many. */
  async #retain(): Promise<void> {
    const { journalBytesMax } = this.#config;
    const archived = await segmentFiles(this.#fs, this.#dirs, this.#dirs.archiveDir);
    const live = await segmentFiles(this.#fs, this.#dirs, this.#dirs.journalDir);
    let bytes = [...archived, ...live].reduce((sum, file) => sum + file.bytes, 0);
    const oldest = this.#oldest([...archived, ...live]);
    for (const file of archived.toSorted((a, b) => a.modifiedMs - b.modifiedMs)) {
      const tooMuch = bytes > journalBytesMax * ARCHIVE_SHARE_MAX;
      if (!tooMuch && file.modifiedMs >= oldest) break;
      await this.#fs.remove(file.path);
      bytes -= file.bytes;
      const { slot, segment } = file;
      this.#log.warn(
        { slot, segment, tooMuch },
        'archived segment removed; a rebuild will lack it',
      );
    }
  }

  /** Segments that were last changed before this time (milliseconds) are too old. */
  #oldest(segments: readonly StoredSegment[]): number {
    const { archiveDays } = this.#config;
    if (archiveDays === 0) return 0;
    const newest = segments.reduce((latest, { modifiedMs }) => Math.max(latest, modifiedMs), 0);
    const now = this.#clock.believed(newest === 0 ? null : newest);
    return now === null ? 0 : now - archiveDays * DAY_MS;
  }
}
