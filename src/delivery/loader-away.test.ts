// A store that goes away, or comes back with less, while the loader has nothing to load.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgedParts } from '../../test/judging.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import { appendEvent } from '../journal/append.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { BARRIER_FAILING_MS_MAX, LOAD_LOOK_MS } from '../limits.ts';
import { StoreError } from '../store/store.ts';
import { createLog } from '../telemetry/log.ts';
import { Loader } from './loader.ts';
import { VisitProgressFile } from './visit-progress.ts';

const log = createLog('silent', 'test');
const MIB = 1024 * 1024;

test('a store that is gone is noticed while idle, and who waits is told soon', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-loader-'));
  const limits = { segmentBytes: MIB, journalBytesMax: 64 * MIB, diskFreeBytesMin: 0 };
  const journal = await openJournal({ dataDir, ...limits }, 'collector', log);
  const store = new MemoryStore();
  const loader = new Loader({
    store,
    ...judgedParts(store),
    journal: new JournalReader(journalDirs(dataDir)),
    visitLog: null,
    visitProgress: new VisitProgressFile(join(dataDir, 'visits.progress')),
    log,
  });
  context.after(async () => {
    await loader.stop();
    await journal.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  loader.start();
  await appendEvent(journal, { kind: 'pixel-minted', at: 5, code: 'AAAAAAAAAAAAAAAA' });
  assert.equal(await loader.barrier(), true);
  store.failure = new StoreError('it is gone', false);
  assert.equal(loader.readiness().ready, true);
  const deadline = performance.now() + 3 * LOAD_LOOK_MS;
  while (loader.readiness().ready && performance.now() < deadline) await sleep(50);
  assert.deepEqual(loader.readiness(), { ready: false, reason: 'it is gone' });
  const began = performance.now();
  assert.equal(await loader.barrier(), false);
  assert.ok(performance.now() - began < 2 * BARRIER_FAILING_MS_MAX);
});
