// The writer of one slot: group commit. One write and fdatasync is in flight; what comes meanwhile gathers
// and is the next batch. Nothing is acknowledged that is not durable, and every buffer has a bound.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BATCH_BYTES_MAX, EVENT_BYTES_MAX, SEGMENT_AGE_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FileSystem } from './filesystem.ts';
import { BATCH_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './format.ts';
import type { AppendOutcome, JournalStats, JournalWriter, Waiter } from './journal.ts';
import type { JournalDirs } from './places.ts';
import { Segment } from './segment.ts';
import { rotationPath } from './rotation.ts';
import { journalBytes } from './usage.ts';

export interface WriterOptions {
  readonly fs: FileSystem;
  readonly dirs: JournalDirs;
  readonly slot: string;
  /** The largest number that any segment of the slot ever had, 0 for none. */
  readonly lastSegment: number;
  readonly segmentBytes: number;
  readonly journalBytesMax: number;
  readonly diskFreeBytesMin: number;
  /** How often room is measured, and the disk tried again after a failure. */
  readonly probeMs: number;
  readonly log: Logger;
  /** Called at last, when the slot may be another's. */
  readonly release: () => void;
}

/** Walking all segment files is dear, so it is done at every so many probes only, while there is room. */
const PROBES_PER_MEASUREMENT = 20;
/** … and sooner once this writer has filled such a share of the room that was left: others write too. */
const ROOM_SHARES = 8;

/** From so many records on, what a commit costs is little for each of them. */
const LARGE_RECORDS = 32;
/** How long a batch that is not large gathers at most, while more and more comes in. */
const GATHER_MS_MAX = 1;

const REFUSAL = { full: 'journal-full', down: 'journal-down', closed: 'journal-down' } as const;

/** Records that gather for one commit. The payload stands behind the room for the batch's header. */
class Batch {
  readonly bytes = Buffer.allocUnsafe(BATCH_HEADER_BYTES + BATCH_BYTES_MAX);
  end = BATCH_HEADER_BYTES;
  waiters: Waiter[] = [];

  /** Nothing is gained by waiting for more. */
  get isLarge(): boolean {
    return this.waiters.length >= LARGE_RECORDS;
  }

  clear(): void {
    this.end = BATCH_HEADER_BYTES;
    this.waiters = [];
  }
}

export class GroupCommitWriter implements JournalWriter {
  onCommit: JournalWriter['onCommit'] = null;
  readonly #options: WriterOptions;
  readonly #writer: Buffer = randomBytes(8);
  #segment: Segment | null = null;
  #lastSegment = 0;
  #segmentSince = 0;
  #state: JournalStats['state'] = 'down';
  #lastError: string | null = null;
  #gathering = new Batch();
  #spare = new Batch();
  /** From the first record of a batch until no batch is left; null when idle. */
  #committing: Promise<void> | null = null;
  #probing: Promise<void> | null = null;
  /** Somebody asked for a new segment (rotation.ts). */
  #rotationDue = false;
  #probeTimer: NodeJS.Timeout | null = null;
  #probes = 0;
  /** Of `#bytes`, from which on the room is measured anew at the next probe. */
  #measureAt = 0;
  #batches = 0;
  #records = 0;
  #bytes = 0;
  #failedBatches = 0;

  private constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Opens a first segment in a slot whose lock the caller holds and that was recovered. */
  static async open(options: WriterOptions): Promise<GroupCommitWriter> {
    const writer = new GroupCommitWriter(options);
    writer.#lastSegment = options.lastSegment;
    await writer.#probe();
    writer.#probeTimer = setInterval(() => {
      writer.#probing ??= writer.#probe().finally(() => {
        writer.#probing = null;
      });
    }, options.probeMs).unref();
    return writer;
  }

  append(record: Uint8Array, length: number, waiter: Waiter): AppendOutcome {
    if (this.#state !== 'open') return REFUSAL[this.#state];
    if (length > EVENT_BYTES_MAX) throw new RangeError(`a record of ${length} bytes`);
    const batch = this.#gathering;
    if (batch.end + length > batch.bytes.length) return 'journal-busy';
    batch.bytes.set(length === record.length ? record : record.subarray(0, length), batch.end);
    batch.end += length;
    batch.waiters.push(waiter);
    this.#committing ??= this.#commitSoon();
    return 'queued';
  }

  get stats(): JournalStats {
    return {
      slot: this.#options.slot,
      state: this.#state,
      lastError: this.#lastError,
      batches: this.#batches,
      records: this.#records,
      bytes: this.#bytes,
      failedBatches: this.#failedBatches,
    };
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (this.#probeTimer !== null) clearInterval(this.#probeTimer);
    await this.#probing;
    await this.#committing;
    const segment = this.#segment;
    this.#segment = null;
    try {
      await segment?.seal();
    } finally {
      this.#options.release();
    }
  }

  async #commitSoon(): Promise<void> {
    await this.#gather();
    await this.#commitAll();
  }

  /**
   * Waits for the end of this turn of the event loop, so that all requests that it read share one batch; and
   * for further turns as long as each brings some, up to a bound. A commit costs a busy process as much as
   * several replies, so there it pays; one that is not busy waits for no more than what has come already.
   */
  async #gather(): Promise<void> {
    const batch = this.#gathering;
    const until = performance.now() + GATHER_MS_MAX;
    let before: number;
    do {
      before = batch.waiters.length;
      // oxlint-disable-next-line promise/avoid-new -- setImmediate has no cheaper promise
      await new Promise((resolve) => setImmediate(resolve));
    } while (batch.waiters.length > before && !batch.isLarge && performance.now() < until);
  }

  async #commitAll(): Promise<void> {
    let current = this.#begin();
    while (current !== null) {
      const kept: boolean = await current.done;
      // The disk gets a large batch first; the replies of the last one are written while it works.
      const next: Commit | null = this.#gathering.isLarge ? this.#begin() : null;
      for (const waiter of current.waiters) waiter.settled(kept);
      if (next === null) await this.#gather();
      current = next ?? this.#begin();
    }
    // In the same turn as the last look at what has gathered, else a record could be left waiting.
    this.#committing = null;
  }

  /** Starts the commit of what has gathered; null when nothing has. */
  #begin(): Commit | null {
    const batch = this.#gathering;
    const { waiters, end } = batch;
    if (waiters.length === 0) return null;
    // The spare batch is free: its commit was awaited before this is called.
    this.#gathering = this.#spare;
    this.#gathering.clear();
    this.#spare = batch;
    return { waiters, done: this.#commit(batch.bytes, end - BATCH_HEADER_BYTES, waiters.length) };
  }

  /** Whether the batch is durable. Never rejects: a failure is the writer's state from then on. */
  async #commit(bytes: Buffer, payloadBytes: number, records: number): Promise<boolean> {
    const began = performance.now();
    // What gathered while the batch before it failed fails with it; the reason was said once.
    if (this.#segment === null) return this.#failBatch();
    try {
      const segment = await this.#segmentFor(this.#segment, payloadBytes);
      await segment.append(bytes, payloadBytes, records);
    } catch (error) {
      await this.#giveUpSegment(error);
      return this.#failBatch();
    }
    this.#batches++;
    this.#records += records;
    this.#bytes += payloadBytes;
    this.onCommit?.(records, payloadBytes, performance.now() - began);
    return true;
  }

  #failBatch(): false {
    this.#failedBatches++;
    return false;
  }

  async #segmentFor(segment: Segment, payloadBytes: number): Promise<Segment> {
    // Room for the seal too, so that a segment never passes its bound.
    const after = segment.length + payloadBytes + 2 * BATCH_HEADER_BYTES;
    const full = after > this.#options.segmentBytes && segment.length > 2 * BATCH_HEADER_BYTES;
    return full || this.#rotationDue ? await this.#nextSegment(segment) : segment;
  }

  async #nextSegment(segment: Segment): Promise<Segment> {
    await segment.seal();
    this.#segment = null;
    return await this.#openSegment();
  }

  /** In the turn of the commits; what gathers meanwhile is committed behind it. */
  async #rotate(): Promise<void> {
    try {
      if (this.#segment !== null) await this.#nextSegment(this.#segment);
    } catch (error) {
      await this.#giveUpSegment(error);
    }
    await this.#commitAll();
  }

  /** Or when the segment is old. A commit under way rotates before its next batch. */
  async #rotateIfAsked(): Promise<void> {
    const { fs, dirs, slot } = this.#options;
    const request = rotationPath(dirs, slot);
    if ((await fs.stat(request)) !== null) {
      // Removed before it is done: a segment that opens later than that is what was asked for.
      await fs.remove(request);
      this.#rotationDue = this.#segment !== null;
    }
    if (this.#state === 'closed' || this.#segment === null) return;
    const { length } = this.#segment;
    const isOld = performance.now() - this.#segmentSince > SEGMENT_AGE_MS_MAX;
    if (this.#rotationDue || (isOld && length > SEGMENT_HEADER_BYTES))
      this.#committing ??= this.#rotate();
  }

  async #openSegment(): Promise<Segment> {
    const { fs, dirs, slot, segmentBytes } = this.#options;
    // Counted before the attempt: a number is never used twice, also when it fails.
    this.#lastSegment = Segment.numberAfter(this.#lastSegment);
    const dir = join(dirs.journalDir, slot);
    const segment = await Segment.create(fs, dir, this.#writer, this.#lastSegment, segmentBytes);
    this.#segment = segment;
    this.#segmentSince = performance.now();
    this.#rotationDue = false;
    return segment;
  }

  async #giveUpSegment(error: unknown): Promise<void> {
    const segment = this.#segment;
    this.#segment = null;
    this.#lastError = error instanceof Error ? error.message : String(error);
    if (this.#state !== 'closed') this.#state = 'down';
    this.#options.log.error(
      { slot: this.#options.slot, error: this.#lastError },
      'journal write failed',
    );
    await segment?.abandon();
  }

  /** Measures what room there is and, after a failure, tries the disk again. Never rejects. */
  async #probe(): Promise<void> {
    const before = this.#state;
    try {
      const reason = await this.#lackOfRoom(before);
      if (this.#state === 'closed') return;
      if (reason === null && this.#segment === null && this.#committing === null)
        await this.#openSegment();
      this.#settleState(before, reason);
      await this.#rotateIfAsked();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Said once per cause, not at every probe.
      if (message !== this.#lastError) {
        this.#options.log.error(
          { slot: this.#options.slot, error: message },
          'journal cannot be opened',
        );
      }
      this.#lastError = message;
    }
  }

  #settleState(before: JournalStats['state'], reason: string | null): void {
    // A commit may have failed or the writer been closed while this probe looked at the disk.
    if (this.#state !== before) return;
    // Without a segment the state stays: a rotation is under way, or the writer is down as it was.
    if (reason === null && this.#segment === null) return;
    const after = reason === null ? 'open' : 'full';
    if (after === before) return;
    this.#state = after;
    const { slot, log } = this.#options;
    if (reason !== null) {
      this.#lastError = reason;
      log.error({ slot, reason }, 'journal is full: hits are refused until there is room');
    } else {
      this.#lastError = null;
      log.info({ slot, segment: this.#lastSegment }, 'journal is open');
    }
  }

  /** Why nothing may be written, null when there is room. */
  async #lackOfRoom(state: JournalStats['state']): Promise<string | null> {
    const { fs, dirs, diskFreeBytesMin, journalBytesMax } = this.#options;
    const free = await fs.freeBytes(dirs.journalDir);
    if (free < diskFreeBytesMin) return `the disk has ${free} bytes left, under the reserve`;
    const isDue = this.#probes % PROBES_PER_MEASUREMENT === 0 || this.#bytes >= this.#measureAt;
    this.#probes++;
    if (state === 'open' && !isDue) return null;
    const before = this.#bytes;
    const used = await journalBytes(fs, dirs);
    this.#measureAt = before + (journalBytesMax - used) / ROOM_SHARES;
    return used > journalBytesMax
      ? `journal and archive hold ${used} bytes, over their bound`
      : null;
  }
}

interface Commit {
  readonly waiters: readonly Waiter[];
  readonly done: Promise<boolean>;
}
