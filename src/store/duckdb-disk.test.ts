// A disk that refuses to be written, in DuckDB's log or in its file, which makes DuckDB give the whole
// database up: loads fail as retryable, nothing is half there, and it goes on by itself once the disk takes
// writes again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { someHit } from '../../test/contracts/store-events.ts';
import { createLog } from '../telemetry/log.ts';
import { openDuckdb } from './duckdb.ts';
import { StoreError } from './store.ts';

const HITS = 10_000;
const AGENT_BYTES = 1_600;
/** Past the first the log fails in a commit, past the second the file in a checkpoint. */
const LIMITS = [40_000_000, 69_000_000];
const dir = await mkdtemp(join(tmpdir(), 'truepixel-duckdb-'));
// Its default is to end the process.
process.on('SIGXFSZ', () => undefined);
after(async () => {
  limitFiles('unlimited');
  await rm(dir, { recursive: true, force: true });
});

/** The length past which this process cannot write any file. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
}

function canLimit(): boolean {
  try {
    limitFiles('unlimited');
    return true;
  } catch {
    return false;
  }
}

const skip = canLimit() ? false : 'there is no prlimit (Debian: apt-get install util-linux)';

for (const limit of LIMITS) {
  test(
    `files that cannot grow past ${limit} bytes lose no load and need no restart`,
    { skip },
    async () => {
      const path = join(dir, `${limit}.duckdb`);
      const store = await openDuckdb(
        { path, memoryBytes: 256 * 1024 * 1024, lockWaitMs: 0 },
        createLog('silent', 'test'),
      );
      limitFiles(limit);
      let failures = 0;
      let next = 0;
      while (failures < 3 || next < 4) {
        // Nothing that could be compressed, so that the limit is reached soon.
        const hits = Array.from({ length: HITS }, (_, i) =>
          someHit(next * HITS + i, { agent: randomBytes(AGENT_BYTES / 2).toString('hex') }),
        );
        next++;
        try {
          await store.load({ hits, notes: [], progress: String(next) });
        } catch (error) {
          assert.ok(error instanceof StoreError && error.retryable, String(error));
          failures++;
          if (failures === 3) limitFiles('unlimited');
          // As the loader does: the commit may have happened all the same.
          next = Number((await store.progress()) ?? 0);
        }
        assert.ok(next < 100, 'the limit is reached');
      }
      assert.equal(await store.progress(), String(next));
      assert.equal((await store.totals()).opens, next * HITS);
      await store.close();
    },
  );
}
