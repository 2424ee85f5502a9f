// The outage drill of test/bus/outage.ts, with the counts that docs/bus.md quotes.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { endAll } from '../server.ts';
import { isClean } from '../torture/ledger.ts';
import { isKept } from '../torture/reckoning.ts';
import { startFauxqs } from './emulator.ts';
import { outage } from './outage.ts';

const HITS = 60_000;
/** Of a process that loads a store, with DuckDB's own gigabyte beside; the others stay far below. */
const MEMORY_MIB_MAX = { collector: 400, relay: 400, store: 1_400 } as const;

test(
  `${HITS} hits outlive an outage of SNS and kills on both machines, each stored once`,
  { timeout: 400_000 },
  async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'truepixel-outage-'));
    const emulator = await startFauxqs();
    context.after(async () => {
      for (const machine of ['collect', 'store']) await endAll(join(folder, machine));
      await emulator.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const report = await outage({
      folder,
      emulator,
      hits: HITS,
      rate: 2_500,
      seed: 20_261_121,
      onEvent: (text) => context.diagnostic(text),
    });
    const { stored, collected, client, memoryMib } = report;
    context.diagnostic(JSON.stringify({ ...report, collected, stored }));
    assert.ok(client.acknowledged >= HITS);
    assert.ok(isClean(collected), JSON.stringify(collected));
    assert.ok(isKept(stored), JSON.stringify(stored));
    assert.deepEqual([report.leftInQueue, report.deadLetters], [0, 0]);
    assert.ok((report.kills['store'] ?? 0) > 1 && (report.kills['collector'] ?? 0) > 0);
    assert.ok(
      report.proxy.cut > 0 && report.proxy.refusedEntries > 100 && report.proxy.unheard > 10,
    );
    for (const [role, most] of Object.entries(MEMORY_MIB_MAX)) {
      assert.ok((memoryMib[role] ?? Infinity) < most, `${role}: ${memoryMib[role]} MiB`);
    }
  },
);
