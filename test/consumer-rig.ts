// A consumer between a bus in memory that does as it is told and a real journal, loader and store, for tests.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeMessage } from '../src/bus/message.ts';
import { Consumer } from '../src/delivery/consumer.ts';
import type { IntakeParts } from '../src/delivery/intake.ts';
import { Loader } from '../src/delivery/loader.ts';
import { VisitLog } from '../src/delivery/visit-log.ts';
import { VisitProgressFile } from '../src/delivery/visit-progress.ts';
import { type Event, formatEventId, type Recorded } from '../src/hit/event.ts';
import type { JournalWriter } from '../src/journal/journal.ts';
import { openJournal } from '../src/journal/open.ts';
import { journalDirs } from '../src/journal/places.ts';
import { JournalReader } from '../src/journal/reader.ts';
import { openDuckdb } from '../src/store/duckdb.ts';
import type { Store } from '../src/store/store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { judgedParts } from './judging.ts';
import { MemoryDeadLetters, MemoryReceiver } from './memory-bus.ts';

const MIB = 1024 * 1024;
const LOOK_MS = 20;
export const CODE = 'AAAAAAAAAAAAAAAA';
const log = createLog('silent', 'test');

interface Rig {
  readonly dir: string;
  readonly receiver: MemoryReceiver;
  readonly store: Store;
  readonly journal: JournalWriter;
  readonly consumer: Consumer;
  readonly visitLines: () => Promise<string[]>;
  readonly end: () => Promise<void>;
}

interface Wishes {
  readonly dir?: string;
  readonly receiver?: MemoryReceiver;
  readonly letters?: MemoryDeadLetters;
  readonly alter?: (parts: IntakeParts) => Partial<IntakeParts>;
}

/** What is not wished is as it is in a store process; dead letters are looked for every 20 ms. */
export async function rig(
  t: TestContext,
  { dir: old, receiver, letters, alter }: Wishes = {},
): Promise<Rig> {
  const dir = old ?? (await mkdtemp(join(tmpdir(), 'truepixel-consumer-')));
  const limits = { segmentBytes: MIB, journalBytesMax: 1024 * MIB, diskFreeBytesMin: 0 };
  const journal = await openJournal({ dataDir: dir, ...limits }, 'bus', log);
  const store = await openDuckdb({ path: join(dir, 'store.duckdb'), memoryBytes: 256 * MIB }, log);
  const visitLog = join(dir, 'visits.log');
  const loader = new Loader({
    store,
    ...judgedParts(store),
    journal: new JournalReader(journalDirs(dir)),
    visitLog: new VisitLog(visitLog, log),
    visitProgress: new VisitProgressFile(join(dir, 'visits.progress')),
    log,
  });
  loader.start();
  const parts: IntakeParts = {
    journal,
    store,
    barrier: () => loader.barrier(),
    reduction: { apply: async (event) => event },
    log,
  };
  const bus = receiver ?? new MemoryReceiver();
  const deadLetters = letters ?? new MemoryDeadLetters();
  const all = { ...parts, ...alter?.(parts), receiver: bus, deadLetters, lookMs: LOOK_MS };
  const consumer = new Consumer(all);
  consumer.start();
  let ended: Promise<void> | null = null;
  const endOnce = async (): Promise<void> => {
    await consumer.drain();
    await loader.stop();
    await journal.close();
    await store.close();
  };
  const end = (): Promise<void> => (ended ??= endOnce());
  t.after(async () => {
    await end();
    await rm(dir, { recursive: true, force: true });
  });
  const visitLines = async (): Promise<string[]> =>
    (await readFile(visitLog, 'utf8')).split('\n').filter((line) => line !== '');
  return { dir, receiver: bus, store, journal, consumer, visitLines, end };
}

export function some(number: number, kind: 'open' | 'visit' = 'visit'): Recorded {
  const event: Event = {
    kind,
    at: 1_780_272_000_000_000 + number,
    code: kind === 'open' ? CODE : null,
    address: '192.0.2.77',
    referrer: null,
    agent: `agent ${number}`,
    purpose: null,
  };
  return { id: { writer: '00000000000000cc', segment: 5, position: 16 + number * 90 }, event };
}

export function put(
  receiver: MemoryReceiver,
  events: readonly Recorded[],
  prefix = 'message',
): void {
  for (const recorded of events) {
    const id = formatEventId(recorded.id);
    receiver.put(`${prefix} ${id}`, writeMessage(recorded).body);
  }
}

export const events = (count: number, kind: 'open' | 'visit' = 'visit'): Recorded[] =>
  Array.from({ length: count }, (_, i) => some(i, kind));

export async function emptied(receiver: MemoryReceiver): Promise<void> {
  for (const deadline = Date.now() + 30_000; receiver.messages.size > 0; await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`${receiver.messages.size} messages are left`);
  }
}
