// The id of an event of the live stream, which a client gives back as Last-Event-ID: how far it has come.
//
//   SESSION.SEQUENCE.AT.SINCE.WRITER-SEGMENT-POSITION.WRITER-SEGMENT-POSITION…
//
// For the feed that is still in memory, its session and the number of the event in it say that exactly. For
// another one (a restart, a long pause) the rest does: a journal writer's hits come into the store in the
// order of their positions, so the last position of each writer tells the hits that the client has from
// those that it has not, whichever way the writers' hits are mixed. AT, microseconds, is when the event
// came; SINCE, when the client first asked: nothing of before that is missing to it.

import type { EventId, JudgedHit } from '../hit/event.ts';
import { LIVE_WRITERS_MAX } from '../limits.ts';

/** The last segment and position of each writer, the one that was heard of last at the end. */
export type Heard = ReadonlyMap<string, Pick<EventId, 'segment' | 'position'>>;

export interface LiveMark {
  /** Which feed, and how many of its hits have passed. */
  readonly session: string;
  readonly sequence: number;
  /** Microseconds since 1970 (UTC). */
  readonly at: number;
  readonly since: number;
  readonly heard: Heard;
}

const MARK =
  /^([0-9a-z]{1,20})\.(\d{1,15})\.(\d{1,16})\.(\d{1,16})((?:\.[0-9a-f]{16}-\d{1,10}-\d{1,10})*)$/;

export function writeMark({ session, sequence, at, since, heard }: LiveMark): string {
  const writers = [...heard].map(
    ([writer, { segment, position }]) => `${writer}-${segment}-${position}`,
  );
  return [session, sequence, at, since, ...writers].join('.');
}

/** Null for what {@link writeMark} did not write. */
export function readMark(text: string): LiveMark | null {
  const [, session, sequence, at, since, writers = ''] = MARK.exec(text) ?? [];
  if (session === undefined) return null;
  const heard = writers
    .split('.')
    .slice(1)
    .map((one): [string, Pick<EventId, 'segment' | 'position'>] => {
      const [writer = '', segment, position] = one.split('-');
      return [writer, { segment: Number(segment), position: Number(position) }];
    });
  if (heard.length > LIVE_WRITERS_MAX) return null;
  return {
    session,
    sequence: Number(sequence),
    at: Number(at),
    since: Number(since),
    heard: new Map(heard),
  };
}

/** Whether a client that has heard so much has this hit. */
export function hasHeard(heard: Heard, { id }: Pick<JudgedHit, 'id'>): boolean {
  const last = heard.get(id.writer);
  if (last === undefined) return false;
  return id.segment < last.segment || (id.segment === last.segment && id.position <= last.position);
}

/** What a client has heard, as it goes on hearing. Writers of long ago are forgotten first. */
export class Hearing {
  readonly #heard: Map<string, Pick<EventId, 'segment' | 'position'>>;
  #latest: EventId | null = null;

  constructor(heard: Heard = new Map()) {
    this.#heard = new Map(heard);
  }

  get heard(): Heard {
    this.#settle();
    return this.#heard;
  }

  /** Hits of one writer come mostly in a row: only where the writer changes is anything looked up. */
  hear(id: EventId): void {
    if (this.#latest !== null && this.#latest.writer !== id.writer) this.#settle();
    if (this.#latest === null || isBehind(id, this.#latest)) this.#latest = id;
  }

  /** The same for many at once. */
  hearAll(heard: Heard): void {
    for (const [writer, last] of heard) this.hear({ writer, ...last });
  }

  #settle(): void {
    const latest = this.#latest;
    if (latest === null) return;
    this.#latest = null;
    const { writer } = latest;
    const before = this.#heard.get(writer);
    this.#heard.delete(writer);
    this.#heard.set(writer, before === undefined || isBehind(latest, before) ? latest : before);
    for (const oldest of this.#heard.keys()) {
      if (this.#heard.size <= LIVE_WRITERS_MAX) break;
      this.#heard.delete(oldest);
    }
  }
}

function isBehind(
  a: Pick<EventId, 'segment' | 'position'>,
  b: Pick<EventId, 'segment' | 'position'>,
): boolean {
  return a.segment > b.segment || (a.segment === b.segment && a.position > b.position);
}
