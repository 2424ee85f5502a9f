// Does the erasures that were asked for, one after the other, everywhere data lies on this machine: store,
// visit log, journal, archive and what was set aside. Each step can be done again, so a job that a crash
// or a full disk interrupts goes on from its file. docs/erasure.md says what is removed where.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Note } from '../hit/event.ts';
import { nowMicros } from '../hit/clock.ts';
import { type Erased, JournalEraser, type Subject } from '../journal/erase.ts';
import { type FileSystem, realFileSystem } from '../journal/filesystem.ts';
import type { JournalKeeper } from '../journal/keeper.ts';
import { journalDirs, listSlots } from '../journal/places.ts';
import { closeSlot } from '../journal/rotation.ts';
import { ERASURE_POLL_MS, ERASURE_RETRY_MS, ERASURE_SETTLE_MS } from '../limits.ts';
import { codeDigest } from '../store/erased.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ErasureJob, ErasureJobs } from './erasure-job.ts';
import { type ErasureSubject, mentionsOf, recordsOf } from './erasure-subject.ts';
import type { Loader } from './loader.ts';
import { otherLogsWith, VisitErasure } from './visit-erasure.ts';

/** What only the machine has that stores. */
export interface StoreSide {
  readonly store: Pick<
    Store,
    'pixelsOf' | 'countOpens' | 'erasePixel' | 'eraseAddress' | 'compact'
  >;
  readonly loader: Pick<Loader, 'barrier' | 'alone'>;
  /** Keeps a note in the journal; false when that cannot be done now. */
  readonly append: (note: Note) => Promise<boolean>;
  /** Told when hits have left the store: what else remembers hits forgets them. */
  readonly onErased?: () => void;
}

export interface ErasureParts {
  readonly dataDir: string;
  readonly jobs: ErasureJobs;
  readonly keeper: Pick<JournalKeeper, 'alone'>;
  /** Null on a machine that only collects. */
  readonly storeSide: StoreSide | null;
  /** The visit log that is written, if any is. */
  readonly visitLog: string | null;
  /** Where there may be one of another time. */
  readonly olderVisitLogs: readonly string[];
  /** What this installation's store cannot remove at once; part of every report. */
  readonly remarks: readonly string[];
  readonly log: Logger;
  readonly fs?: FileSystem;
  /** How long collectors may take to learn of an erased pixel; ERASURE_SETTLE_MS when left out. */
  readonly settleMs?: number;
}

export class Erasures {
  readonly #parts: ErasureParts;
  readonly #fs: FileSystem;
  readonly #ending = new AbortController();
  /** Why an open job is not done yet, by its id. */
  readonly #obstacles = new Map<string, string>();
  #running: Promise<void> | null = null;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
    this.#fs = parts.fs ?? realFileSystem;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The job is durable, and will be done whatever happens, once this resolves. Rejects with errno errors. */
  async ask(subject: ErasureSubject): Promise<ErasureJob> {
    return await this.#parts.jobs.create(subject);
  }

  /** A job and, while it cannot be done, why; null when there is none of that id. */
  async find(
    id: string,
  ): Promise<{ readonly job: ErasureJob; readonly obstacle: string | null } | null> {
    const job = await this.#parts.jobs.read(id);
    return job && { job, obstacle: this.#obstacles.get(id) ?? null };
  }

  /** Leaves a job where it is; the next start goes on. What it waits for in the loader must end too. */
  async stop(): Promise<void> {
    this.#ending.abort(new Error('the process ends'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { jobs, log } = this.#parts;
    const { signal } = this.#ending;
    const damaged = new Set<string>();
    let isSwept = false;
    while (!signal.aborted) {
      try {
        if (!isSwept) await jobs.sweep();
        isSwept = true;
        const open = await jobs.open((error) => {
          if (!damaged.has(String(error))) log.error({ err: error }, 'an erasure cannot be read');
          damaged.add(String(error));
        });
        await this.#doAll(open);
      } catch (error) {
        log.error({ err: error }, 'the folder of erasures cannot be read');
      }
      const pauseMs = this.#obstacles.size > 0 ? ERASURE_RETRY_MS : ERASURE_POLL_MS;
      await sleep(pauseMs, null, { signal }).catch(() => undefined);
    }
  }

  /** A job that cannot be done now waits, and does not keep the others back. */
  async #doAll(open: readonly ErasureJob[]): Promise<void> {
    const { jobs, storeSide, log } = this.#parts;
    const { signal } = this.#ending;
    const erased: ErasureJob[] = [];
    for (const job of open) {
      await this.#try([job], async () => void erased.push(await this.#erase(job)));
    }
    if (erased.length === 0) return;
    let compacted = false;
    await this.#try(erased, async () => {
      // It costs as much for one job as for many.
      await storeSide?.store.compact?.(signal);
      compacted = true;
    });
    if (!compacted) return;
    for (const job of erased) {
      await this.#try([job], async () => {
        await jobs.write({ ...job, doneAt: new Date().toISOString() });
        this.#obstacles.delete(job.id);
        log.info({ erasure: job.id, kind: job.kind, removed: job.removed }, 'an erasure is done');
      });
    }
  }

  /** Never rejects: what went wrong is the obstacle of these jobs. */
  async #try(jobs: readonly ErasureJob[], work: () => Promise<void>): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      for (const { id } of jobs) {
        if (this.#obstacles.get(id) !== reason) {
          this.#parts.log.error({ err: error, erasure: id }, 'an erasure cannot be done yet');
        }
        this.#obstacles.set(id, reason);
      }
    }
  }

  /**
   * Takes the subject out of everything. Each step ends with the file that says so, the last with one that
   * does not name it any more: then only the store's bytes are left.
   */
  async #erase(given: ErasureJob): Promise<ErasureJob> {
    const { jobs, storeSide } = this.#parts;
    let job = given;
    const { subject } = job;
    if (subject === null) return job;
    if (job.codes === null) {
      job = await this.#lookedUp(job, subject);
      await jobs.write(job);
    }
    const codes = job.codes ?? [];
    if (job.passed === null && storeSide !== null) {
      job = await this.#eraseInStore(storeSide, job, subject, codes);
      await jobs.write(job);
    }
    if (codes.length > 0) await this.#settled();
    job = await this.#eraseInJournal(job, subject, codes);
    job = {
      ...job,
      unreached: [...job.unreached, ...(await this.#leftBehind(subject)), ...this.#parts.remarks],
      subject: null,
      codes: null,
      known: null,
      passed: null,
    };
    await jobs.write(job);
    return job;
  }

  /** Before the first pixel is erased, as the store does not know them any more afterwards. */
  async #lookedUp(job: ErasureJob, subject: ErasureSubject): Promise<ErasureJob> {
    const { storeSide } = this.#parts;
    if ('address' in subject) return { ...job, codes: [] };
    if (storeSide === null) {
      if ('pixel' in subject) return { ...job, codes: [subject.pixel] };
      throw new Error('only the machine with the store knows which pixels are a recipient’s');
    }
    const { store, loader } = storeSide;
    if (!(await loader.barrier())) throw new Error('the store is behind the journal');
    const { codes, known } =
      'pixel' in subject
        ? { codes: [subject.pixel], known: null }
        : await loader.alone(async (cursors) => ({
            codes: [...(await store.pixelsOf(subject.recipient))],
            known: new Map(cursors),
          }));
    let storeHits = 0;
    for (const code of codes) storeHits += await store.countOpens(code);
    return { ...job, codes, known, removed: { ...job.removed, pixels: codes.length, storeHits } };
  }

  /** Also takes the address out of the visit log: in one turn, so that all have lost the same hits. */
  async #eraseInStore(
    { store, loader, append, onErased }: StoreSide,
    job: ErasureJob,
    subject: ErasureSubject,
    codes: readonly string[],
  ): Promise<ErasureJob> {
    // A journal that says so itself makes a store that is lost and made anew forget them too.
    for (const code of codes) {
      const digest = codeDigest(code);
      const kept = await append({ kind: 'pixel-erased', at: nowMicros(), code: null, digest });
      if (!kept) throw new Error('the journal cannot keep that a pixel is erased');
    }
    const { visitLog } = this.#parts;
    const visits =
      'address' in subject && visitLog !== null
        ? new VisitErasure(visitLog, subject.address)
        : null;
    await visits?.prepare();
    // Loads bring nothing of an erased pixel, and need not wait while a store rewrites what it has of it.
    for (const code of codes) await store.erasePixel(code);
    return await loader.alone(async (cursors, delivery) => {
      const lines =
        visits === null || delivery === null ? 0 : await delivery.aside(() => visits.complete());
      const hits = 'address' in subject ? await store.eraseAddress(subject.address) : 0;
      onErased?.();
      const { removed } = job;
      return {
        ...job,
        passed: new Map(cursors),
        removed: {
          ...removed,
          storeHits: removed.storeHits + hits,
          visitLogLines: removed.visitLogLines + lines,
        },
      };
    });
  }

  /** Collectors that still keep hits of the pixel have been told by then; their segments are closed later. */
  async #settled(): Promise<void> {
    const { settleMs = ERASURE_SETTLE_MS } = this.#parts;
    await sleep(settleMs, null, { signal: this.#ending.signal });
  }

  /**
   * Of an address what the store had, so that a rebuild gives the same; of a pixel everything there is; and
   * mentions of a recipient as far as it is known of which pixels they are.
   */
  async #eraseInJournal(
    job: ErasureJob,
    subject: ErasureSubject,
    codes: readonly string[],
  ): Promise<ErasureJob> {
    const { dataDir, keeper, log } = this.#parts;
    const { signal } = this.#ending;
    const dirs = journalDirs(dataDir);
    const eraserOf = (of: Subject): JournalEraser => new JournalEraser(this.#fs, dirs, of, signal);
    const records = eraserOf(recordsOf(subject, codes));
    const mentions = 'recipient' in subject ? eraserOf(mentionsOf(subject.recipient)) : null;
    for (const slot of await listSlots(this.#fs, dirs)) {
      const before = 'address' in subject ? (job.passed?.get(slot) ?? null) : null;
      if ('address' in subject && job.passed !== null && before === null) continue;
      const known = job.known?.get(slot);
      const closed = await closeSlot(this.#fs, dirs, slot, log, signal);
      try {
        await keeper.alone(async () => {
          await records.eraseSlot(closed, before);
          if (known !== undefined) await mentions?.eraseSlot(closed, known);
        });
      } finally {
        closed.release();
      }
    }
    const done = [records.done, ...(mentions === null ? [] : [mentions.done])];
    const removed = {
      ...job.removed,
      journal: sum(done.map(({ journal }) => journal)),
      archive: sum(done.map(({ archive }) => archive)),
      corrupt: sum(done.map(({ corrupt }) => corrupt)),
    };
    return { ...job, removed, unreached: [...new Set(done.flatMap(({ unread }) => unread))] };
  }

  /** What lies on this machine and is not ours to change. */
  async #leftBehind(subject: ErasureSubject): Promise<string[]> {
    const { dataDir, visitLog, olderVisitLogs } = this.#parts;
    const left: string[] = [];
    const paths = new Set([...(visitLog === null ? [] : [visitLog]), ...olderVisitLogs]);
    for (const path of paths) {
      if (!('address' in subject)) break;
      left.push(...(await otherLogsWith(path, visitLog, subject.address)));
    }
    for (const name of await this.#fs.list(dataDir)) {
      if (name.startsWith('store.duckdb.unreadable')) {
        left.push(`${join(dataDir, name)}: a store that could not be read; remove it`);
      }
    }
    return left;
  }
}

/** A file in which were both is counted twice: each time it was written anew. */
function sum(parts: readonly Erased[]): Erased {
  return {
    records: parts.reduce((total, { records }) => total + records, 0),
    files: parts.reduce((total, { files }) => total + files, 0),
  };
}
