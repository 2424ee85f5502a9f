// One client's stream of live hits, as server-sent events: what it missed since its last event first, then
// every hit that comes, at the client's own pace. What a client is not told, because it is too slow, was
// away for too long or asked for more than fits, it is told that it was not told.

import { nowMicros } from '../hit/clock.ts';
import { formatEventId, type JudgedHit } from '../hit/event.ts';
import {
  LIVE_BATCH_HITS,
  LIVE_EVENTS_PER_SECOND_MAX,
  LIVE_HEARTBEAT_MS,
  LIVE_LOOKUPS_PER_SECOND_MAX,
  LIVE_OVERLAP_MS,
  LIVE_REPLAY_HITS_MAX,
  LIVE_RETRY_MS,
} from '../limits.ts';
import type { Selection } from '../store/selection.ts';
import type { PixelNames, Store } from '../store/store.ts';
import { type LiveFeed, type LiveHit, liveHit } from './live-feed.ts';
import { hasHeard, Hearing, type LiveMark, writeMark } from './live-mark.ts';

interface StreamParts {
  readonly feed: LiveFeed;
  readonly store: Pick<Store, 'hits'>;
  /** Without bounds of time. */
  readonly selection: Selection;
  /** Where a client goes on; `unknown` when it has come from where nobody knows; null for a new one. */
  readonly from: LiveMark | 'unknown' | null;
}

interface Chosen {
  readonly live: LiveHit;
  readonly mark: string;
}

const SECOND_MS = 1_000;
const MICROS_PER_MS = 1_000;

export class LiveStream {
  readonly #parts: StreamParts;
  readonly #since: number;
  readonly #hearing: Hearing;
  /** The number of the feed's next hit for this client, and the first that came after it had asked. */
  #next: number;
  #joined: number;
  /** The number of the first hit that `#hearing` does not have. */
  #heardTo: number;
  /** When the last hit came that passed here, whether it was shown or not: microseconds. */
  #at: number;
  /** Hits that came out of the store, and that the feed may bring too within a moment. */
  #replayed: ReadonlySet<string> = new Set();
  #replayedAt = 0;
  /** Hits that may still be told in this second. */
  #left = 0;
  #skipped = 0;
  #secondEnds = 0;
  #saidAt = 0;
  #wake: (() => void) | null = null;
  #woken = false;
  #ended = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    const mark = typeof parts.from === 'object' ? parts.from : null;
    this.#since = mark?.since ?? nowMicros();
    this.#at = mark?.at ?? this.#since;
    this.#hearing = new Hearing(mark?.heard);
    this.#next = this.#joined = this.#heardTo = parts.feed.end;
  }

  /** The client has gone, or is to go. */
  end(): void {
    this.#ended = true;
    this.#news();
  }

  /** Pieces of the answer's body. Rejects with StoreError; the client then comes back with its last mark. */
  async *pieces(): AsyncGenerator<string, void> {
    const { feed, from } = this.#parts;
    const leave = feed.join(() => this.#news());
    this.#next = this.#joined = this.#heardTo = feed.end;
    try {
      yield `retry: ${LIVE_RETRY_MS}\n\n`;
      if (from === 'unknown') yield gap(null);
      else if (from !== null) yield* this.#resume(from);
      yield this.#beat();
      while (!this.#isOver) {
        const text = await this.#more();
        if (text !== '') {
          this.#saidAt = performance.now();
          yield text;
        } else if (performance.now() - this.#saidAt >= LIVE_HEARTBEAT_MS) yield this.#beat();
        if (this.#next === feed.end) await this.#sleep();
      }
    } finally {
      leave();
    }
  }

  get #isOver(): boolean {
    return this.#ended || this.#parts.feed.closed;
  }

  /** Shows what is new, at most a batch of it; empty when there is nothing to tell. */
  async #more(): Promise<string> {
    const { feed, selection } = this.#parts;
    const texts: string[] = [];
    const now = performance.now();
    if (now >= this.#secondEnds) {
      if (this.#skipped > 0) texts.push(event('skipped', this.#mark(), { count: this.#skipped }));
      this.#skipped = 0;
      this.#left =
        selection.where.campaign === undefined
          ? LIVE_EVENTS_PER_SECOND_MAX
          : LIVE_LOOKUPS_PER_SECOND_MAX;
      this.#secondEnds = now + SECOND_MS;
    }
    if (this.#next < feed.first) {
      texts.push(gap(feed.first - this.#next));
      this.#next = feed.first;
    }
    if (now - this.#replayedAt > LIVE_OVERLAP_MS) this.#replayed = new Set();
    const chosen = this.#choose();
    await feed.describe(chosen.map(({ live }) => live));
    for (const { live, mark } of chosen) texts.push(this.#shown(live, mark));
    return texts.join('');
  }

  #choose(): Chosen[] {
    const { feed, selection } = this.#parts;
    const { kind, where } = selection;
    const isAny = kind === null && where.pixel === undefined;
    const chosen: Chosen[] = [];
    while (this.#next < feed.end && chosen.length < LIVE_BATCH_HITS) {
      // What was missed while the client was away is told whole; what comes, as fast as anybody can look.
      const isFull = this.#next >= this.#joined && this.#left <= 0;
      if (isFull && isAny) {
        this.#skipped += feed.end - this.#next;
        this.#next = feed.end;
        break;
      }
      const live = feed.at(this.#next);
      this.#next++;
      if (live === null || !isAskedFor(selection, live.hit)) continue;
      if (this.#replayed.size > 0 && this.#replayed.has(formatEventId(live.hit.id))) continue;
      if (isFull) {
        this.#skipped++;
        continue;
      }
      if (this.#next > this.#joined) this.#left--;
      chosen.push({ live, mark: this.#mark() });
    }
    return chosen;
  }

  #shown(live: LiveHit, mark: string): string {
    const { feed, selection } = this.#parts;
    const { names, data } = live;
    if (names === undefined || data === null || feed.isErased(live)) return '';
    return isOfCampaign(selection, names) ? `id: ${mark}\nevent: hit\ndata: ${data}\n\n` : '';
  }

  /** Where the feed has still all that came since, from there; else out of the store. */
  async *#resume(from: LiveMark): AsyncGenerator<string, void> {
    const { feed } = this.#parts;
    if (from.session === feed.session && from.sequence >= feed.first && from.sequence <= feed.end) {
      this.#next = this.#heardTo = from.sequence;
      return;
    }
    const { store, selection } = this.#parts;
    const after = Math.max(from.since, from.at - LIVE_OVERLAP_MS * MICROS_PER_MS);
    const page = await feed.inTurn(() =>
      store.hits({
        selection: { ...selection, from: after },
        order: 'newest',
        place: null,
        limit: LIVE_REPLAY_HITS_MAX,
      }),
    );
    const missing = page.hits.filter((hit) => !hasHeard(from.heard, hit)).toReversed();
    if (page.next !== null || !feed.inOrder) yield gap(null);
    this.#replayed = new Set(missing.map(({ id }) => formatEventId(id)));
    this.#replayedAt = performance.now();
    for (let first = 0; first < missing.length && !this.#isOver; first += LIVE_BATCH_HITS) {
      yield await this.#replay(missing.slice(first, first + LIVE_BATCH_HITS), from);
    }
  }

  /** With marks of the feed that the client comes from, so that it goes on from here if it is cut off. */
  async #replay(hits: readonly JudgedHit[], from: LiveMark): Promise<string> {
    const { feed } = this.#parts;
    const batch = hits.map((hit) => {
      this.#hearing.hear(hit.id);
      return { live: liveHit(hit), mark: writeMark({ ...from, heard: this.#hearing.heard }) };
    });
    await feed.describe(batch.map(({ live }) => live));
    return batch.map(({ live, mark }) => this.#shown(live, mark)).join('');
  }

  #mark(): string {
    const { session } = this.#parts.feed;
    this.#hear();
    const { heard } = this.#hearing;
    return writeMark({ session, sequence: this.#next, at: this.#at, since: this.#since, heard });
  }

  /** Hears what has passed since the last mark, shown or not. */
  #hear(): void {
    const { feed } = this.#parts;
    if (this.#next === feed.end && this.#next > this.#heardTo + 1) {
      this.#hearing.hearAll(feed.heard);
      this.#at = feed.at(this.#next - 1)?.hit.event.at ?? this.#at;
    } else {
      for (let number = this.#heardTo; number < this.#next; number++) {
        const live = feed.at(number);
        if (live === null) continue;
        this.#hearing.hear(live.hit.id);
        this.#at = live.hit.event.at;
      }
    }
    this.#heardTo = this.#next;
  }

  /** No event, but a place to go on from: a filter may let nothing through for a long time. */
  #beat(): string {
    this.#saidAt = performance.now();
    return `:\nid: ${this.#mark()}\n\n`;
  }

  #news(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Until there is news, a heartbeat is due, or a second is over in which hits were skipped. */
  async #sleep(): Promise<void> {
    const now = performance.now();
    const until = this.#skipped > 0 ? this.#secondEnds : this.#saidAt + LIVE_HEARTBEAT_MS;
    if (!this.#woken && !this.#isOver) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, until - now));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#woken = false;
  }
}

function isAskedFor(
  { kind, where }: Selection,
  { event: { kind: its, code } }: JudgedHit,
): boolean {
  return (
    (kind === null || kind === its) && (where.pixel === undefined || where.pixel.includes(code))
  );
}

const isOfCampaign = ({ where }: Selection, { campaign }: PixelNames): boolean =>
  where.campaign === undefined || where.campaign.includes(campaign);

/** How many hits at most are missing, or null when nobody knows. */
const gap = (missed: number | null): string =>
  `event: gap\ndata: ${JSON.stringify({ missed })}\n\n`;

const event = (name: string, mark: string, data: unknown): string =>
  `id: ${mark}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
