// An erasure that was asked for, as a file of its own: it is there before anybody is told that it will be
// done, a restart goes on with it, and its report can be read later. It says whom it was about only until
// it is done.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { erasuresDir } from '../config/paths.ts';
import { isMissing, realFileSystem } from '../journal/filesystem.ts';
import type { Cursors } from '../journal/journal.ts';
import type { ErasureSubject } from './erasure-subject.ts';
import { type LogFiles, realLogFiles } from './log-files.ts';
import { CursorsText, cursorsText } from './progress.ts';

const ENDING = '.json';
const ID = /^[0-9a-f]{16}$/;

const Erased = z.object({ records: z.int(), files: z.int() });
const SubjectText = z.union([
  z.strictObject({ pixel: z.string() }),
  z.strictObject({ recipient: z.string() }),
  z.strictObject({ address: z.string() }),
]);
/** What was removed where; see docs/erasure.md. */
const RemovedText = z.object({
  /** Pixels that are forgotten from now on. */
  pixels: z.int(),
  storeHits: z.int(),
  visitLogLines: z.int(),
  journal: Erased,
  archive: Erased,
  corrupt: Erased,
});

const JobText = z.object({
  version: z.literal(1),
  id: z.string(),
  kind: z.enum(['pixel', 'recipient', 'address']),
  askedAt: z.iso.datetime(),
  doneAt: z.iso.datetime().nullable(),
  /** Null once it is gone from everything but the bytes of the store's file. */
  subject: SubjectText.nullable(),
  /** The recipient's pixels, or the pixel; null until they were looked up. */
  codes: z.array(z.string()).nullable(),
  /** What the store had when a recipient's pixels were looked up; null for all else. */
  known: CursorsText.nullable(),
  /** What the store had when the subject was taken out of it; null until that is done. */
  passed: CursorsText.nullable(),
  removed: RemovedText,
  /** What this could not reach, or only somebody else can; told for people. */
  unreached: z.array(z.string()),
});

export interface ErasureJob extends z.output<typeof JobText> {
  readonly subject: ErasureSubject | null;
  readonly known: Cursors | null;
  readonly passed: Cursors | null;
}

export class ErasureJobs {
  readonly #dir: string;
  readonly #files: LogFiles;
  /** Ids of jobs that were done when they were last read: they stay so. */
  readonly #done = new Set<string>();

  constructor(dataDir: string, files: LogFiles = realLogFiles) {
    this.#dir = erasuresDir(dataDir);
    this.#files = files;
  }

  /** The job is durable once this resolves. Rejects with errno errors. */
  async create(subject: ErasureSubject): Promise<ErasureJob> {
    const nothing = () => ({ records: 0, files: 0 });
    const job: ErasureJob = {
      version: 1,
      id: randomBytes(8).toString('hex'),
      kind: 'pixel' in subject ? 'pixel' : 'recipient' in subject ? 'recipient' : 'address',
      askedAt: new Date().toISOString(),
      doneAt: null,
      subject,
      codes: null,
      known: null,
      passed: null,
      removed: {
        pixels: 0,
        storeHits: 0,
        visitLogLines: 0,
        journal: nothing(),
        archive: nothing(),
        corrupt: nothing(),
      },
      unreached: [],
    };
    await realFileSystem.makeDir(this.#dir);
    await this.write(job);
    return job;
  }

  async write(job: ErasureJob): Promise<void> {
    const known = job.known && cursorsText(job.known);
    const passed = job.passed && cursorsText(job.passed);
    const text = `${JSON.stringify({ ...job, known, passed }, null, 2)}\n`;
    try {
      await this.#files.replace(this.#path(job.id), text);
    } catch (error) {
      // A worker that was just started took the draft for a leftover.
      if (!isMissing(error)) throw error;
      await this.#files.replace(this.#path(job.id), text);
    }
  }

  /** Null when there is none of that id. Throws when the file is damaged. */
  async read(id: string): Promise<ErasureJob | null> {
    if (!ID.test(id)) return null;
    const text = await this.#files.readWhole(this.#path(id));
    if (text === null) return null;
    try {
      return JobText.parse(JSON.parse(text));
    } catch (error) {
      throw new Error(`${this.#path(id)} is damaged`, { cause: error });
    }
  }

  /** The ids of all jobs, done or not. */
  async ids(): Promise<string[]> {
    const names = await this.#files.list(this.#dir);
    return names
      .filter((name) => name.endsWith(ENDING))
      .map((name) => name.slice(0, -ENDING.length))
      .filter((id) => ID.test(id));
  }

  /** Those that are not done, oldest first. A damaged one is told of and left as it is. */
  async open(onDamage: (error: unknown) => void): Promise<ErasureJob[]> {
    const jobs: ErasureJob[] = [];
    for (const id of await this.ids()) {
      if (this.#done.has(id)) continue;
      try {
        const job = await this.read(id);
        if (job === null) continue;
        if (job.doneAt === null) jobs.push(job);
        else this.#done.add(id);
      } catch (error) {
        onDamage(error);
      }
    }
    return jobs.toSorted((a, b) => a.askedAt.localeCompare(b.askedAt));
  }

  /**
   * For who made the store anew: what is not done begins again there, as the journal may have brought back
   * what was gone already.
   */
  async beginAgain(): Promise<void> {
    for (const job of await this.open(() => undefined)) await this.write({ ...job, passed: null });
  }

  /** Removes what a kill left of jobs that were being written, which may say whom they were about. */
  async sweep(): Promise<void> {
    for (const name of await this.#files.list(this.#dir)) {
      if (name.endsWith(`${ENDING}.new`)) await this.#files.remove(join(this.#dir, name));
    }
  }

  #path(id: string): string {
    return join(this.#dir, id + ENDING);
  }
}
