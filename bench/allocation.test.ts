// Reading what V8 writes of its collections of garbage, and what it says about allocation.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocatedBytes, readCollections } from './allocation.ts';

const WHY = '(average mu = 1.000, current mu = 1.000) allocation failure;';
const TIMES = 'pooled: 0 MB, 1.21 / 0.00 ms ';
const TRACE = `{"level":"warn","msg":"something else"}
[42:0x1c9d4000]      812 ms: Scavenge 20.1 (24.0) -> 18.5 (25.0) MB, ${TIMES} ${WHY}
[7:0x2b000:0]      900 ms: Scavenge 5.0 (6.0) -> 4.0 (6.0) MB, ${TIMES} task;
[42:0x1c9d4000]     1024 ms: Scavenge (interleaved) 34.5 (40.0) -> 19.0 (41.0) MB, ${TIMES} ${WHY}
[42:0x1c9d4000]     1500 ms: Mark-Compact 27 (41.0) -> 12.3 (30.5) MB, ${TIMES} (+ 1.1 ms in 5 steps) task;
`;

test('reads each collection with its process, whatever else is written between', () => {
  assert.deepEqual(readCollections(TRACE), [
    { pid: 42, beforeMiB: 20.1, afterMiB: 18.5 },
    { pid: 7, beforeMiB: 5, afterMiB: 4 },
    { pid: 42, beforeMiB: 34.5, afterMiB: 19 },
    { pid: 42, beforeMiB: 27, afterMiB: 12.3 },
  ]);
});

test('what was allocated is what the heap grew by between collections', () => {
  const own = readCollections(TRACE).filter(({ pid }) => pid === 42);
  assert.equal(allocatedBytes(own), (34.5 - 18.5 + 27 - 19) * 1024 * 1024);
  assert.equal(allocatedBytes([]), 0);
});
