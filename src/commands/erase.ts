// `truepixel erase`: leaves a job for the server that runs on DATA_DIR and tells what became of it. The job
// is a file, so that it also works where no API is: on a machine that only collects, or for a later start.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { ensureDataDir } from '../config/data-dir.ts';
import { EXIT_FAILED, EXIT_USAGE, Failure } from '../config/failure.ts';
import { type ErasureJob, ErasureJobs } from '../delivery/erasure-job.ts';
import type { ErasureSubject } from '../delivery/erasure-subject.ts';
import { canonicalAddress } from '../hit/address.ts';
import { ERASURE_POLL_MS } from '../limits.ts';
import { gatherReadiness } from '../telemetry/gather.ts';
import type { Command } from './command.ts';

/** The processes that have the worker. */
const WORKERS = new Set(['store', 'relay']);

export const eraseCommand: Command = {
  name: 'erase',
  summary: 'Forget a pixel, a recipient or an address, and say what was removed',
  help: `A pixel is forgotten for good: image requests for it are answered, and nothing is kept. A recipient
is all pixels that were minted for exactly this text. Of an address the hits until now are removed.

The server that runs on DATA_DIR does the work, in the journal, its archive, the store and the visit log,
and goes on with everything else meanwhile; this command waits for the report. It can be left with Ctrl-C:
the job is kept and done, also after a crash. docs/erasure.md says what is removed where, and what this
cannot reach.`,
  roles: ['journal-reader'],
  arguments: 'pixel CODE | recipient TEXT | address ADDRESS',
  async run(config, args) {
    const subject = subjectOf(args);
    await ensureDataDir(config.dataDir);
    const jobs = new ErasureJobs(config.dataDir);
    const job = await jobs.create(subject);
    if (!(await isServed(config))) {
      process.stderr.write(
        `no server runs on ${config.dataDir}: the erasure ${job.id} is kept and will be done when one runs\n`,
      );
      return EXIT_FAILED;
    }
    const done = await doneJob(jobs, job.id);
    process.stdout.write(report(done));
    return 0;
  },
};

function subjectOf([kind, text, ...others]: readonly string[]): ErasureSubject {
  const isOne = text !== undefined && text !== '' && others.length === 0;
  if (isOne && kind === 'pixel') return { pixel: text };
  if (isOne && kind === 'recipient') return { recipient: text };
  if (!isOne || kind !== 'address') {
    throw new Failure('erase: expected pixel CODE, recipient TEXT or address ADDRESS', EXIT_USAGE);
  }
  const address = canonicalAddress(text);
  if (address === null) throw new Failure(`erase: ${text} is no address`, EXIT_USAGE);
  return { address };
}

async function isServed({ dataDir }: Config): Promise<boolean> {
  const names = Object.keys(await gatherReadiness(dataDir));
  return names.some((name) => WORKERS.has(name));
}

async function doneJob(jobs: ErasureJobs, id: string): Promise<ErasureJob> {
  for (;;) {
    const job = await jobs.read(id);
    if (job === null) throw new Failure(`the erasure ${id} is gone`);
    if (job.doneAt !== null) return job;
    await sleep(ERASURE_POLL_MS);
  }
}

function report({ id, removed, unreached }: ErasureJob): string {
  const { pixels, storeHits, visitLogLines, journal, archive, corrupt } = removed;
  const left = unreached.map((text) => `  ${text}\n`).join('');
  return `erasure ${id} is done. Removed:
  ${pixels} pixels and ${storeHits} hits from the store
  ${visitLogLines} lines from the visit log
  ${journal.records} records from ${journal.files} segments of the journal
  ${archive.records} records from ${archive.files} segments of the archive
  ${corrupt.records} pieces from ${corrupt.files} damaged segments
${left === '' ? '' : `Left for you:\n${left}`}`;
}
