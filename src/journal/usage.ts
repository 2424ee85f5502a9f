// How much room journal and archive take, and what the disk has left: what a writer's refusal and the
// keeper's retention decide on.

import { join } from 'node:path';
import type { FileSystem } from './filesystem.ts';
import { segmentOfFileName } from './format.ts';
import { endingIn, type JournalDirs, listSlots } from './places.ts';

export interface StoredSegment {
  readonly path: string;
  readonly slot: string;
  readonly segment: number;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Every segment file in one folder of slots; a file that vanishes meanwhile is left out. */
export async function segmentFiles(
  fs: FileSystem,
  dirs: JournalDirs,
  dir: string,
): Promise<StoredSegment[]> {
  const files: StoredSegment[] = [];
  for (const slot of await listSlots(fs, dirs)) {
    for (const name of await fs.list(join(dir, slot))) {
      const segment = segmentOfFileName(name, endingIn(dirs, dir));
      if (segment === null) continue;
      const path = join(dir, slot, name);
      const stats = await fs.stat(path);
      if (stats === null) continue;
      files.push({ path, slot, segment, bytes: stats.size, modifiedMs: stats.modifiedMs });
    }
  }
  return files;
}

/** Bytes of the journal and its archive together. */
export async function journalBytes(fs: FileSystem, dirs: JournalDirs): Promise<number> {
  const live = await segmentFiles(fs, dirs, dirs.journalDir);
  const archived = await segmentFiles(fs, dirs, dirs.archiveDir);
  return [...live, ...archived].reduce((sum, file) => sum + file.bytes, 0);
}
