// Importing from rows in memory into a journal on the disk: whatever comes in between, in whichever order and
// from wherever, each row is in the journal once.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import pino from 'pino';
import { readJournal } from '../../test/read-journal.ts';
import { seededRandom } from '../../test/simulated-disk.ts';
import type { Config, PixelMode } from '../config/config.ts';
import { importDir } from '../config/paths.ts';
import { appendEvent } from '../journal/append.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { importAll, type ImportCounts, type ImportSource } from './import.ts';
import { dayOf } from './import-ledger.ts';
import { type ImportRow, type ImportTable, RowReader } from './import-rows.ts';
import { ImportState, type SourceDay } from './import-state.ts';

const log = pino({ level: 'silent' });
const PAGE_INSTANTS = 3;
const DAY = 86_400_000_000;
const START = 19_000 * DAY;
const FIRST_SEED = 1;
const RUNS = 16;

type Tables = Record<ImportTable, ImportRow[]>;
type Crash = 'append' | 'before-ledger' | 'half-ledger' | 'after-page';
type Settings = Pick<Config, 'ipPolicy' | 'pixelMode' | 'privacy'>;

const OPEN_SETTINGS: Settings = { ipPolicy: 'full', pixelMode: 'individual', privacy: 'standard' };

class Crashed extends Error {}

class Rig {
  readonly dataDir: string;

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async start(context: Pick<TestContext, 'after'>): Promise<Rig> {
    const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-import-'));
    context.after(() => rm(dataDir, { recursive: true, force: true }));
    return new Rig(dataDir);
  }

  /** One run, which ends in the middle of its first page with news when `crash` says how. */
  async run(
    tables: Tables,
    crash: Crash | null = null,
    settings: Settings = OPEN_SETTINGS,
    modes: Readonly<Record<string, PixelMode>> = {},
  ): Promise<ImportCounts | null> {
    const limits = { segmentBytes: 2_000, journalBytesMax: 1e9, diskFreeBytesMin: 0 };
    const real = await openJournal({ dataDir: this.dataDir, ...limits }, 'import', log);
    const journal = new JournalReader(journalDirs(this.dataDir));
    const reader = new RowReader(settings, { find: (code) => modes[code] ?? null });
    try {
      const dir = importDir(this.dataDir);
      const state = await ImportState.open(dir, real.stats.slot, journal, () => undefined);
      if (crash !== null) sabotage(state, crash);
      return await importAll({
        source: sourceOf(tables),
        days: { pixels: daysOf(tables.pixels), opens: daysOf(tables.opens) },
        writer: crash === 'append' ? dyingWriter(real) : real,
        state,
        read: (table, row) => reader.read(table, row),
        onKept: async () => {
          if (crash === 'after-page') throw new Crashed();
        },
        onUnusable: () => undefined,
        isStopped: () => false,
      });
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
      return null;
    } finally {
      await real.close();
      await journal.close();
    }
  }

  /** What the journal holds, as text, sorted. */
  async kept(): Promise<string[]> {
    const events: string[] = [];
    const damage = await readJournal(this.dataDir, ({ event }) => {
      events.push(
        event.kind === 'open'
          ? `open ${event.at} ${event.code} ${event.address}`
          : `${event.kind} ${event.at} ${event.code}`,
      );
    });
    assert.deepEqual(damage, []);
    return events.toSorted();
  }
}

/** Dies when it has taken two records; they become durable all the same. */
function dyingWriter(writer: JournalWriter): JournalWriter {
  let appended = 0;
  return {
    get stats() {
      return writer.stats;
    },
    onCommit: null,
    append: (record, length, waiter) => {
      if (appended === 2) throw new Crashed();
      appended++;
      return writer.append(record, length, waiter);
    },
    close: () => writer.close(),
  };
}

function sabotage(state: ImportState, crash: Crash): void {
  const append = state.ledger.append.bind(state.ledger);
  if (crash === 'before-ledger') state.ledger.append = () => Promise.reject(new Crashed());
  if (crash === 'half-ledger') {
    state.ledger.append = async (digests) => {
      const half = [...digests].map(([day, all]) => [day, all.slice(0, 1)] as const);
      await append(new Map(half));
      throw new Crashed();
    };
  }
}

function sourceOf(tables: Tables): ImportSource {
  return {
    async *rows(table, first, last) {
      const rows = tables[table].filter(({ at }) => dayOf(at) >= first && dayOf(at) <= last);
      const instants = Map.groupBy(
        rows.toSorted((a, b) => a.at - b.at),
        ({ at }) => at,
      );
      const pages = [...instants.values()];
      for (let i = 0; i < pages.length; i += PAGE_INSTANTS) {
        yield pages.slice(i, i + PAGE_INSTANTS).flat();
      }
    },
  };
}

function daysOf(rows: readonly ImportRow[]): SourceDay[] {
  const days = Map.groupBy(rows, ({ at }) => dayOf(at));
  return [...days]
    .map(([day, its]) => ({ day, rows: its.length, looks: looksOf(its) }))
    .toSorted((a, b) => a.day - b.day);
}

const looksOf = (rows: readonly ImportRow[]): string =>
  JSON.stringify(rows.map((row) => JSON.stringify(row)).toSorted());

const open = (at: number, uri: string | null, address: string | null): ImportRow => ({
  at: START + at,
  uri,
  address,
});
const pixel = (at: number, uri: string): ImportRow => open(at, uri, null);

const expected = ({ pixels, opens }: Tables): string[] =>
  [
    ...pixels.map(({ at, uri }) => `pixel-minted ${at} ${uri}`),
    ...opens.map(({ at, uri, address }) => `open ${at} ${uri} ${address}`),
  ].toSorted();

test('rows that come later are found whatever their time is, and nothing is doubled', async (context) => {
  const rig = await Rig.start(context);
  const tables: Tables = {
    pixels: [pixel(5, 'a'), pixel(9, 'b')],
    opens: [open(10, 'a', '1.1.1.5'), open(20, 'a', '1.1.1.5'), open(30, 'b', '1.1.1.5')],
  };
  await rig.run(tables);
  tables.pixels.unshift(pixel(1, 'c'));
  // Before all others; of the last one's time but before it in any order; and the very same again.
  tables.opens.unshift(
    open(-3 * DAY, 'c', '9.9.9.9'),
    open(30, 'b', '1.1.1.4'),
    open(20, 'a', '1.1.1.5'),
  );
  const counts = await rig.run(tables);
  assert.deepEqual(await rig.kept(), expected(tables));
  assert.deepEqual(counts?.opens, { kept: 3, known: 3, unusable: 0, unwanted: 0 });
  assert.deepEqual(counts.pixels, { kept: 1, known: 2, unusable: 0, unwanted: 0 });
});

test('two sources are two, and the same rows under another name are the same', async (context) => {
  const rig = await Rig.start(context);
  const one: Tables = { pixels: [pixel(1, 'a')], opens: [open(2, 'a', '1.1.1.1')] };
  const other: Tables = { pixels: [pixel(1, 'b')], opens: [open(2, 'b', '1.1.1.1')] };
  await rig.run(one);
  await rig.run(other);
  const copy = { pixels: [...one.pixels, ...other.pixels], opens: [...other.opens, ...one.opens] };
  assert.equal((await rig.run(copy))?.opens.kept, 0);
  assert.deepEqual(await rig.kept(), expected(copy));
});

test('without its files an import knows from the journal what is there', async (context) => {
  const rig = await Rig.start(context);
  const tables: Tables = {
    pixels: [pixel(1, 'a')],
    opens: [open(2, 'a', '1.1.1.1'), open(2, 'a', '1.1.1.1'), open(DAY, 'a', '::1')],
  };
  await rig.run(tables);
  await rm(importDir(rig.dataDir), { recursive: true });
  tables.opens.push(open(2, 'a', '1.1.1.1'));
  assert.equal((await rig.run(tables))?.opens.kept, 1);
  assert.deepEqual(await rig.kept(), expected(tables));
});

test('what is not to be kept of a row never reaches the journal', async (context) => {
  const cases: readonly [Partial<Settings>, Record<string, PixelMode>, string[]][] = [
    [{ privacy: 'strict' }, {}, ['']],
    [{ pixelMode: 'aggregate' }, {}, ['']],
    [{ pixelMode: 'aggregate' }, { a: 'individual' }, ['203.0.113.7']],
    [{ ipPolicy: 'truncate' }, {}, ['203.0.113.0']],
    [{ ipPolicy: 'none' }, {}, ['']],
    [{}, { a: 'aggregate' }, ['']],
    [{ pixelMode: 'off' }, {}, []],
    [{ pixelMode: 'off' }, { a: 'individual' }, ['203.0.113.7']],
  ];
  const tables: Tables = { pixels: [pixel(1, 'a')], opens: [open(2, 'a', '203.0.113.7')] };
  for (const [settings, modes, addresses] of cases) {
    const rig = await Rig.start(context);
    const counts = await rig.run(tables, null, { ...OPEN_SETTINGS, ...settings }, modes);
    const kept = addresses.map((address) => `open ${START + 2} a ${address}`);
    assert.deepEqual(await rig.kept(), [...kept, `pixel-minted ${START + 1} a`].toSorted());
    assert.equal(counts?.opens.unwanted, 1 - addresses.length);
  }
});

test('nothing comes of a pixel that is off, and everything once it is wanted again', async (context) => {
  const rig = await Rig.start(context);
  const tables: Tables = { pixels: [pixel(1, 'a')], opens: [open(2, 'a', '1.1.1.1')] };
  const counts = await rig.run(tables, null, OPEN_SETTINGS, { a: 'off' });
  assert.deepEqual(await rig.kept(), []);
  assert.deepEqual([counts?.pixels.unwanted, counts?.opens.unwanted], [1, 1]);
  await rig.run(tables);
  assert.deepEqual(await rig.kept(), expected(tables));
});

test('other settings do not make known rows new ones', async (context) => {
  const rig = await Rig.start(context);
  const tables: Tables = {
    pixels: [],
    opens: [open(2, 'a', '1.1.1.1'), open(2, 'a', '1.1.1.2'), open(2, 'a', null)],
  };
  await rig.run(tables);
  for (const ipPolicy of ['truncate', 'none'] as const) {
    tables.opens.push(open(DAY - 1, 'b', '1.2.3.4'));
    const counts = await rig.run(tables, null, { ...OPEN_SETTINGS, ipPolicy });
    assert.deepEqual([counts?.opens.kept, counts?.opens.known], [1, tables.opens.length - 1]);
  }
});

test('an event that is no import’s does not stop one', async (context) => {
  const rig = await Rig.start(context);
  const limits = { segmentBytes: 2_000, journalBytesMax: 1e9, diskFreeBytesMin: 0 };
  const writer = await openJournal({ dataDir: rig.dataDir, ...limits }, 'import', log);
  const properties = { label: 'x' };
  await appendEvent(writer, { kind: 'pixel-changed', at: START, code: 'a', properties });
  await writer.close();
  await rig.run({ pixels: [pixel(1, 'a')], opens: [] });
  assert.equal((await rig.kept()).length, 2);
});

test('each row is in the journal once, whatever comes, goes on and dies', async (context) => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const random = seededRandom(seed);
    const pick = (below: number): number => Math.floor(random() * below);
    const rig = await Rig.start(context);
    const tables: Tables = { pixels: [], opens: [] };
    for (let step = 0; step < 6; step++) {
      for (let i = pick(12); i > 0; i--) {
        // Few times, codes and addresses, so that many rows are alike.
        const at = pick(3) * DAY + pick(4);
        if (pick(4) === 0) tables.pixels.push(pixel(at, `c${pick(2)}`));
        else tables.opens.push(open(at, `c${pick(2)}`, `1.1.1.${pick(2)}`));
      }
      const crashes = [null, 'append', 'before-ledger', 'half-ledger', 'after-page'] as const;
      await rig.run(tables, crashes[pick(crashes.length)]);
      if (pick(8) === 0) await rm(importDir(rig.dataDir), { recursive: true });
    }
    await rig.run(tables);
    assert.deepEqual(await rig.kept(), expected(tables), `seed ${seed}`);
  }
});
