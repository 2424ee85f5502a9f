// The salts of the visitor hashes: one for each UTC day, shared by the collectors of one DATA_DIR, and
// destroyed soon after. Without its salt nobody can find out whose visitor it was, we included.
//
//   secrets/visitor-salt-2026-11-22      made by whichever process is first, up to an hour ahead
//
// Which salts there may be follows from the clock alone: yesterday's for an hour, today's, and tomorrow's
// from an hour ahead. Whatever else is found is destroyed, so a clock that jumps ahead leaves nothing
// behind, and one that jumps back finds no old salt: that day gets a new one, and its visitors count twice
// at most.

import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecret, KEPT_FORM } from '../config/secrets.ts';
import { VISITOR_SALT_AHEAD_MS, VISITOR_SALT_BEHIND_MS, VISITOR_SALT_TEND_MS } from '../limits.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SALT_BYTES = 32;
const NAME = 'visitor-salt-';
/** Also a draft, which is the same file under another name while it is made. */
const FILE = /^visitor-salt-(\d{4}-\d\d-\d\d)(?:\..*)?$/;

interface SaltsParts {
  /** `secrets/` under DATA_DIR, which exists. */
  readonly folder: string;
  /** False: none are made, and those that an earlier setting left are destroyed all the same. */
  readonly needed: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told once of each trouble in a row. */
  readonly onTrouble: (reason: string) => void;
}

/** A day's salt, and whether its file has it: only then do other processes know it. */
interface Salt {
  readonly bytes: Buffer;
  readonly isShared: boolean;
}

export class VisitorSalts {
  readonly #parts: SaltsParts;
  readonly #timer: NodeJS.Timeout;
  /** By the number of the day since 1970. */
  readonly #salts = new Map<number, Salt>();
  #tending: Promise<void> | null = null;
  #trouble: string | null = null;

  private constructor(parts: SaltsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.tend(), VISITOR_SALT_TEND_MS).unref();
  }

  /** Makes and destroys what is due, and goes on with that until {@link close}. */
  static async open(parts: SaltsParts): Promise<VisitorSalts> {
    const salts = new VisitorSalts(parts);
    await salts.tend();
    return salts;
  }

  /**
   * Today's salt, at once. Where its file could not be had in time, one that only this process knows stands
   * in for it.
   */
  current(): Uint8Array {
    const day = dayOf(this.#parts.now());
    let salt = this.#salts.get(day);
    if (salt === undefined) {
      salt = { bytes: randomBytes(SALT_BYTES), isShared: false };
      this.#salts.set(day, salt);
    }
    return salt.bytes;
  }

  /** Makes and destroys what is due now. Never rejects. */
  tend(): Promise<void> {
    this.#tending ??= this.#tend().finally(() => {
      this.#tending = null;
    });
    return this.#tending;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tending;
    this.#forget(new Set());
  }

  async #tend(): Promise<void> {
    const { folder, needed, now, onTrouble } = this.#parts;
    const days = daysAt(now());
    this.#forget(days);
    try {
      await destroyOthers(folder, days);
      if (needed) for (const day of days) if (day >= dayOf(now())) await this.#share(day);
      this.#trouble = null;
    } catch (error) {
      const trouble = `visitor salts in ${folder}: ${String(error)}`;
      if (trouble !== this.#trouble) onTrouble(trouble);
      this.#trouble = trouble;
    }
  }

  async #share(day: number): Promise<void> {
    if (this.#salts.get(day)?.isShared === true) return;
    const bytes = await sharedSalt(join(this.#parts.folder, NAME + dateOf(day)));
    this.#salts.get(day)?.bytes.fill(0);
    this.#salts.set(day, { bytes, isShared: true });
  }

  #forget(days: ReadonlySet<number>): void {
    for (const [day, { bytes }] of this.#salts) {
      if (days.has(day)) continue;
      bytes.fill(0);
      this.#salts.delete(day);
    }
  }
}

const dayOf = (now: number): number => Math.floor(now / DAY_MS);
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The days of which there may be a salt. */
function daysAt(now: number): Set<number> {
  return new Set([
    dayOf(now - VISITOR_SALT_BEHIND_MS),
    dayOf(now),
    dayOf(now + VISITOR_SALT_AHEAD_MS),
  ]);
}

/** The file's salt, which is made when there is none. Throws errno errors. */
async function sharedSalt(path: string): Promise<Buffer> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) await createSecret(path);
    else if (KEPT_FORM.test(text.trim())) return Buffer.from(text.trim(), 'base64url');
    // Half destroyed, or damaged.
    else await destroy(path);
  }
}

async function destroyOthers(folder: string, days: ReadonlySet<number>): Promise<void> {
  const dates = new Set([...days].map(dateOf));
  for (const name of await readdir(folder)) {
    const date = FILE.exec(name)?.[1];
    if (date !== undefined && !dates.has(date)) await destroy(join(folder, name));
  }
}

/** Overwritten first: an unlinked file's blocks would stay on the disk until something else needs them. */
async function destroy(path: string): Promise<void> {
  try {
    const file = await open(path, 'r+');
    try {
      const { size } = await file.stat();
      await file.write(Buffer.alloc(size), 0, size, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await unlink(path);
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
