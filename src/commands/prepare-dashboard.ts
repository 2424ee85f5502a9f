// Sees to it that the dashboard is built as its sources are, before a server starts: a fresh clone has none,
// and an update changes them. Nothing here keeps a server from starting: the API works without a dashboard,
// and collectors anyway.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DASHBOARD_BUILD_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';

const inProject = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const DASHBOARD_DIST = inProject('dashboard/dist');
/** In the build: the digest of what it was made from. */
export const STAMP = 'made-from';
/** The packages that are built in have their versions in the lock file. */
const SOURCES = ['dashboard/*.{ts,html,json}', 'dashboard/src/**', 'package-lock.json'];

/** Of all that a build is made from: names and bytes. Takes milliseconds. */
export function dashboardDigest(): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: inProject('.'), withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${file.slice(inProject('.').length)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

export const isDashboardFresh = (): boolean => stampOf() === dashboardDigest();

/** Null: there is no build. */
function stampOf(): string | null {
  try {
    return readFileSync(join(DASHBOARD_DIST, STAMP), 'utf8');
  } catch {
    return null;
  }
}

/** Builds the dashboard when it is missing or old, and says so. Never throws. */
export async function prepareDashboard(log: Logger): Promise<void> {
  const stamp = stampOf();
  if (stamp === dashboardDigest()) return;
  if (!isViteInstalled()) {
    const words =
      stamp === null
        ? 'there is no dashboard, as it is not built and the packages for that are not installed'
        : 'the dashboard is older than its sources, and the packages to build it are not installed';
    log.warn(`${words}; npm run build makes it where they are`);
    return;
  }
  process.stderr.write('truepixel: building the dashboard, once …\n');
  const failure = await runBuild();
  if (failure === null) return;
  const served = stamp === null ? 'there is none' : 'the one before is served';
  log.error({ failure }, `the dashboard cannot be built, so ${served}; npm run build shows why`);
}

function isViteInstalled(): boolean {
  try {
    return import.meta.resolve('vite') !== '';
  } catch {
    return false;
  }
}

/** In a process of its own, whose memory ends with it. Null when it went well, else what it said. */
function runBuild(): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [inProject('dashboard/build.ts')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: DASHBOARD_BUILD_MS_MAX,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      resolve(code === 0 ? null : `${said.trim()} (${signal ?? code})`);
    });
  });
}
