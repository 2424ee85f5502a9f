// `truepixel journal verify | inspect`: what an operator may ask of the journal, also while the server runs.

import { once } from 'node:events';
import type { Config } from '../config/config.ts';
import { EXIT_FAILED, EXIT_USAGE, Failure } from '../config/failure.ts';
import { formatEventId, type Recorded } from '../hit/event.ts';
import {
  journalEvents,
  type SegmentReport,
  tailsSetAside,
  verifyJournal,
} from '../journal/inspect.ts';
import { journalDirs } from '../journal/places.ts';
import type { Command } from './command.ts';

export const journalCommand: Command = {
  name: 'journal',
  summary: 'Check the journal, or print the events in it',
  help: `verify checks every checksum of journal and archive and prints a line per segment; it exits with 1
when anything is damaged. inspect prints one JSON line per event, of everything or of one slot or segment.
Both only read, and may be used while the server runs.`,
  roles: [],
  arguments: 'verify | inspect [SLOT [SEGMENT]]',
  async run(config, [action, slot, segment, ...rest]) {
    // `truepixel journal inspect | head`: whoever reads has had enough.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
    if (action === 'verify' && slot === undefined) return await verify(config);
    if (action === 'inspect' && rest.length === 0 && /^\d*$/.test(segment ?? '')) {
      return await inspect(config, slot, segment);
    }
    throw new Failure('journal: expected verify, or inspect [SLOT [SEGMENT]]', EXIT_USAGE);
  },
};

async function verify(config: Config): Promise<number> {
  const totals = { segments: 0, batches: 0, records: 0, bytes: 0, damaged: 0 };
  for await (const one of verifyJournal(journalDirs(config.dataDir))) {
    totals.segments++;
    totals.batches += one.batches;
    totals.records += one.records;
    totals.bytes += one.bytes;
    if (one.damage.length > 0) totals.damaged++;
    await print(reportLine(one));
    for (const { from, to, reason } of one.damage)
      await print(`    bytes ${from} to ${to}: ${reason}`);
  }
  for await (const { path, bytes } of tailsSetAside(journalDirs(config.dataDir))) {
    await print(`set aside  ${path}  ${bytes} bytes behind a last whole batch`);
  }
  const { segments, batches, records, bytes, damaged } = totals;
  await print(
    `${segments} segments, ${batches} batches, ${records} events, ${bytes} bytes, ${damaged} damaged`,
  );
  return damaged > 0 ? EXIT_FAILED : 0;
}

function reportLine(one: SegmentReport): string {
  const sound = one.damage.length > 0 ? 'DAMAGED' : 'sound';
  const unfinished =
    one.state === 'open' && one.unfinished > 0 ? `, ${one.unfinished} bytes unfinished` : '';
  const counts = `${one.batches} batches, ${one.records} events, ${one.bytes} bytes${unfinished}`;
  return `${sound}  ${one.place} ${one.slot}/${one.segment}  ${one.state}  ${counts}`;
}

async function inspect(config: Config, slot?: string, segment?: string): Promise<number> {
  const only = {
    ...(slot === undefined ? {} : { slot }),
    ...(segment === undefined ? {} : { segment: Number(segment) }),
  };
  for await (const events of journalEvents(journalDirs(config.dataDir), only)) {
    await print(events.map(eventLine).join('\n'));
  }
  return 0;
}

function eventLine({ id, event }: Recorded): string {
  const { at, ...facts } = event;
  return JSON.stringify({ id: formatEventId(id), at: isoMicros(at), ...facts });
}

/** RFC 3339 with the microseconds that Date cannot hold. */
function isoMicros(at: number): string {
  const micros = String(at % 1_000).padStart(3, '0');
  return new Date(Math.floor(at / 1_000)).toISOString().replace('Z', `${micros}Z`);
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}
