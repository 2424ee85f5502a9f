// One slot of the journal on its way to the bus, for as long as it takes: what it remembers has a bound.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeEvent, RecordEncoder } from '../hit/encoding.ts';
import type { Position, RecordBatch } from '../journal/journal.ts';
import { createLog } from '../telemetry/log.ts';
import type { Outbox } from './outbox.ts';
import { type RelayJournal, RelaySlot } from './relay-slot.ts';

const MIB = 1024 * 1024;
const BATCHES_A_READ = 1_000;

/** A journal without an end, of batches of one event each. */
function endlessJournal(): RelayJournal {
  const encoder = new RecordEncoder();
  const length = encodeEvent(encoder, { kind: 'pixel-minted', at: 1, code: 'abc' });
  const records = Buffer.from(encoder.bytes.subarray(0, length));
  const place = { slot: 'collector-0', writer: '0000000000000001', segment: 1 };
  return {
    slots: async () => [place.slot],
    end: async () => null,
    behind: async () => ({ bytes: 0, segments: 0 }),
    close: async () => undefined,
    read: async (_slot, from) => {
      const start = from?.offset ?? 0;
      const batches = Array.from({ length: BATCHES_A_READ }, (_, i): RecordBatch => ({
        ...place,
        offset: start + i * length,
        count: 1,
        records,
      }));
      const next = { segment: 1, offset: start + BATCHES_A_READ * length };
      return { batches, damage: [], next, caughtUp: false };
    },
  };
}

test('behind a message that is never acknowledged nothing grows, and nothing is passed', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heapBytes = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  let acknowledgeFirst: (() => void) | null = null;
  const outbox = {
    room: async () => true,
    add: (_message: unknown, acknowledged: () => void) => {
      if (acknowledgeFirst === null) acknowledgeFirst = acknowledged;
      else acknowledged();
    },
  } as unknown as Outbox;
  const passed: Position[] = [];
  const slot = new RelaySlot({
    slot: 'collector-0',
    journal: endlessJournal(),
    outbox,
    from: null,
    passed: (position) => passed.push(position),
    log: createLog('silent', 'test'),
  });
  await slot.read();
  const before = heapBytes();
  for (let reads = 0; reads < 200; reads++) await slot.read();
  const grown = (heapBytes() - before) / MIB;
  assert.ok(grown < 4, `${grown} MiB`);
  assert.deepEqual([passed, slot.isDone], [[], false]);
  (acknowledgeFirst as unknown as () => void)();
  const all = (await endlessJournal().read('collector-0', null, 0)).next.offset * 201;
  assert.deepEqual(passed, [{ segment: 1, offset: all }]);
  assert.equal(slot.isDone, true);
});
