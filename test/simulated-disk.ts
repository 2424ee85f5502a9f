// A disk that does what real ones do at the worst moment: it tears writes, fails an fsync and forgets
// what it promised, is full, loses its power. The journal runs on it through the file-system port, driven
// by a seed.

import { dirname, join } from 'node:path';
import type { FileSystem, JournalFile, Lock } from '../src/journal/filesystem.ts';

/** Numbers in [0, 1) that only depend on the seed (mulberry32, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a power loss leaves or takes at once. */
const SECTOR_BYTES = 512;

function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

interface Inode {
  /** What readers see: the page cache. */
  cache: Buffer;
  /** What a power loss leaves for certain. */
  durable: Buffer;
  modifiedMs: number;
  /** An fsync failed: later ones succeed and save nothing, as on Linux (the pages are marked clean). */
  forgetful: boolean;
}

export class SimulatedDisk implements FileSystem {
  /** The next so many fsyncs fail, and what they should have saved is lost at the next power loss. */
  failSyncs = 0;
  /** The next so many writes fail in the middle. */
  failWrites = 0;
  /** A place that cannot be read any more, and with it the sector in which it lies. */
  badSector: { readonly path: string; readonly position: number } | null = null;
  /** Files that cannot be opened. */
  readonly unreadable = new Set<string>();
  /** Every path that was ever created, in order. */
  readonly created: string[] = [];
  /** Bytes that the disk holds at most. */
  capacity = Infinity;
  readonly #random: () => number;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #dirs = new Set<string>(['/']);
  #locks = new Set<string>();
  /** Counts the lives of the machine: what was opened in an earlier one is dead. */
  #life = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Every process dies; the page cache stays. Writes under way stop where they are. */
  killAll(): void {
    this.#life++;
    this.#locks.clear();
  }

  /** The machine loses its power: what was not synced survives sector by sector, or not at all. */
  losePower(): void {
    this.killAll();
    const survivors = new Map<string, Inode>();
    for (const [path, inode] of this.#durableNames) survivors.set(path, inode);
    for (const [path, inode] of this.#names) {
      if (!survivors.has(path) && this.#random() < 0.5) survivors.set(path, inode);
    }
    for (const inode of new Set(survivors.values())) this.#tear(inode);
    this.#names = survivors;
    this.#durableNames = new Map(survivors);
  }

  /** Changes one byte of a file for good, as a bad disk does. */
  corrupt(path: string, position: number): void {
    const inode = this.#inode(path);
    inode.cache[position] = (inode.cache[position] as number) ^ 0x41;
    inode.durable = Buffer.from(inode.cache);
  }

  bytesOf(path: string): Buffer {
    return this.#inode(path).cache;
  }

  used(): number {
    return [...this.#names.values()].reduce((sum, inode) => sum + inode.cache.length, 0);
  }

  async create(path: string): Promise<JournalFile> {
    await this.#step();
    if (this.#names.has(path)) throw diskError('EEXIST');
    if (!this.#dirs.has(dirname(path))) throw diskError('ENOENT');
    this.created.push(path);
    const empty = Buffer.alloc(0);
    const inode = { cache: empty, durable: empty, modifiedMs: Date.now(), forgetful: false };
    this.#names.set(path, inode);
    return this.#file(inode);
  }

  async open(path: string): Promise<JournalFile> {
    await this.#step();
    if (this.unreadable.has(path)) throw diskError('EACCES');
    return this.#file(this.#inode(path));
  }

  async list(dir: string): Promise<string[]> {
    await this.#step();
    const inside = [...this.#names.keys(), ...this.#dirs].filter((path) => dirname(path) === dir);
    return inside.map((path) => path.slice(dir.length + 1)).toSorted();
  }

  async makeDir(dir: string): Promise<void> {
    for (let made = dir; made !== '/'; made = dirname(made)) this.#dirs.add(made);
  }

  async syncDir(dir: string): Promise<void> {
    await this.#step();
    if (this.#takeSyncFault()) throw diskError('EIO');
    for (const path of this.#durableNames.keys()) {
      if (dirname(path) === dir && !this.#names.has(path)) this.#durableNames.delete(path);
    }
    for (const [path, inode] of this.#names) {
      if (dirname(path) === dir) this.#durableNames.set(path, inode);
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step();
    this.#names.set(to, this.#inode(from));
    this.#names.delete(from);
  }

  async remove(path: string): Promise<void> {
    await this.#step();
    this.#names.delete(path);
  }

  async stat(path: string): Promise<{ size: number; modifiedMs: number } | null> {
    await this.#step();
    const inode = this.#names.get(path);
    return inode === undefined ? null : { size: inode.cache.length, modifiedMs: inode.modifiedMs };
  }

  async setModified(path: string, modifiedMs: number): Promise<void> {
    await this.#step();
    this.#inode(path).modifiedMs = modifiedMs;
  }

  async freeBytes(): Promise<number> {
    await this.#step();
    return Math.max(0, this.capacity - this.used());
  }

  lock(path: string): Lock | null {
    if (this.#locks.has(path)) return null;
    this.#locks.add(path);
    const life = this.#life;
    return {
      release: () => {
        if (life === this.#life) this.#locks.delete(path);
      },
    };
  }

  /** The disk as one process sees it, which may use it until it is killed. */
  process(): FileSystem {
    const life = this.#life;
    const alive = (): this => {
      if (life !== this.#life) throw diskError('EDEAD');
      return this;
    };
    return {
      create: async (path) => await alive().create(path),
      open: async (path) => await alive().open(path),
      list: async (dir) => await alive().list(dir),
      makeDir: async (dir) => await alive().makeDir(dir),
      syncDir: async (dir) => await alive().syncDir(dir),
      rename: async (from, to) => await alive().rename(from, to),
      remove: async (path) => await alive().remove(path),
      stat: async (path) => await alive().stat(path),
      setModified: async (path, modifiedMs) => await alive().setModified(path, modifiedMs),
      freeBytes: async () => await alive().freeBytes(),
      lock: (path) => alive().lock(path),
    };
  }

  #file(inode: Inode): JournalFile {
    const life = this.#life;
    return {
      write: async (bytes, position) => {
        await this.#step(life);
        const room = Math.max(0, this.capacity - this.used() + (inode.cache.length - position));
        const fault = this.failWrites > 0 && bytes.length > 0;
        if (fault) this.failWrites--;
        const whole = !fault && bytes.length <= room;
        const first = Math.floor(Math.min(bytes.length, room) * this.#random());
        put(inode, bytes.subarray(0, first), position);
        await this.#step(life);
        if (!whole) throw diskError(fault ? 'EIO' : 'ENOSPC');
        put(inode, bytes.subarray(first), position + first);
      },
      datasync: async () => {
        const content = Buffer.from(inode.cache);
        await this.#step(life);
        if (this.#takeSyncFault()) {
          inode.forgetful = true;
          throw diskError('EIO');
        }
        if (!inode.forgetful) inode.durable = content;
      },
      read: async (position, length) => {
        await this.#step(life);
        if (this.#isBad(inode, position, length)) throw diskError('EIO');
        // What is written meanwhile may be in the second part and not in the first.
        const middle = position + Math.floor(length * this.#random());
        const first = Buffer.from(inode.cache.subarray(position, middle));
        await this.#step(life);
        if (first.length < middle - position) return first;
        return Buffer.concat([first, inode.cache.subarray(middle, position + length)]);
      },
      size: async () => {
        await this.#step(life);
        return inode.cache.length;
      },
      truncate: async (length) => {
        await this.#step(life);
        if (length < inode.cache.length) inode.cache = Buffer.from(inode.cache.subarray(0, length));
      },
      close: async () => {
        // A simulated file holds nothing.
      },
    };
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw diskError('ENOENT');
    return inode;
  }

  #isBad(inode: Inode, position: number, length: number): boolean {
    if (this.badSector === null || this.#names.get(this.badSector.path) !== inode) return false;
    const sector = Math.floor(this.badSector.position / SECTOR_BYTES) * SECTOR_BYTES;
    return position < sector + SECTOR_BYTES && position + length > sector;
  }

  #takeSyncFault(): boolean {
    if (this.failSyncs === 0) return false;
    this.failSyncs--;
    return true;
  }

  /** Time passes; whoever belongs to an earlier life never comes back from it. */
  async #step(life: number = this.#life): Promise<void> {
    await Promise.resolve();
    if (this.#random() < 0.3) {
      // oxlint-disable-next-line promise/avoid-new -- a turn of the event loop has no cheaper promise
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (life !== this.#life) throw diskError('EDEAD');
  }

  #tear(inode: Inode): void {
    const { cache, durable } = inode;
    // The file may have kept its new size, its old one, or anything between; what is missing reads as
    // zeros.
    const low = Math.min(cache.length, durable.length);
    const size =
      low + Math.floor(this.#random() * (Math.max(cache.length, durable.length) - low + 1));
    const torn = Buffer.alloc(size);
    for (let at = 0; at < size; at += SECTOR_BYTES) {
      const source = this.#random() < 0.5 ? cache : durable;
      if (at < source.length) source.copy(torn, at, at, Math.min(at + SECTOR_BYTES, size));
    }
    inode.cache = torn;
    inode.forgetful = false;
    inode.durable = Buffer.from(torn);
  }
}

function put(inode: Inode, bytes: Buffer, position: number): void {
  const end = position + bytes.length;
  if (end > inode.cache.length) {
    inode.cache = Buffer.concat([inode.cache, Buffer.alloc(end - inode.cache.length)]);
  }
  bytes.copy(inode.cache, position);
  inode.modifiedMs = Date.now();
}

export const simulatedPath = (...parts: string[]): string => join('/', ...parts);
