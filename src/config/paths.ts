// Where everything lies under DATA_DIR. Named once, so that an operator's backup script, the docs and the
// code agree.

import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Failure } from './failure.ts';

/** `sun_path` holds 108 bytes with its final NUL (unix(7)); macOS has 104. */
const SOCKET_PATH_BYTES_MAX = 100;

export const journalDir = (dataDir: string): string => join(dataDir, 'journal');
export const archiveDir = (dataDir: string): string => join(dataDir, 'archive');
export const corruptDir = (dataDir: string): string => join(dataDir, 'corrupt');
export const storePath = (dataDir: string): string => join(dataDir, 'store.duckdb');
export const visitLogPath = (dataDir: string): string => join(dataDir, 'visits.log');
/** How far the relay of a role's slots has come. */
export const relayCursorsPath = (dataDir: string, role: string): string =>
  join(dataDir, `relay-${role}.json`);
/** What of the journal the visit log has; the store does not know. */
export const visitProgressPath = (dataDir: string): string => join(dataDir, 'visits.progress');
/** Codes brought from elsewhere (hit/registered-codes.ts). */
export const registeredCodesPath = (dataDir: string): string => join(dataDir, 'registered-codes');
/** How far judging anew has come. */
export const reclassifyPath = (dataDir: string): string => join(dataDir, 'reclassify.json');
/** Pixels whose mode was said or that were erased (hit/pixel-modes.ts). */
export const pixelModesPath = (dataDir: string): string => join(dataDir, 'pixel-modes');
/** What imports have kept (delivery/import-state.ts). */
export const importDir = (dataDir: string): string => join(dataDir, 'import');
/** The name of this DATA_DIR in a store that it shares with others. */
export const installationPath = (dataDir: string): string => join(dataDir, 'installation');
/** Erasures that were asked for, and what became of them. */
export const erasuresDir = (dataDir: string): string => join(dataDir, 'erasures');
export const secretsDir = (dataDir: string): string => join(dataDir, 'secrets');
/** Named tokens and unused sign-in links, as digests (access/token-list.ts). */
export const tokensPath = (dataDir: string): string => join(secretsDir(dataDir), 'tokens.json');
/** When they were used last. */
export const lastUsesPath = (dataDir: string): string =>
  join(secretsDir(dataDir), 'tokens-used.json');
/** Browsers that are signed in, as digests (access/sessions.ts). */
export const sessionsPath = (dataDir: string): string => join(secretsDir(dataDir), 'sessions.json');

/**
 * The folder of the unix sockets by which the processes of one DATA_DIR find each other: in DATA_DIR, or in
 * the temporary folder under a name that only depends on DATA_DIR where that path would be too long.
 */
export function runDir(dataDir: string): string {
  const inside = join(dataDir, 'run');
  if (Buffer.byteLength(join(inside, 'collector-255.sock')) <= SOCKET_PATH_BYTES_MAX) return inside;
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(tmpdir(), `truepixel-${digest}`);
}

/** Where people find the dashboard of the store process that ran last. */
export const dashboardUrlPath = (dataDir: string): string => join(runDir(dataDir), 'dashboard-url');
/** The store process: the API and its own metrics. */
export const storeSocket = (dataDir: string): string => join(runDir(dataDir), 'store.sock');
/** A process's own metrics and readiness, by its name (a collector's is its journal writer's slot). */
export const controlSocket = (dataDir: string, name: string): string =>
  join(runDir(dataDir), `${name}.ctl`);

/**
 * Creates the folder of {@link runDir} for this user alone and returns it. The sockets in it are guarded by
 * nothing but the folder, so one that somebody else made (in a shared temporary folder) is refused
 * with a {@link Failure}.
 */
export async function ensureRunDir(dataDir: string): Promise<string> {
  const folder = runDir(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const user = process.getuid?.();
  if (!found.isDirectory() || (user !== undefined && found.uid !== user)) {
    throw new Failure(`${folder} belongs to somebody else; remove it or choose another DATA_DIR`);
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
  return folder;
}
