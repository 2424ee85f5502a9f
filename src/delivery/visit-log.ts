// Writes the visit log so that a line is neither lost nor doubled, though a text file knows no
// transactions. First a plan is made durable (VisitAppend: which file, how long it was, which lines), then it
// is settled here. Settling compares what stands behind the planned length with the
// lines and appends the rest, so it can be done again after any crash or failure, at any byte.

import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../telemetry/log.ts';
import { type LogFile, type LogFiles, realLogFiles } from './log-files.ts';
import type { VisitAppend } from './progress.ts';

/** Where the next lines go: {@link VisitAppend} without the lines. */
export type VisitTarget = Pick<VisitAppend, 'path' | 'inode' | 'length' | 'newline'>;

/**
 * `done`: the lines are in the file and durable. `moved`: its file was renamed, removed or altered meanwhile;
 * the lines' first `skip` bytes stand elsewhere, and the rest needs a new plan.
 */
export type Settlement = { readonly done: true } | { readonly done: false; readonly skip: number };

const LF = 0x0a;

export class VisitLog {
  readonly path: string;
  readonly #log: Logger;
  readonly #files: LogFiles;
  #file: LogFile | null = null;
  #reopen = false;
  /** A sync failed: what the kernel shows of the append in flight may never reach the disk. */
  #unsynced = false;

  constructor(path: string, log: Logger, files: LogFiles = realLogFiles) {
    this.path = path;
    this.#log = log;
    this.#files = files;
  }

  /** Why no later try can write the log either; null when one may. */
  async refusal(): Promise<string | null> {
    const regular = await this.#files.isRegular(this.path).catch(() => null);
    return regular === false ? `${this.path} is no regular file` : null;
  }

  /** The file at the path is opened anew for the next lines, as after a SIGHUP. */
  reopen(): void {
    this.#reopen = true;
  }

  /** Opens the file that the path names now, a new one where there is none. Rejects with errno errors. */
  async target(): Promise<VisitTarget> {
    const named = await this.#files.inode(this.path);
    if (this.#file !== null && (this.#reopen || named !== this.#file.inode)) await this.close();
    this.#reopen = false;
    if (this.#file === null) {
      await this.#files.makeDir(dirname(this.path));
      this.#file = await this.#files.open(this.path, APPEND_OR_CREATE);
      if (named === null) await this.#files.syncDir(dirname(this.path));
    }
    this.#unsynced = false;
    const length = await this.#file.size();
    const last = length === 0 ? LF : (await this.#file.read(length - 1, 1))[0];
    return { path: this.path, inode: this.#file.inode, length, newline: last !== LF };
  }

  /**
   * Brings the planned lines into their file. Rejects with errno errors: settle again later. A file at a path
   * that is not the log's any more is given up when it cannot be written, as nobody may ever mend that.
   */
  async settle(append: VisitAppend, lines: Buffer): Promise<Settlement> {
    try {
      return await this.#settle(append, lines);
    } catch (error) {
      if (append.path === this.path) throw error;
      await this.close();
      this.#log.error(
        { err: error, path: append.path, now: this.path },
        'the visit log was configured elsewhere while lines were being written, and they cannot be ' +
          'completed there: they are written to the new log, and some may stand in the old one too',
      );
      return { done: false, skip: append.skip };
    }
  }

  async #settle(append: VisitAppend, lines: Buffer): Promise<Settlement> {
    if (this.#reopen || this.#file?.inode !== append.inode) {
      await this.close();
      this.#reopen = false;
      const moved = await this.#openPlanned(append, lines);
      if (moved !== null) return moved;
    }
    const file = this.#file as unknown as LogFile;
    const bytes = bytesOf(append, lines);
    const size = await file.size();
    let written = 0;
    if (size !== append.length) {
      const present = await presentOf(file, append.length, bytes);
      if (present === null) return this.#altered(append, size);
      written = present.length;
    }
    if (this.#unsynced && written > 0 && size === append.length + written) {
      await file.truncate(append.length);
      written = 0;
    }
    try {
      if (written < bytes.length) await file.append(bytes.subarray(written));
      await file.sync();
      this.#unsynced = false;
    } catch (error) {
      this.#unsynced = true;
      throw error;
    }
    return { done: true };
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Opens the file of the plan when its path still names it; else says what of it is to be written again. */
  async #openPlanned(append: VisitAppend, lines: Buffer): Promise<Settlement | null> {
    if ((await this.#files.inode(append.path)) === append.inode) {
      this.#file = await this.#files.open(append.path, constants.O_RDWR | constants.O_APPEND);
      if (this.#file.inode === append.inode) return null;
      await this.close();
    }
    const folder = dirname(append.path);
    for (const name of await this.#files.list(folder)) {
      const path = join(folder, name);
      if ((await this.#files.inode(path)) === append.inode) {
        return await this.#renamed(append, lines, path);
      }
    }
    this.#log.error(
      { path: append.path, inode: append.inode },
      'the visit log was removed while lines were being written: they are written to a new file, ' +
        'and may stand in the removed one too',
    );
    return { done: false, skip: append.skip };
  }

  /**
   * A renamed file is left in peace: whole lines in it count, the rest goes to the file that took its
   * place.
   */
  async #renamed(append: VisitAppend, lines: Buffer, path: string): Promise<Settlement> {
    const file = await this.#files.open(path, constants.O_RDONLY);
    try {
      await file.sync();
      const present = await presentOf(file, append.length, bytesOf(append, lines));
      if (present === null) return this.#altered(append, await file.size());
      const whole = present.lastIndexOf(LF) + 1;
      const lead = append.newline ? 1 : 0;
      this.#log.info({ path: append.path, renamed: basename(path) }, 'the visit log was rotated');
      if (present.length > whole) {
        this.#log.warn(
          { path },
          'a rotated visit log ends within a line; that line is in the new log',
        );
      }
      return { done: false, skip: append.skip + Math.max(0, whole - lead) };
    } finally {
      await file.close();
    }
  }

  #altered(append: VisitAppend, size: number): Settlement {
    this.#log.error(
      { path: append.path, length: append.length, size },
      'the visit log was altered by somebody else while lines were being written: they are written again ' +
        'at its end, and some may now stand in it twice',
    );
    return { done: false, skip: append.skip };
  }
}

const APPEND_OR_CREATE = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

function bytesOf(append: VisitAppend, lines: Buffer): Buffer {
  const rest = lines.subarray(append.skip);
  return append.newline && rest.length > 0 ? Buffer.concat([Buffer.of(LF), rest]) : rest;
}

/**
 * The part of `bytes` that stands in the file from `length` on; null when something else stands there. What
 * follows all of `bytes` is none of our business.
 */
async function presentOf(file: LogFile, length: number, bytes: Buffer): Promise<Buffer | null> {
  if ((await file.size()) < length) return null;
  const present = await file.read(length, bytes.length);
  return present.equals(bytes.subarray(0, present.length)) ? present : null;
}
