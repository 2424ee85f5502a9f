// A small journal on a simulated disk, for the tests that look at it piece by piece.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import pino from 'pino';
import { decodeRecords } from '../src/hit/encoding.ts';
import type { Hit } from '../src/hit/event.ts';
import { appendEvent } from '../src/journal/append.ts';
import type { Damage, Position } from '../src/journal/journal.ts';
import { openJournal } from '../src/journal/open.ts';
import { journalDirs } from '../src/journal/places.ts';
import { JournalReader } from '../src/journal/reader.ts';
import { seededRandom, SimulatedDisk } from './simulated-disk.ts';

export const log = pino({ level: 'silent' });
export const config = {
  dataDir: '/data',
  segmentBytes: 4_000,
  journalBytesMax: 10_000_000,
  diskFreeBytesMin: 0,
  archiveDays: 0,
};
export const dirs = journalDirs(config.dataDir);
export const SLOT = 'collector-0';

export const visit = (marker: number): Hit => ({
  kind: 'visit',
  at: marker,
  code: null,
  address: '192.0.2.1',
  referrer: null,
  agent: 'a'.repeat(100),
  purpose: null,
});

export function newDisk(): SimulatedDisk {
  return new SimulatedDisk(seededRandom(1));
}

/** Writes hits 1..count one batch each, and closes the journal. */
export async function write(disk: SimulatedDisk, from: number, to: number): Promise<void> {
  const journal = await openJournal(config, 'collector', log, disk, 1);
  for (let marker = from; marker <= to; marker++) {
    assert.equal(await appendEvent(journal, visit(marker)), 'kept');
  }
  await journal.close();
}

export async function readAll(
  disk: SimulatedDisk,
): Promise<{ markers: number[]; damage: Damage[]; end: Position }> {
  const reader = new JournalReader(dirs, disk);
  const markers: number[] = [];
  const damage: Damage[] = [];
  let position: Position | null = null;
  for (;;) {
    const reading: Awaited<ReturnType<JournalReader['read']>> = await reader.read(
      SLOT,
      position,
      1_000,
    );
    for (const batch of reading.batches)
      decodeRecords(batch, ({ event }) => markers.push(event.at));
    damage.push(...reading.damage);
    position = reading.next;
    if (reading.caughtUp) return { markers, damage, end: position };
  }
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

export async function firstSegment(disk: SimulatedDisk): Promise<string> {
  const names = await disk.list(join(dirs.journalDir, SLOT));
  return join(dirs.journalDir, SLOT, names.find((name) => name.endsWith('.tpj')) ?? '');
}
