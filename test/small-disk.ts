// A disk that can really be full, without harm to anybody else's: a small tmpfs of the test's own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PIECES = [1024 * 1024, 4096, 1] as const;

/** Mounts the disk on a folder that it creates; the reason when that cannot be done here. */
export function mountSmallDisk(folder: string, mebibytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root can mount a tmpfs';
  mkdirSync(folder);
  try {
    const options = `size=${mebibytes}m,mode=0700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `mount refused a tmpfs: ${String(error)}`;
  }
}

/** Nothing may have a file of it open any more. */
export function unmountSmallDisk(folder: string): void {
  execFileSync('umount', [folder]);
}

/** Writes zeros until the disk takes not one byte more. */
export function fillSmallDisk(folder: string): void {
  const descriptor = openSync(ballastOf(folder), 'a');
  try {
    for (const bytes of PIECES) writeUntilFull(descriptor, Buffer.alloc(bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** Gives the room back that {@link fillSmallDisk} took. */
export function emptySmallDisk(folder: string): void {
  rmSync(ballastOf(folder), { force: true });
}

const ballastOf = (folder: string): string => join(folder, 'ballast');

function writeUntilFull(descriptor: number, zeros: Buffer): void {
  try {
    while (writeSync(descriptor, zeros) === zeros.length);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  }
}
