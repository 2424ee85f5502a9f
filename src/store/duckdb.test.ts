// The embedded store against the contract of every store, and what is its own: waiting for its file, moving
// hits to the sorted runs, bounded reads, and refusing what a newer program wrote.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { storeContract } from '../../test/contracts/store.ts';
import { someHit, somePixel } from '../../test/contracts/store-events.ts';
import {
  STORE_LONG_READS_WAITING_MAX,
  STORE_READS_MAX,
  STORE_READS_WAITING_MAX,
} from '../limits.ts';
import { createLog } from '../telemetry/log.ts';
import { openDuckdb } from './duckdb.ts';
import type { DuckdbOptions } from './duckdb-session.ts';
import { type Store, StoreError } from './store.ts';

storeContract('DuckDB', new URL('../../test/contracts/adapters/duckdb.ts', import.meta.url).href);

const codeOf = (n: number): string => `code${n % 50}`;
const log = createLog('silent', 'test');
const MEMORY_BYTES = 256 * 1024 * 1024;
const dir = await mkdtemp(join(tmpdir(), 'truepixel-duckdb-'));
after(() => rm(dir, { recursive: true, force: true }));

const openStore = (path: string, options: Partial<DuckdbOptions> = {}): Promise<Store> =>
  openDuckdb({ path, memoryBytes: MEMORY_BYTES, lockWaitMs: 0, ...options }, log);

test('hits are found before, while and after they are moved to the sorted runs', async () => {
  const path = join(dir, 'sorted.duckdb');
  const recentHitsMax = 10_000;
  const store = await openStore(path, { recentHitsMax });
  const size = recentHitsMax / 20;
  for (let load = 0; load <= 21; load++) {
    const hits = Array.from({ length: size }, (_, i) => {
      const n = load * size + i;
      return someHit(n, { code: codeOf(n) });
    });
    await store.load({ hits, notes: [], progress: String(load) });
    assert.equal(await store.countOpens(codeOf(7)), ((load + 1) * size) / 50);
  }
  const page = await store.pixelHits({ code: codeOf(7), limit: 3, before: null });
  await store.close();

  const again = await openStore(path, { recentHitsMax });
  assert.deepEqual(await again.pixelHits({ code: codeOf(7), limit: 3, before: null }), page);
  assert.equal((await again.totals()).opens, 22 * size);
  await again.close();
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(
    'SELECT (SELECT count(*) FROM hits_sorted), (SELECT count(*) FROM hits_recent)',
  );
  assert.deepEqual(rows.getRows(), [[BigInt(recentHitsMax), BigInt(2 * size)]]);
  connection.closeSync();
  instance.closeSync();
});

test('a file that another process has open is waited for, then refused in one sentence', async () => {
  const path = join(dir, 'locked.duckdb');
  await (await openStore(path)).close();
  const holder = spawn(
    process.execPath,
    [
      '-e',
      `require('@duckdb/node-api').DuckDBInstance.create(process.argv[1]).then((i) => {
        globalThis.held = i; console.log('held'); setInterval(() => {}, 1000); })`,
      path,
    ],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout, 'data');
  await assert.rejects(openStore(path, { lockWaitMs: 150 }), {
    name: 'StoreError',
    message: /^another process has the store .*locked\.duckdb open/,
  });
  const waiting = openStore(path, { lockWaitMs: 10_000 });
  holder.kill('SIGKILL');
  const store = await waiting;
  assert.equal(await store.progress(), null);
  await store.close();
});

test('reads past the bound are refused and may be tried again', async () => {
  const store = await openStore(join(dir, 'busy.duckdb'));
  await store.load({ hits: [someHit(1)], notes: [somePixel(1)], progress: '' });
  const reads = STORE_READS_MAX + STORE_READS_WAITING_MAX;
  const answers = await Promise.allSettled(
    Array.from({ length: reads + 5 }, () => store.countOpens('AAAAAAAAAAAAAAAA')),
  );
  const refused = answers.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 5);
  for (const answer of refused) {
    assert.ok('reason' in answer && answer.reason instanceof StoreError);
    assert.equal(answer.reason.retryable, true);
  }
  assert.equal(await store.countOpens('AAAAAAAAAAAAAAAA'), 1);
  await store.close();
});

test('a question that nobody waits for any more ends, and the next one is answered', async () => {
  const store = await openStore(join(dir, 'ended.duckdb'));
  const hits = Array.from({ length: 60_000 }, (_, i) =>
    someHit(i, { code: `code${i % 20_000}`, referrer: `https://site.example/${i % 5_000}` }),
  );
  await store.load({ hits, notes: [], progress: '' });
  const request = {
    selection: { kind: 'open', from: null, to: null, where: {} },
    repeatSeconds: 10,
    edges: [],
    split: 'page',
    groupsMax: 1_000,
  } as const;
  const ending = new AbortController();
  const asked = Array.from({ length: 3 }, () => store.statistics(request, ending.signal));
  setTimeout(() => ending.abort(), 20);
  for (const answer of await Promise.allSettled(asked)) {
    assert.ok('reason' in answer && answer.reason instanceof StoreError);
    assert.equal(answer.reason.retryable, true);
  }
  assert.equal((await store.statistics(request)).totals.hits, 60_000);
  const more = Array.from({ length: STORE_LONG_READS_WAITING_MAX + 2 }, () =>
    store.statistics(request, ending.signal),
  );
  const texts = (await Promise.allSettled(more)).map((answer) =>
    'reason' in answer ? String(answer.reason) : '',
  );
  assert.equal(texts.filter((text) => /too many long reads/.test(text)).length, 2);
  await store.close();
});

test('a store of a newer version is left alone', async () => {
  const path = join(dir, 'newer.duckdb');
  await (await openStore(path)).close();
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run('UPDATE store_version SET version = 1000');
  connection.closeSync();
  instance.closeSync();
  await assert.rejects(openStore(path), {
    name: 'StoreError',
    retryable: false,
    message: /version 1000.*newer truepixel/,
  });
});

test('a file that is no store is refused and not written to', async () => {
  const path = join(dir, 'text.duckdb');
  await writeFile(path, 'this is not a database\n'.repeat(500));
  await assert.rejects(openStore(path), { name: 'StoreError', retryable: false });
});

test('a load that fails leaves nothing behind and the next one works', async () => {
  const store = await openStore(join(dir, 'failing.duckdb'));
  const impossible = {
    ...someHit(1),
    id: { writer: '00000000000000cc', segment: -1, position: 0 },
  };
  await assert.rejects(
    store.load({ hits: [someHit(0), impossible], notes: [somePixel(1)], progress: 'failed' }),
    { name: 'StoreError', retryable: false },
  );
  assert.equal(await store.progress(), null);
  assert.deepEqual(await store.totals(), { pixels: 0, opens: 0, visits: 0 });
  const good = { ...someHit(2), id: { writer: '00000000000000cc', segment: 1, position: 0 } };
  await store.load({ hits: [someHit(0), good], notes: [], progress: 'good' });
  assert.equal((await store.totals()).opens, 2);
  await store.close();
});
