// How far a relay has come, in a file of its own: a machine that only collects has no store to keep it
// in. What the bus has acknowledged and the file does not know yet is sent again after a crash, and
// recognised by its id.

import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../config/failure.ts';
import { type Lock, realFileSystem } from '../journal/filesystem.ts';
import type { Cursors, Position } from '../journal/journal.ts';
import { LOCK_WAIT_MS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import { type LogFiles, realLogFiles } from './log-files.ts';
import { formatProgress, parseProgress } from './progress.ts';

export class RelayCursors {
  readonly #path: string;
  readonly #files: LogFiles;
  readonly #lock: Lock;
  readonly #cursors: Map<string, Position>;
  /** What the file says. */
  #durable: Cursors;

  private constructor(path: string, files: LogFiles, lock: Lock, cursors: Cursors) {
    this.#path = path;
    this.#files = files;
    this.#lock = lock;
    this.#cursors = new Map(cursors);
    this.#durable = cursors;
  }

  /**
   * Reads the file, if there is one, and holds it against other relays until {@link close}. Throws a
   * {@link Failure} when another relay has it and does not end, or when the file is damaged.
   */
  static async open(path: string, files: LogFiles = realLogFiles): Promise<RelayCursors> {
    await realFileSystem.makeDir(dirname(path));
    const lock = await claim(path);
    try {
      return new RelayCursors(path, files, lock, await load(path, files));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get(slot: string): Position | null {
    return this.#cursors.get(slot) ?? null;
  }

  /** Everything before `position` was acknowledged. Durable with the next {@link save}. */
  set(slot: string, position: Position): void {
    this.#cursors.set(slot, position);
  }

  /** What a restart would begin with: what the journal's keeper may archive. */
  get durable(): Cursors {
    return this.#durable;
  }

  /** Rejects with errno errors; the file is then as it was. Never called while another call is under way. */
  async save(): Promise<void> {
    const cursors: Cursors = new Map(this.#cursors);
    if (isSame(cursors, this.#durable)) return;
    await this.#files.replace(this.#path, `${formatProgress(cursors)}\n`);
    this.#durable = cursors;
  }

  async close(): Promise<void> {
    try {
      await this.save();
    } finally {
      this.#lock.release();
    }
  }
}

/** A killed supervisor's relay may still be ending. */
async function claim(path: string): Promise<Lock> {
  const deadline = performance.now() + LOCK_WAIT_MS_MAX;
  for (;;) {
    const lock = realFileSystem.lock(`${path}.lock`);
    if (lock !== null) return lock;
    if (performance.now() >= deadline) throw new Failure(`${path} is in use by another relay`);
    await sleep(WAIT_PROBE_MS);
  }
}

async function load(path: string, files: LogFiles): Promise<Cursors> {
  const text = await files.readWhole(path);
  if (text === null) return new Map();
  try {
    return parseProgress(text);
  } catch (error) {
    throw new Failure(
      `${path} is damaged: remove it, and the whole journal is relayed again (nothing is counted twice)`,
      undefined,
      { cause: error },
    );
  }
}

function isSame(a: Cursors, b: Cursors): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([slot, { segment, offset }]) => {
    const other = b.get(slot);
    return other?.segment === segment && other.offset === offset;
  });
}
