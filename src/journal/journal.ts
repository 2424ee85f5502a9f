// The journal's port: what the collector and the API need to keep an event, and what the loader and the
// relay need to read it back. The format is in format.ts, the writer in writer.ts, reading in reader.ts.

/** Where a reader is in one slot: the byte offset of the next unread batch of a segment. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Before everything that any slot has or ever had. */
export const JOURNAL_START: Position = { segment: 0, offset: 0 };

/** One position per slot (a writer's directory). A slot that is missing is unread. */
export type Cursors = ReadonlyMap<string, Position>;

/** Told once, when the batch that holds its record is durable (`kept`) or will never be. Must not throw. */
export interface Waiter {
  settled(kept: boolean): void;
}

/** What became of an append. All but `queued` are refusals: the waiter will not be told anything. */
export type AppendOutcome =
  | 'queued'
  /** The batch that gathers during the commit in flight is full: the disk is slower than the traffic. */
  | 'journal-busy'
  /** Journal and archive have reached their bound, or the disk's reserve is all that is left. */
  | 'journal-full'
  /** The disk refused a write or fsync, or the journal is closed; it is tried again by itself. */
  | 'journal-down';

export interface JournalStats {
  readonly slot: string;
  readonly state: 'open' | 'full' | 'down' | 'closed';
  /** The last failure in words, null when there is none. */
  readonly lastError: string | null;
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  readonly failedBatches: number;
}

export interface JournalWriter {
  /**
   * Queues the first `length` bytes of `record` (one encoded record, copied before this returns) for the
   * next commit. When it returns `queued`, `waiter` is told exactly once.
   */
  append(record: Uint8Array, length: number, waiter: Waiter): AppendOutcome;
  readonly stats: JournalStats;
  /** Called after each commit: records, bytes, and milliseconds from write to fsync's end. */
  onCommit: ((records: number, bytes: number, milliseconds: number) => void) | null;
  /** Commits what is queued, seals the segment and lets the slot go. Later appends are `journal-down`. */
  close(): Promise<void>;
}

/** One batch as it stands in a segment. `records` is the concatenation that hit/encoding.ts decodes. */
export interface RecordBatch {
  readonly slot: string;
  readonly writer: string;
  readonly segment: number;
  /** Byte offset of the first record within the segment. */
  readonly offset: number;
  readonly count: number;
  readonly records: Buffer;
}

/** Bytes of a segment that fail their checksum though something valid follows them. */
export interface Damage {
  readonly slot: string;
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/**
 * What one read of one slot gave. `next` is where to go on; `caughtUp` says that nothing was left behind
 * it.
 */
export interface Reading {
  readonly batches: readonly RecordBatch[];
  readonly next: Position;
  readonly damage: readonly Damage[];
  readonly caughtUp: boolean;
}
