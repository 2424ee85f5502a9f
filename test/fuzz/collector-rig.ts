// A whole collector on a real port, between a journal that keeps some hits and loses others, and a store
// process that tells what it was asked. What becomes of a hit depends on its referrer alone, so that a
// reply which goes to the wrong client, or comes in the wrong place, has the wrong status sooner or later.

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collector } from '../../src/collector/collector.ts';
import { ensureRunDir, storeSocket } from '../../src/config/paths.ts';
import { decodeRecords } from '../../src/hit/encoding.ts';
import { type Hit, isHit } from '../../src/hit/event.ts';
import type {
  AppendOutcome,
  JournalStats,
  JournalWriter,
  Waiter,
} from '../../src/journal/journal.ts';
import { Judge } from '../../src/verdict/judge.ts';
import { PrefixTable } from '../../src/verdict/networks/prefix-table.ts';
import { CODE_SECRET, CODES, defaultConfig, NO_MODES, TOKEN } from '../collector.fixture.ts';
import { TellingStore } from './telling-store.ts';

export type Fate = 'kept' | 'commit-failed' | 'journal-full';

/** Three of four hits are kept; of the rest one half is refused at once, the other fails later. */
export function fateOf(referrer: string | null): Fate {
  const [draw = 0] = createHash('sha1')
    .update(referrer ?? '')
    .digest();
  return draw >= 64 ? 'kept' : draw >= 32 ? 'commit-failed' : 'journal-full';
}

/**
 * What a rig can be made to do wrong, so that a campaign can show that it notices: tell one client what
 * became of another's hit, lose a hit that was acknowledged, or keep one twice.
 */
export type Fault = 'swaps' | 'forgets' | 'doubles';
/** Of so many hits one meets the fault. */
const ONE_FAULTY_OF = 50;

/** Settles batches in order, each a little later, like a disk; tells what it kept by client. */
class FatefulJournal implements JournalWriter {
  onCommit: JournalWriter['onCommit'] = null;
  readonly stats: JournalStats = {
    slot: 'fuzz',
    state: 'open',
    lastError: null,
    batches: 0,
    records: 0,
    bytes: 0,
    failedBatches: 0,
  };
  /** By address, in the order of their appends. */
  readonly kept = new Map<string, Hit[]>();
  #batch: { hit: Hit; waiter: Waiter }[] = [];
  #batches = 0;
  readonly #fault: Fault | null;
  #hits = 0;

  constructor(fault: Fault | null) {
    this.#fault = fault;
  }

  append(record: Uint8Array, length: number, waiter: Waiter): AppendOutcome {
    const hit = decode(record, length);
    if (fateOf(hit.referrer) === 'journal-full') return 'journal-full';
    if (this.#batch.push({ hit, waiter }) === 1) this.#commitSoon();
    return 'queued';
  }

  get isBusy(): boolean {
    return this.#batch.length > 0;
  }

  #commitSoon(): void {
    const commit = (): void => {
      const batch = this.#batch;
      this.#batch = [];
      for (const { hit, waiter } of batch) {
        const isKept = fateOf(hit.referrer) === 'kept';
        const fault = ++this.#hits % ONE_FAULTY_OF === 0 ? this.#fault : null;
        if (isKept && fault !== 'forgets') this.#keep(hit);
        if (isKept && fault === 'doubles') this.#keep(hit);
        waiter.settled(fault === 'swaps' ? !isKept : isKept);
      }
    };
    // Mostly faster than the clients' next bytes, now and then slower.
    if (++this.#batches % 4 === 0) setTimeout(commit, 2);
    else setImmediate(commit);
  }

  #keep(hit: Hit): void {
    const ofClient = this.kept.get(hit.address);
    if (ofClient === undefined) this.kept.set(hit.address, [hit]);
    else ofClient.push(hit);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function decode(record: Uint8Array, length: number): Hit {
  const records = Buffer.from(record.subarray(0, length));
  let hit: Hit | null = null;
  decodeRecords({ writer: '0'.repeat(16), segment: 1, offset: 0, records }, ({ event }) => {
    if (isHit(event)) hit = event;
  });
  if (hit === null) throw new Error('the collector appended what is no hit');
  return hit;
}

export interface CollectorRig {
  readonly port: number;
  readonly collector: Collector;
  /** By client address; what a test has looked at it may take away. */
  readonly kept: Map<string, Hit[]>;
  readonly store: TellingStore;
  /** Whether every connection is gone and every hit settled. */
  isQuiet(): boolean;
  close(): Promise<void>;
}

export async function startRig(fault: Fault | null = null): Promise<CollectorRig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-fuzz-'));
  const store = new TellingStore();
  await ensureRunDir(dataDir);
  await store.listen(storeSocket(dataDir));
  const journal = new FatefulJournal(fault);
  const judge = new Judge({
    apple: new PrefixTable([]),
    scanners: new PrefixTable([]),
    countries: null,
  });
  const collector = new Collector({
    config: defaultConfig(dataDir),
    journal,
    codes: CODES,
    modes: NO_MODES,
    codeSecret: CODE_SECRET,
    judge: () => judge,
    salts: { current: () => CODE_SECRET },
    apiToken: TOKEN,
    metrics: () => Promise.resolve(''),
    readiness: () => Promise.resolve({}),
  });
  const port = await collector.listen();
  const close = async (): Promise<void> => {
    await collector.drain();
    await store.close();
    await rm(dataDir, { recursive: true });
  };
  const isQuiet = (): boolean => collector.counters.connectionsOpen === 0 && !journal.isBusy;
  return { port, collector, kept: journal.kept, store, isQuiet, close };
}
