// Looks after what the reader has passed: segments go compressed into the archive, so that the store can be
// rebuilt, and the oldest leave the archive when their time is over or their room is needed.

import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import { type FileSystem, realFileSystem } from './filesystem.ts';
import { segmentFileName } from './format.ts';
import type { Cursors } from './journal.ts';
import {
  archiveFileName,
  type JournalDirs,
  journalDirs,
  listSegments,
  listSlots,
} from './places.ts';
import { scanSegment } from './scan.ts';
import { segmentFiles } from './usage.ts';

const DAY_MS = 86_400_000;
/** The archive gives room back before a writer has to refuse hits for want of it. */
const ARCHIVE_SHARE_MAX = 0.9;

const compress = promisify(zstdCompress);
/** With a checksum of the whole, so that damage is damage and not other bytes. */
const COMPRESSION = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

export type KeeperConfig = Pick<Config, 'dataDir' | 'journalBytesMax' | 'archiveDays'>;

export class JournalKeeper {
  readonly #config: KeeperConfig;
  readonly #dirs: JournalDirs;
  readonly #log: Logger;
  readonly #fs: FileSystem;

  constructor(config: KeeperConfig, log: Logger, fs: FileSystem = realFileSystem) {
    this.#config = config;
    this.#dirs = journalDirs(config.dataDir);
    this.#log = log;
    this.#fs = fs;
  }

  /**
   * Archives every segment before its slot's cursor, then applies retention. `cursors` must be durable: a
   * segment that was archived is read again only by a rebuild. Safe to be killed at any point. Rejects with
   * errno errors.
   */
  async tend(cursors: Cursors): Promise<void> {
    for (const slot of await listSlots(this.#fs, this.#dirs)) {
      const cursor = cursors.get(slot);
      if (cursor === undefined) continue;
      const segments = await listSegments(this.#fs, this.#dirs, this.#dirs.journalDir, slot);
      // The last one stays whatever the cursor says: its writer may be about to use it.
      for (const segment of segments.slice(0, -1)) {
        if (segment < cursor.segment) await this.#archive(slot, segment);
      }
    }
    await this.#retain();
  }

  async #archive(slot: string, segment: number): Promise<void> {
    const path = join(this.#dirs.journalDir, slot, segmentFileName(segment));
    const bytes = await this.#readAll(path);
    const scan = scanSegment(bytes, slot, segment);
    if (scan.damage.length > 0 || scan.tail !== 'none') {
      await this.#setAside(slot, segment, path);
      return;
    }
    if (scan.batches.length > 0) await this.#writeArchive(slot, segment, bytes);
    await this.#fs.remove(path);
    await this.#fs.syncDir(join(this.#dirs.journalDir, slot));
  }

  async #writeArchive(slot: string, segment: number, bytes: Buffer): Promise<void> {
    const dir = join(this.#dirs.archiveDir, slot);
    const path = join(dir, archiveFileName(segment));
    await this.#fs.makeDir(dir);
    const unfinished = `${path}.tmp`;
    await this.#fs.remove(unfinished);
    const file = await this.#fs.create(unfinished);
    try {
      await file.write(await compress(bytes, COMPRESSION), 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#fs.rename(unfinished, path);
    await this.#fs.syncDir(dir);
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

  async #readAll(path: string): Promise<Buffer> {
    const file = await this.#fs.open(path, 'read');
    try {
      return await file.read(0, await file.size());
    } finally {
      await file.close();
    }
  }

  /** Removes archived segments, oldest first, while they are too old or too many. */
  async #retain(): Promise<void> {
    const { journalBytesMax, archiveDays } = this.#config;
    const archived = await segmentFiles(this.#fs, this.#dirs, this.#dirs.archiveDir);
    const live = await segmentFiles(this.#fs, this.#dirs, this.#dirs.journalDir);
    let bytes = [...archived, ...live].reduce((sum, file) => sum + file.bytes, 0);
    const oldest = archiveDays > 0 ? Date.now() - archiveDays * DAY_MS : 0;
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
}
