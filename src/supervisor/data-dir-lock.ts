// Keeps two servers off one DATA_DIR: a kernel lock, which ends with its process however that ends. The
// file says who holds it, and whether that one is about to go, in which case a successor waits.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { Failure } from '../config/failure.ts';
import { ensureRunDir } from '../config/paths.ts';
import { type Lock, realFileSystem } from '../journal/filesystem.ts';
import { LOCK_WAIT_MS_MAX, WAIT_PROBE_MS } from '../limits.ts';

const Holder = z.object({ pid: z.number(), stopping: z.boolean() });

export interface DataDirLock {
  /** Tells a successor that waiting is worth its while. */
  announceStop(): Promise<void>;
  release(): void;
}

/** Throws a {@link Failure} that names the holder. */
export async function lockDataDir(
  dataDir: string,
  waitMs: number = LOCK_WAIT_MS_MAX,
): Promise<DataDirLock> {
  const path = join(await ensureRunDir(dataDir), 'serve.lock');
  const deadline = performance.now() + waitMs;
  for (;;) {
    const lock = realFileSystem.lock(path);
    if (lock !== null) return held(lock, path);
    const holder = await readHolder(path);
    const going = holder === null || holder.stopping;
    if (!going || performance.now() > deadline) {
      const who = holder === null ? 'another process' : `process ${holder.pid}`;
      throw new Failure(`DATA_DIR ${dataDir} is in use by another Truepixel server (${who})`);
    }
    await sleep(WAIT_PROBE_MS);
  }
}

async function held(lock: Lock, path: string): Promise<DataDirLock> {
  const write = (stopping: boolean): Promise<void> =>
    writeFile(path, `${JSON.stringify({ pid: process.pid, stopping })}\n`);
  // The name is a courtesy to the next one: a full disk must not keep a server from starting.
  await write(false).catch(() => {});
  return { announceStop: () => write(true), release: () => lock.release() };
}

/** Null while a new holder has not written its name yet. */
async function readHolder(path: string): Promise<z.infer<typeof Holder> | null> {
  try {
    const holder = Holder.parse(JSON.parse(await readFile(path, 'utf8')));
    // The text may be that of an earlier holder, which is gone.
    process.kill(holder.pid, 0);
    return holder;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? { pid: NaN, stopping: false } : null;
  }
}
