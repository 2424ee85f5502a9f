// Makes an embedded store anew without end until it is killed: the other half of duckdb-compact.test.ts.

import { openDuckdb } from '../../src/store/duckdb.ts';
import { createLog } from '../../src/telemetry/log.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: compact-child PATH');

const store = await openDuckdb(
  { path, memoryBytes: 256 * 1024 * 1024, spareBytes: 0 },
  createLog('silent', 'test'),
);
process.send?.('open');
for (;;) {
  await store.compact?.(new AbortController().signal);
  process.send?.('made');
}
