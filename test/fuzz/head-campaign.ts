// Millions of request heads from one seed: made by the grammar, mostly damaged, some of them several to a
// buffer. Whatever the fast lane takes is compared; what it hands over needs no comparison, as Node reads it.

import { readHead } from '../../src/collector/head.ts';
import { Chance } from '../torture/random.ts';
import {
  compare,
  disagreement,
  type HeadReader,
  placeMatters,
  readByLane,
  type Taken,
} from './comparing.ts';
import { damage } from './damage.ts';
import { makeHead } from './heads.ts';
import { literal, shrink } from './shrinking.ts';

export interface HeadCampaign {
  readonly seed: number;
  /** It ends with whichever comes first. */
  readonly requests: number;
  readonly seconds?: number;
  /** Another reader than the collector's, to see whether the campaign finds out. */
  readonly read?: HeadReader;
  readonly onProgress?: (report: HeadReport) => void;
}

export interface HeadReport {
  readonly seed: number;
  /** Heads that were looked at: those taken and those handed over. */
  readonly requests: number;
  readonly accepted: number;
  readonly handedOver: number;
  readonly seconds: number;
  /** The campaign ends with the first one that it finds: the bytes, as they were drawn. */
  readonly disagreement: Buffer | null;
}

/** Connections to Node's lane at once, and requests on each: it answers one of each in every turn. */
const STREAMS = 64;
const STREAM_REQUESTS = 32;
/** A reader that takes next to nothing gets shorter streams. */
const STREAM_DRAWS_MAX = 1_000;
const PROGRESS_MS = 5_000;
/** Of so many heads one is looked at in several places. */
const ONE_PLACED_OF = 4;

export async function fuzzHeads(campaign: HeadCampaign): Promise<HeadReport> {
  const { seed, requests, seconds = Infinity, read = readHead, onProgress } = campaign;
  const chance = new Chance(seed);
  const source = new Source(chance, read);
  const began = performance.now();
  const report = (found: Buffer | null): HeadReport => {
    const { accepted, handedOver } = source;
    const took = (performance.now() - began) / 1_000;
    const looked = accepted + handedOver;
    return { seed, requests: looked, accepted, handedOver, seconds: took, disagreement: found };
  };
  let told = began;
  while (source.accepted + source.handedOver < requests) {
    const now = performance.now();
    if (now - began > seconds * 1_000) break;
    if (now - told > PROGRESS_MS) onProgress?.(report(null));
    if (now - told > PROGRESS_MS) told = now;
    const streams = Array.from({ length: STREAMS }, () => source.stream());
    const found = await Promise.all(streams.map(compare));
    const at = found.findIndex((difference) => difference !== null);
    const suspect = source.suspect ?? (at < 0 ? null : await culprit(streams[at] ?? []));
    if (suspect !== null) return report(suspect);
  }
  return report(null);
}

/** Makes streams of what the reader takes. */
class Source {
  accepted = 0;
  handedOver = 0;
  /** A head on which the reader contradicts itself. */
  suspect: Buffer | null = null;
  readonly #chance: Chance;
  readonly #read: HeadReader;
  #other: string;
  readonly #waiting: Taken[] = [];
  readonly #ending: Taken[] = [];

  constructor(chance: Chance, read: HeadReader) {
    this.#chance = chance;
    this.#read = read;
    this.#other = makeHead(chance);
  }

  /** Requests for one connection, of which only the last may end it. */
  stream(): Taken[] {
    const isEnough = (): boolean =>
      this.#waiting.length >= STREAM_REQUESTS || this.#ending.length >= STREAM_REQUESTS;
    for (let draws = 0; draws < STREAM_DRAWS_MAX && !isEnough(); draws++) this.#draw();
    const stream = this.#waiting.splice(0, STREAM_REQUESTS);
    const last = this.#ending.pop();
    return last === undefined ? stream : [...stream, last];
  }

  #draw(): void {
    const chance = this.#chance;
    const heads = chance.next() < 0.8 ? 1 : chance.between(2, 4);
    let text = '';
    for (let i = 0; i < heads; i++) {
      const head = makeHead(chance);
      const times = Math.max(0, chance.between(-2, 3));
      text += times === 0 ? head : damage(chance, head, this.#other, times);
      this.#other = head;
    }
    const bytes = Buffer.from(text, 'latin1');
    const { taken, handsOver } = readByLane(bytes, this.#read);
    this.accepted += taken.length;
    if (handsOver) this.handedOver++;
    if (chance.between(1, ONE_PLACED_OF) === 1) this.#place(bytes);
    for (const one of taken) (one.keepAlive ? this.#waiting : this.#ending).push(one);
  }

  #place(bytes: Buffer): void {
    const chance = this.#chance;
    const before = Buffer.from(this.#other.slice(0, chance.between(0, 9)), 'latin1');
    const behind = Buffer.from(this.#other.slice(0, chance.between(0, 99)), 'latin1');
    const cut = chance.between(0, bytes.length);
    if (placeMatters(bytes, before, behind, cut, this.#read) !== null) this.suspect ??= bytes;
  }
}

/** Which request of a stream it is; all of them when each alone is fine. */
async function culprit(stream: readonly Taken[]): Promise<Buffer> {
  for (const one of stream) {
    if ((await compare([one])) !== null) return one.head;
  }
  return Buffer.concat(stream.map(({ head }) => head));
}

/** For whoever has to mend it: the same disagreement in as few bytes as it takes, and what it is about. */
export async function explain(suspect: Buffer, read: HeadReader = readHead): Promise<string> {
  const fails = async (bytes: Buffer): Promise<boolean> =>
    (await disagreement(bytes, read)) !== null;
  const bytes = await shrink(suspect, fails);
  return `${literal(bytes)}\n${(await disagreement(bytes, read)) ?? 'it does not happen again'}`;
}
