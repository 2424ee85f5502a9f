// Builds the dashboard: with Vite, then each file once more as brotli and gzip, so that serving compresses
// nothing. The old build stays until the new one is whole.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import {
  DASHBOARD_DIST,
  dashboardDigest,
  dashboardState,
  STAMP,
} from '../src/commands/prepare-dashboard.ts';

/** Smaller files fit into a packet or two as they are. */
const COMPRESS_BYTES_MIN = 600;

async function buildDashboard(): Promise<void> {
  const digest = dashboardDigest();
  const next = `${DASHBOARD_DIST}.${process.pid}`;
  try {
    await build({
      configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
      build: { outDir: next, emptyOutDir: true },
      logLevel: 'warn',
    });
    compress(join(next, 'assets'));
    writeFileSync(join(next, STAMP), digest);
    putInPlace(next);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/** Another build may do the same at the same time, of the same sources: either's is as good. */
function putInPlace(next: string): void {
  const last = `${next}.old`;
  try {
    if (existsSync(DASHBOARD_DIST)) renameSync(DASHBOARD_DIST, last);
    renameSync(next, DASHBOARD_DIST);
  } catch (error) {
    if (dashboardState() !== 'fresh') throw error;
  } finally {
    rmSync(last, { recursive: true, force: true });
  }
}

function compress(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    if (bytes.length < COMPRESS_BYTES_MIN) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

if (!process.argv.includes('--if-stale') || dashboardState() !== 'fresh') await buildDashboard();
