// Asking a writer for a new segment, so that everything kept before lies in closed ones, which may be edited.
// The request is a file in the writer's folder, since that reaches every writer, whatever process it lives
// in. Where nobody writes any more, whoever asks takes the slot for a while and closes it himself.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROTATION_MS_MAX, ROTATION_POLL_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FileSystem, Lock } from './filesystem.ts';
import { type JournalDirs, listSegments } from './places.ts';
import { recoverSlot } from './recovery.ts';

/** A writer looks for it at every probe, and removes it. */
export const rotationPath = (dirs: JournalDirs, slot: string): string =>
  join(dirs.journalDir, slot, 'rotate');

/** A slot whose segments up to `last` are closed: nobody writes them until `release`. */
export interface ClosedSlot {
  readonly slot: string;
  /** The largest number of a closed segment; 0 when there is none. */
  readonly last: number;
  release(): void;
}

/**
 * Closes what a slot has been written until now. Rejects when its writer, which lives, does not answer in
 * time (its disk may be full), and with errno errors.
 */
export async function closeSlot(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  log: Logger,
  signal?: AbortSignal,
): Promise<ClosedSlot> {
  const until = performance.now() + ROTATION_MS_MAX;
  const newest = async (): Promise<number> =>
    (await listSegments(fs, dirs, dirs.journalDir, slot)).at(-1) ?? 0;
  // Empty segments too: a segment that is opened from now on shows that its writer has done recovering.
  const last = await newest();
  let asked = false;
  for (;;) {
    const lock = await takeSlot(fs, dirs, slot);
    if (lock !== null) {
      return await closeAbandoned(fs, dirs, slot, log, lock);
    }
    if (asked && (await newest()) > last) return { slot, last, release: () => undefined };
    if (!asked) {
      await (await fs.create(rotationPath(dirs, slot)).catch(existing))?.close();
      asked = true;
    }
    if (performance.now() > until) {
      throw new Error(`the writer of ${slot} has not begun a new segment in time`);
    }
    await sleep(ROTATION_POLL_MS, null, signal && { signal });
  }
}

async function takeSlot(fs: FileSystem, dirs: JournalDirs, slot: string): Promise<Lock | null> {
  const dir = join(dirs.journalDir, slot);
  await fs.makeDir(dir);
  return fs.lock(join(dir, 'lock'));
}

async function closeAbandoned(
  fs: FileSystem,
  dirs: JournalDirs,
  slot: string,
  log: Logger,
  lock: Lock,
): Promise<ClosedSlot> {
  try {
    await recoverSlot(fs, dirs, slot, log);
    await fs.remove(rotationPath(dirs, slot));
    const last = (await listSegments(fs, dirs, dirs.journalDir, slot)).at(-1) ?? 0;
    return { slot, last, release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Somebody asked before, and nobody has answered yet. */
function existing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
  throw error;
}
