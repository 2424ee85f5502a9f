// Only one process at a time may write a DATA_DIR's store and visit log, be it the store process or a
// rebuild: a kernel lock of its own, so that it holds for every adapter and while a rebuild puts one file
// in place of another. It ends with its process, however that ends.

import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../config/failure.ts';
import { storePath } from '../config/paths.ts';
import { type Lock, realFileSystem } from '../journal/filesystem.ts';
import { WAIT_PROBE_MS } from '../limits.ts';

/**
 * Waits up to `waitMs` for a predecessor that is ending, and tells `onWait` once that it does. Throws a
 * {@link Failure} when it stays.
 */
export async function claimStore(
  dataDir: string,
  waitMs: number,
  onWait?: (reason: string) => void,
): Promise<Lock> {
  const deadline = performance.now() + waitMs;
  const reason = `the store of ${dataDir} is in use by another Truepixel process`;
  let told = false;
  for (;;) {
    const lock = realFileSystem.lock(`${storePath(dataDir)}.lock`);
    if (lock !== null) return lock;
    if (performance.now() >= deadline) throw new Failure(reason);
    if (!told) onWait?.(reason);
    told = true;
    await sleep(WAIT_PROBE_MS);
  }
}
