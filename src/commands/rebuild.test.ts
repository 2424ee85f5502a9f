// A rebuilt store equals the old one row for row; it is refused where it would lose something, and while the
// store process runs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { reclassifyPath } from '../config/paths.ts';
import { DuckDBInstance } from '@duckdb/node-api';
import { Loader } from '../delivery/loader.ts';
import { ReclassifyFile } from '../delivery/reclassify-file.ts';
import { VisitLog } from '../delivery/visit-log.ts';
import { VisitProgressFile } from '../delivery/visit-progress.ts';
import type { Event } from '../hit/event.ts';
import { appendEvent } from '../journal/append.ts';
import { JournalKeeper } from '../journal/keeper.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { claimStore } from '../store/claim.ts';
import { openDuckdb } from '../store/duckdb.ts';
import { createLog } from '../telemetry/log.ts';
import { judgedParts } from '../../test/judging.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '..', 'main.ts');
const MIB = 1024 * 1024;
const log = createLog('silent', 'test');
const dirs: string[] = [];
after(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

function eventOf(i: number): Event {
  if (i % 7 === 0) return { kind: 'pixel-minted', at: i, code: `code${i}` };
  const agent = `agent ${i} | "quoted" \u{1f4e7} ${'x'.repeat(700)}`;
  const hit = { at: i, address: '192.0.2.1', agent, purpose: null };
  return i % 3 === 0
    ? { ...hit, kind: 'visit', code: null, referrer: `https://site.example/${i}` }
    : { ...hit, kind: 'open', code: `code${i - (i % 7)}`, referrer: null };
}

/** A DATA_DIR with 6,000 events in several archived segments, loaded by a store process that has ended. */
async function loadedDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-rebuild-'));
  dirs.push(dir);
  const limits = { dataDir: dir, segmentBytes: MIB, journalBytesMax: 1024 * MIB };
  const store = await openDuckdb({ path: join(dir, 'store.duckdb'), memoryBytes: 256 * MIB }, log);
  const loader = new Loader({
    store,
    ...judgedParts(store),
    journal: new JournalReader(journalDirs(dir)),
    visitLog: new VisitLog(join(dir, 'visits.log'), log),
    visitProgress: new VisitProgressFile(join(dir, 'visits.progress')),
    log,
  });
  loader.start();
  for (const role of ['collector', 'api'] as const) {
    const journal = await openJournal({ ...limits, diskFreeBytesMin: 0 }, role, log);
    for (let round = 0; round < 6; round++) {
      const events = Array.from({ length: 500 }, (_, i) => eventOf(round * 500 + i));
      await Promise.all(events.map((event) => appendEvent(journal, event)));
    }
    await journal.close();
  }
  assert.equal(await loader.barrier(), true);
  await new JournalKeeper({ ...limits, archiveDays: 0 }, log).tend(loader.cursors);
  await loader.stop();
  await store.close();
  return dir;
}

async function rebuildIn(dir: string, ...words: string[]): Promise<string> {
  const environment = { ...process.env, DATA_DIR: dir, LOG_LEVEL: 'error' };
  const { stdout } = await run(process.execPath, [MAIN, 'rebuild', ...words], { env: environment });
  return stdout;
}

async function rowsIn(dir: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(join(dir, 'store.duckdb'));
  const connection = await instance.connect();
  const hits = await connection.runAndReadAll(
    `SELECT h.* EXCLUDE (writer), w.writer FROM hits h JOIN writers w ON w.number = h.writer
     ORDER BY w.writer, h.segment, h.position`,
  );
  const pixels = await connection.runAndReadAll('SELECT * FROM pixels ORDER BY code');
  connection.closeSync();
  instance.closeSync();
  return [...hits.getRowsJson(), ...pixels.getRowsJson()];
}

test('a rebuilt store equals the old one, and the visit log stays as it is', async () => {
  const dir = await loadedDir();
  const rows = await rowsIn(dir);
  const visits = await readFile(join(dir, 'visits.log'), 'utf8');
  assert.match(await rebuildIn(dir), /rebuilt in .* s: \d+ opens, 1714 visits, 429 pixels\n/);
  assert.deepEqual(await rowsIn(dir), rows);
  assert.equal(await readFile(join(dir, 'visits.log'), 'utf8'), visits);
  assert.ok((await readdir(dir)).every((name) => !name.includes('rebuild')));
  // Its two slots were judged one after the other, which is not the order of time.
  const toJudge = await new ReclassifyFile(reclassifyPath(dir)).read();
  assert.deepEqual({ place: toJudge?.place, judged: toJudge?.judged }, { place: null, judged: 0 });
});

test('a rebuild that would lose hits says which, and changes nothing unless that is accepted', async () => {
  const dir = await loadedDir();
  const rows = await rowsIn(dir);
  const archive = join(dir, 'archive', 'collector-0');
  const [oldest] = (await readdir(archive)).toSorted();
  await rm(join(archive, oldest ?? ''));
  await assert.rejects(rebuildIn(dir), (error: { code: number; stderr: string }) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr, /nothing was changed/);
    assert.match(
      error.stderr,
      /\d+ hits of segment \d+ \(writer [0-9a-f]{16}\), received from 1970/,
    );
    return true;
  });
  assert.deepEqual(await rowsIn(dir), rows);
  assert.match(await rebuildIn(dir, 'accept-loss'), /lost: \d+ hits of 1 segments/);
  const left = await rowsIn(dir);
  assert.ok(left.length > 0 && left.length < rows.length);
});

test('a store that cannot be read is kept aside, and only when its loss is accepted', async () => {
  const dir = await loadedDir();
  const rows = await rowsIn(dir);
  const garbage = 'not a store\n'.repeat(1_000);
  await writeFile(join(dir, 'store.duckdb'), garbage);
  await assert.rejects(rebuildIn(dir), /the old store cannot be read/);
  assert.equal(await readFile(join(dir, 'store.duckdb'), 'utf8'), garbage);
  await rebuildIn(dir, 'accept-loss');
  assert.deepEqual(await rowsIn(dir), rows);
  assert.equal(await readFile(join(dir, 'store.duckdb.unreadable'), 'utf8'), garbage);
});

test('a rebuild without any old store leaves the visit log to its own progress', async () => {
  const dir = await loadedDir();
  const progress = await readFile(join(dir, 'visits.progress'), 'utf8');
  await rm(join(dir, 'store.duckdb'));
  assert.match(await rebuildIn(dir), /1714 visits/);
  assert.equal(await readFile(join(dir, 'visits.progress'), 'utf8'), progress);
});

test('a rebuild is refused while the store is in use', async () => {
  const dir = await loadedDir();
  const claim = await claimStore(dir, 0);
  await assert.rejects(rebuildIn(dir), /in use by another Truepixel process/);
  claim.release();
});

test('a word that is not known is refused', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-rebuild-'));
  dirs.push(dir);
  await assert.rejects(rebuildIn(dir, 'accept-los'), /expected nothing or accept-loss/);
});
