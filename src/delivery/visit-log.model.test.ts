// Crashes the loader after any operation on the visit log and at any byte of a write, rotates the file, fills
// the disk and deletes the store at random, and then every visit that the store has must stand in the log
// exactly once. The store, the journal and the files are models: what survives a crash is decided here, power
// loss included.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLog } from '../telemetry/log.ts';
import type { Event } from '../hit/event.ts';
import { ModelFiles } from '../../test/models/log-files.ts';
import { ModelJournal } from '../../test/models/journal.ts';
import { ModelStore } from '../../test/models/store.ts';
import { Loader } from './loader.ts';
import { visitLine } from './visit-line.ts';
import { VisitLog } from './visit-log.ts';
import { VisitProgressFile } from './visit-progress.ts';
import { judgedParts } from '../../test/judging.ts';

const SEED = 20_261_121;
const RUNS = 400;
const PATH = '/model/visits.log';
const PROGRESS_PATH = '/model/visits.progress';
const log = createLog('silent', 'test');

type Step =
  | {
      readonly kind: 'visits';
      readonly slot: number;
      readonly count: number;
      readonly opens: number;
    }
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'crash';
      readonly operations: number;
      readonly bytes: number;
      readonly power: boolean;
      readonly loseStore: boolean;
    }
  | { readonly kind: 'restart'; readonly loseStore: boolean }
  | { readonly kind: 'rotate'; readonly tell: boolean }
  | { readonly kind: 'fail'; readonly operations: number; readonly bytes: number };

const loseStore = fc.nat(3).map((chance) => chance === 0);

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('visits' as const),
        slot: fc.nat(2),
        count: fc.nat(6),
        opens: fc.nat(2),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('crash' as const),
        operations: fc.nat(12),
        bytes: fc.nat(400),
        power: fc.boolean(),
        loseStore,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), loseStore }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('rotate' as const), tell: fc.boolean() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('fail' as const),
        operations: fc.nat(6),
        bytes: fc.nat(400),
      }),
    },
  ),
  { maxLength: 25 },
);

/** One run of the model: a loader that is replaced by a new one after each crash. */
class World {
  readonly files = new ModelFiles();
  readonly journal = new ModelJournal();
  readonly store: ModelStore;
  #visits = 0;
  #rotations = 0;
  #loader: Loader;

  constructor(loads: 'atomic' | 'repeatable') {
    this.store = new ModelStore(loads);
    this.#loader = this.#start();
  }

  #start(): Loader {
    const files = this.files.processView();
    const visitLog = new VisitLog(PATH, log, files);
    const visitProgress = new VisitProgressFile(PROGRESS_PATH, files);
    const store = this.store.processView(this.files);
    const loader = new Loader({
      store,
      ...judgedParts(store),
      journal: this.journal,
      visitLog,
      visitProgress,
      log,
    });
    loader.start();
    return loader;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'visits') this.#append(step.slot, step.count, step.opens);
    else if (step.kind === 'pass') await this.#pass();
    else if (step.kind === 'restart') await this.#restart(step.loseStore);
    else if (step.kind === 'fail') this.files.failAfter(step.operations, step.bytes);
    else if (step.kind === 'rotate') {
      this.files.rename(PATH, `${PATH}.${++this.#rotations}`);
      if (step.tell) this.#loader.reopenVisitLog();
    } else {
      this.files.crashAfter(step.operations, step.bytes, step.power);
      await this.#pass();
      if (this.files.crashed) await this.#restart(step.loseStore);
      else this.files.healthy();
    }
  }

  /** Everything that was kept is loaded and written; no more crashes. */
  async finish(): Promise<void> {
    this.files.healthy();
    await this.#pass();
    while (this.#loader.visitLogBehind) {
      this.#loader.reopenVisitLog();
      await this.#pass();
    }
    await this.#loader.stop();
  }

  #append(slot: number, count: number, opens: number): void {
    const events = Array.from({ length: count + opens }, (_, i): Event => {
      const hit = { address: '', referrer: 'x'.repeat(i * 9), agent: null, purpose: null };
      const at = ++this.#visits;
      return i < count
        ? { ...hit, kind: 'visit', at, code: null }
        : { ...hit, kind: 'open', at, code: 'c' };
    });
    if (events.length > 0) this.journal.append(`collector-${slot}`, events);
  }

  /** Ends early at a crash: then the old loader hangs in operations that will never do anything. */
  async #pass(): Promise<void> {
    await Promise.race([this.#loader.barrier(), this.files.whenCrashed()]);
  }

  async #restart(loseStore: boolean): Promise<void> {
    const old = this.#loader;
    const stopped = old.stop();
    await Promise.race([stopped, this.files.whenCrashed()]);
    this.files.reboot();
    if (loseStore) this.store.lose();
    this.#loader = this.#start();
  }
}

test('every visit is in the log once, whatever dies, fails or is lost', () => eachOnce('atomic'));

test('the same with a store that commits events before progress, and takes them twice', () =>
  eachOnce('repeatable'));

async function eachOnce(loads: 'atomic' | 'repeatable'): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const world = new World(loads);
      for (const step of taken) await world.take(step);
      await world.finish();
      const expected = world.store.hits.filter(({ kind }) => kind === 'visit').map(visitLine);
      assert.deepEqual(expected.toSorted(), world.journal.visits().map(visitLine).toSorted());
      assert.deepEqual(world.files.wholeLines().toSorted(), expected.toSorted());
    }),
    { seed: SEED, numRuns: RUNS },
  );
}
