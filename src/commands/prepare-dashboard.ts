// Sees to it that the dashboard is built as its sources are, before a server starts: a fresh clone has
// none, and an update changes them. Nothing here keeps a server from starting: the API works without a
// dashboard, and collectors anyway.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DASHBOARD_BUILD_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = 'dashboard/dist';
export const DASHBOARD_DIST = join(PROJECT, DIST);
/** In the build: the digest of what it was made from. */
export const STAMP = 'made-from';
/** The packages that are built in have their versions in the lock file. */
const SOURCES = ['dashboard/*.{ts,html,json}', 'dashboard/src/**', 'package-lock.json'];
const SAID_CHARS_MAX = 2_000;

/** Of all that a build is made from: names and bytes. Takes milliseconds. */
export function dashboardDigest(project = PROJECT): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: project, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${relative(project, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** Whether the build that is there is of these sources; `none`: there is no build. */
export function dashboardState(project = PROJECT): 'fresh' | 'old' | 'none' {
  let stamp: string;
  try {
    stamp = readFileSync(join(project, DIST, STAMP), 'utf8');
  } catch {
    return 'none';
  }
  return stamp === dashboardDigest(project) ? 'fresh' : 'old';
}

/** Builds the dashboard when it is missing or old, and says so. Never throws. */
export async function prepareDashboard(log: Logger, project = PROJECT): Promise<void> {
  try {
    const state = dashboardState(project);
    // An installation may bring the build alone.
    if (state === 'fresh' || !existsSync(join(project, 'dashboard/build.ts'))) return;
    await rebuild(state, log, project);
  } catch (error) {
    log.error({ err: error }, 'the dashboard cannot be prepared; what there is of it is served');
  }
}

async function rebuild(state: 'old' | 'none', log: Logger, project: string): Promise<void> {
  const served = state === 'none' ? 'there is none' : 'the one before is served';
  if (!existsSync(join(project, 'node_modules/vite'))) {
    log.warn(
      `the dashboard is not built as its sources are, and ${served}: the packages that build it are ` +
        'not installed; npm run build installs them and builds it',
    );
    return;
  }
  process.stderr.write('truepixel: building the dashboard, once …\n');
  const failure = await runBuild(project);
  if (failure === null) return;
  log.error({ failure }, `the dashboard cannot be built, so ${served}; npm run build shows why`);
}

/** In a process of its own, whose memory ends with it. Null when it went well, else what it said. */
function runBuild(project: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(project, 'dashboard/build.ts')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: DASHBOARD_BUILD_MS_MAX,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_CHARS_MAX);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      resolve(code === 0 ? null : `${said.trim()} (${signal ?? code})`);
    });
  });
}
