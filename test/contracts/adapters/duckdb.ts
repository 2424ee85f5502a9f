// The embedded store as the contract suite opens it, in its own process and in the one it kills.

import { join } from 'node:path';
import { openDuckdb } from '../../../src/store/duckdb.ts';
import type { Store } from '../../../src/store/store.ts';
import { createLog } from '../../../src/telemetry/log.ts';

export const loads = 'atomic';

export function open(dir: string): Promise<Store> {
  const path = join(dir, 'store.duckdb');
  return openDuckdb({ path, memoryBytes: 256 * 1024 * 1024 }, createLog('silent', 'test'));
}
