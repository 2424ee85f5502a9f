// The model of invariant 1: whatever the disk and the machine do, what was acknowledged is read exactly
// once, by a reader that was there all the time and by one that comes later.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config as small, log, readAll, SLOT } from '../../test/journal-rig.ts';
import { seededRandom, SimulatedDisk } from '../../test/simulated-disk.ts';
import { decodeRecords } from '../hit/encoding.ts';
import type { Hit } from '../hit/event.ts';
import { appendEvent } from './append.ts';
import type { JournalWriter, Position } from './journal.ts';
import { JournalKeeper } from './keeper.ts';
import { openJournal } from './open.ts';
import { journalDirs } from './places.ts';
import { JournalReader } from './reader.ts';

/**
 * Committed seeds, each one history; the writer's timer is real, so two runs of a seed may differ a little.
 * JOURNAL_MODEL_RUNS=N runs more, JOURNAL_MODEL_SEED=N others.
 */
const FIRST_SEED = Number(process.env['JOURNAL_MODEL_SEED'] ?? 20261121);
const RUNS = Number(process.env['JOURNAL_MODEL_RUNS'] ?? 300);
const STEPS = 40;
const config = { ...small, segmentBytes: 6_000, journalBytesMax: 1_000_000 };

const ticks = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

class History {
  readonly disk: SimulatedDisk;
  readonly random: () => number;
  readonly kept = new Set<number>();
  readonly refused = new Set<number>();
  readonly seen = new Map<number, number>();
  readonly ids = new Map<string, number>();
  readonly counts = { sent: 0, kept: 0, crashes: 0, syncFaults: 0, writeFaults: 0, full: 0 };
  #journal: JournalWriter | null = null;
  #cursor: Position | null = null;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.disk = new SimulatedDisk(this.random);
  }

  async open(): Promise<void> {
    this.#journal = await openJournal(config, 'collector', log, this.disk.process(), 1);
  }

  send(count: number): void {
    for (let i = 0; i < count; i++) {
      const marker = ++this.counts.sent;
      const agent = 'x'.repeat(Math.floor(this.random() * 700));
      const hit: Hit = {
        kind: 'visit',
        at: marker,
        code: null,
        address: '',
        referrer: null,
        agent,
        purpose: null,
      };
      void appendEvent(this.#journal as JournalWriter, hit).then((outcome) => {
        if (outcome === 'kept') this.kept.add(marker);
        else if (outcome !== 'failed') this.refused.add(marker);
      });
    }
  }

  /** What the loader does; its cursor is in a store that survives everything. */
  async follow(): Promise<void> {
    const reader = new JournalReader(journalDirs(config.dataDir), this.disk);
    for (;;) {
      const reading = await reader.read(SLOT, this.#cursor, 3_000);
      assert.deepEqual(reading.damage, [], 'nothing but torn tails may be on this disk');
      for (const batch of reading.batches) {
        decodeRecords(batch, ({ id, event }) => {
          this.seen.set(event.at, (this.seen.get(event.at) ?? 0) + 1);
          const name = `${id.writer}-${id.segment}-${id.position}`;
          assert.ok(!this.ids.has(name), `id ${name} names two events`);
          this.ids.set(name, event.at);
        });
      }
      this.#cursor = reading.next;
      if (reading.caughtUp) break;
    }
  }

  async archive(): Promise<void> {
    if (this.#cursor === null) return;
    await new JournalKeeper(config, log, this.disk).tend(new Map([[SLOT, this.#cursor]]));
  }

  async crash(power: boolean): Promise<void> {
    this.counts.crashes++;
    if (power) this.disk.losePower();
    else this.disk.killAll();
    // The dead process's objects must not be seen again; closing only stops their timers.
    await this.#journal?.close().catch(() => undefined);
    await this.open();
  }

  async step(): Promise<void> {
    const choice = this.random();
    if (choice < 0.45) this.send(1 + Math.floor(this.random() * 8));
    else if (choice < 0.6) await this.follow();
    else if (choice < 0.68) await this.archive();
    else if (choice < 0.74) this.counts.syncFaults += this.disk.failSyncs = 1;
    else if (choice < 0.78) this.counts.writeFaults += this.disk.failWrites = 1;
    else if (choice < 0.82) {
      this.counts.full++;
      this.disk.capacity = this.disk.used() + Math.floor(this.random() * 2_000);
    } else if (choice < 0.88) this.disk.capacity = Infinity;
    else await this.crash(this.random() < 0.5);
    await ticks(Math.floor(this.random() * 12));
  }

  async run(): Promise<void> {
    await this.open();
    for (let i = 0; i < STEPS; i++) {
      try {
        await this.step();
      } catch (error) {
        // A reader or keeper that the disk refused is tried again later, as in the loader.
        if (!(error instanceof Error && 'code' in error)) throw error;
        if (error.code !== 'EIO' && error.code !== 'ENOSPC') throw error;
      }
    }
    this.disk.failSyncs = 0;
    this.disk.failWrites = 0;
    this.disk.capacity = Infinity;
    await this.crash(this.random() < 0.5);
    await ticks(5);
    await this.follow();
    await this.#journal?.close();
  }
}

test('what was acknowledged is read exactly once, whatever the disk and the machine do', async (t) => {
  const totals: Record<string, number> = {};
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const history = new History(seed);
    try {
      await history.run();
      history.counts.kept = history.kept.size;
      const { markers: later } = await readAll(history.disk);
      assert.equal(new Set(later).size, later.length, 'a later reader saw an event twice');
      const laterSet = new Set(later);
      for (const marker of history.kept) {
        assert.equal(history.seen.get(marker), 1, `event ${marker} was acknowledged`);
        assert.ok(
          laterSet.has(marker),
          `event ${marker} was acknowledged, a later reader misses it`,
        );
      }
      for (const [marker, times] of history.seen)
        assert.equal(times, 1, `event ${marker} was doubled`);
      for (const marker of history.refused)
        assert.ok(!history.seen.has(marker), `${marker} was refused`);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    for (const [name, count] of Object.entries(history.counts))
      totals[name] = (totals[name] ?? 0) + count;
  }
  t.diagnostic(`${RUNS} histories: ${JSON.stringify(totals)}`);
  // The model must have been through what it is about, else it proves nothing.
  if (RUNS < 100) return;
  assert.ok((totals['kept'] ?? 0) > RUNS * 10);
  for (const name of ['crashes', 'syncFaults', 'writeFaults', 'full'])
    assert.ok((totals[name] ?? 0) > 0, name);
});
