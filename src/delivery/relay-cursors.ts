// How far a relay has come, in a file of its own: a machine that only collects has no store to keep it
// in. What the bus has acknowledged and the file does not know yet is sent again after a crash, and
// recognised by its id.

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../config/failure.ts';
import { type FileSystem, isMissing, type Lock, realFileSystem } from '../journal/filesystem.ts';
import type { Cursors, Position } from '../journal/journal.ts';
import { LOCK_WAIT_MS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import { cursorsText, parseCursors } from './progress.ts';

export class RelayCursors {
  readonly #path: string;
  readonly #fs: FileSystem;
  readonly #lock: Lock;
  readonly #cursors: Map<string, Position>;
  /** What the file says. */
  #durable: Cursors;

  private constructor(path: string, fs: FileSystem, lock: Lock, cursors: Cursors) {
    this.#path = path;
    this.#fs = fs;
    this.#lock = lock;
    this.#cursors = new Map(cursors);
    this.#durable = cursors;
  }

  /**
   * Reads the file, if there is one, and holds it against other relays until {@link close}. Throws a
   * {@link Failure} when another relay has it and does not end, or when the file is damaged.
   */
  static async open(path: string, fs: FileSystem = realFileSystem): Promise<RelayCursors> {
    await fs.makeDir(dirname(path));
    const lock = await claim(path, fs);
    try {
      return new RelayCursors(path, fs, lock, await load(path));
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
    const draft = `${this.#path}.tmp`;
    await this.#fs.remove(draft);
    const file = await this.#fs.create(draft);
    try {
      const text = JSON.stringify({ version: 1, cursors: cursorsText(cursors) });
      await file.write(Buffer.from(`${text}\n`), 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#fs.rename(draft, this.#path);
    await this.#fs.syncDir(dirname(this.#path));
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
async function claim(path: string, fs: FileSystem): Promise<Lock> {
  const deadline = performance.now() + LOCK_WAIT_MS_MAX;
  for (;;) {
    const lock = fs.lock(`${path}.lock`);
    if (lock !== null) return lock;
    if (performance.now() >= deadline) throw new Failure(`${path} is in use by another relay`);
    await sleep(WAIT_PROBE_MS);
  }
}

async function load(path: string): Promise<Cursors> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw error;
  }
  try {
    return parseCursors(text);
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
