// Files in memory that a test can crash after any operation, cut at any byte of a write, fill and rename.
// What was not synced may be lost when the power goes, from its end; never when only the process dies.

import type { LogFile, LogFiles } from '../../src/delivery/log-files.ts';

interface Inode {
  readonly number: string;
  bytes: Buffer;
  synced: number;
}

/** Thrown once when the process dies in an operation; afterwards its operations never come back. */
class Crash extends Error {}

const NEVER = new Promise<never>(() => undefined);

export class ModelFiles {
  crashed = false;
  readonly #inodes: Inode[] = [];
  readonly #names = new Map<string, Inode>();
  readonly #texts = new Map<string, string>();
  #crash: { left: number; bytes: number; power: boolean } | null = null;
  #failure: { left: number; bytes: number } | null = null;
  #whenCrashed = Promise.withResolvers<void>();
  #boot = 0;

  /** The process dies in the operation after `operations` more; if that appends, after `bytes` of it. */
  crashAfter(operations: number, bytes: number, power: boolean): void {
    this.#crash = { left: operations, bytes, power };
  }

  /** The operation after `operations` more is refused as by a full disk; an append keeps `bytes` of it. */
  failAfter(operations: number, bytes: number): void {
    this.#failure = { left: operations, bytes };
  }

  healthy(): void {
    this.#crash = null;
    this.#failure = null;
  }

  whenCrashed(): Promise<void> {
    return this.#whenCrashed.promise;
  }

  reboot(): void {
    this.crashed = false;
    this.#boot++;
    this.#whenCrashed = Promise.withResolvers();
    this.healthy();
  }

  rename(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (inode === undefined) return;
    this.#names.delete(from);
    this.#names.set(to, inode);
  }

  /** Each line of each file that ends with a line's end. */
  wholeLines(): string[] {
    return this.#inodes.flatMap(({ bytes }) => bytes.toString().match(/.*\n/g) ?? []);
  }

  /**
   * Counts an operation of the process that was started at `boot` and dies or fails in it when that is due:
   * `cut` is called with the bytes that an append then leaves.
   */
  async operate(boot: number, cut?: (bytes: number) => void): Promise<void> {
    // A turn of the event loop, as every real operation takes.
    await new Promise((resolve) => setImmediate(resolve));
    if (boot !== this.#boot || this.crashed) await NEVER;
    if (this.#crash !== null && this.#crash.left-- === 0) {
      cut?.(this.#crash.bytes);
      if (this.#crash.power) {
        for (const inode of this.#inodes) {
          const kept = Math.min(inode.bytes.length, inode.synced + (this.#crash.bytes % 100));
          inode.bytes = inode.bytes.subarray(0, kept);
        }
      }
      this.crashed = true;
      this.#whenCrashed.resolve();
      throw new Crash('the process dies');
    }
    if (this.#failure !== null && this.#failure.left-- === 0) {
      cut?.(this.#failure.bytes);
      this.#failure = null;
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    }
  }

  get boot(): number {
    return this.#boot;
  }

  /** The files as one process sees them, which dies with it. */
  processView(): LogFiles {
    const boot = this.#boot;
    return {
      open: async (path) => {
        await this.operate(boot);
        return this.#fileOf(boot, this.#names.get(path) ?? this.#create(path));
      },
      inode: async (path) => {
        await this.operate(boot);
        return this.#names.get(path)?.number ?? null;
      },
      isRegular: async (path) => {
        await this.operate(boot);
        return this.#names.has(path) || null;
      },
      list: async (dir) => {
        await this.operate(boot);
        return [...this.#names.keys()].map((path) => path.slice(dir.length + 1));
      },
      makeDir: () => this.operate(boot),
      syncDir: () => this.operate(boot),
      readWhole: async (path) => {
        await this.operate(boot);
        return this.#texts.get(path) ?? null;
      },
      // All or nothing, with a chance to die or fail right before and right after it.
      replace: async (path, text) => {
        await this.operate(boot);
        this.#texts.set(path, text);
        await this.operate(boot);
      },
      remove: async (path) => {
        await this.operate(boot);
        this.#texts.delete(path);
        this.#names.delete(path);
        await this.operate(boot);
      },
      takePlace: async (draft, path) => {
        await this.operate(boot);
        this.rename(draft, path);
        await this.operate(boot);
      },
    };
  }

  #create(path: string): Inode {
    const inode = { number: String(this.#inodes.length), bytes: Buffer.alloc(0), synced: 0 };
    this.#inodes.push(inode);
    this.#names.set(path, inode);
    return inode;
  }

  #fileOf(boot: number, inode: Inode): LogFile {
    const append = (bytes: Buffer): void => {
      inode.bytes = Buffer.concat([inode.bytes, bytes]);
    };
    return {
      inode: inode.number,
      size: async () => {
        await this.operate(boot);
        return inode.bytes.length;
      },
      read: async (position, length) => {
        await this.operate(boot);
        return Buffer.from(inode.bytes.subarray(position, position + length));
      },
      append: async (bytes) => {
        await this.operate(boot, (kept) => append(bytes.subarray(0, kept)));
        append(bytes);
      },
      truncate: async (length) => {
        await this.operate(boot);
        inode.bytes = inode.bytes.subarray(0, length);
        inode.synced = Math.min(inode.synced, length);
      },
      sync: async () => {
        await this.operate(boot);
        inode.synced = inode.bytes.length;
      },
      close: async () => undefined,
    };
  }
}
