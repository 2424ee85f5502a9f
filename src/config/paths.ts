// Where everything lies under DATA_DIR. Named once, so that an operator's backup script, the docs and the
// code agree.

import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `sun_path` holds 108 bytes with its final NUL (unix(7)); macOS has 104. */
const SOCKET_PATH_BYTES_MAX = 100;

export const journalDir = (dataDir: string): string => join(dataDir, 'journal');
export const archiveDir = (dataDir: string): string => join(dataDir, 'archive');
export const corruptDir = (dataDir: string): string => join(dataDir, 'corrupt');
export const storePath = (dataDir: string): string => join(dataDir, 'store.duckdb');
export const visitLogPath = (dataDir: string): string => join(dataDir, 'visits.log');
export const secretsDir = (dataDir: string): string => join(dataDir, 'secrets');

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

/** The store process: API, dashboard and its own metrics. */
export const storeSocket = (dataDir: string): string => join(runDir(dataDir), 'store.sock');
/** A collector's own metrics and readiness, by the slot of its journal writer. */
export const collectorSocket = (dataDir: string, slot: string): string =>
  join(runDir(dataDir), `${slot}.sock`);
