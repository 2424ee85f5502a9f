// The built dashboard in memory: read once, so that a new build does not mix with the old one, no path of a
// request ever meets the disk, and nothing is compressed while it is served.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  /** As the build compressed it; null for what is too small to gain by it. */
  readonly br: Buffer | null;
  readonly gzip: Buffer | null;
}

export interface DashboardFiles {
  /** The page, with addresses relative to itself: `./assets/…`. */
  readonly page: string;
  /** By name. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Null: `folder` has no build. */
export function readDashboard(folder: string): DashboardFiles | null {
  const page = readIfThere(join(folder, 'index.html'));
  if (page === null) return null;
  const assets = new Map<string, Asset>();
  const inAssets = join(folder, 'assets');
  for (const name of readdirSync(inAssets)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const path = join(inAssets, name);
    const [br, gzip] = [readIfThere(`${path}.br`), readIfThere(`${path}.gz`)];
    assets.set(name, { type, plain: readFileSync(path), br, gzip });
  }
  return { page: page.toString('utf8'), assets };
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
