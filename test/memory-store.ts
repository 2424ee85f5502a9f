// A Store in memory: for tests of what stands on the port, and the reference that says in the plainest way
// what the port means. It can be told to fail.

import type { PixelMode } from '../src/config/config.ts';
import {
  type EventId,
  formatEventId,
  type JudgedHit,
  type Note,
  parseEventId,
  type Recorded,
} from '../src/hit/event.ts';
import { NOT_JUDGED, type OwnSign } from '../src/hit/verdict.ts';
import { type Claim, claimedSign, claimsIn, isClaimed } from '../src/store/claims.ts';
import { codeDigest, ErasedCodes } from '../src/store/erased.ts';
import { compareSpoken } from '../src/store/last-word.ts';
import {
  type CampaignPage,
  type CampaignsQuery,
  NO_COUNTS,
  type PixelPage,
  type PixelsQuery,
} from '../src/store/listing.ts';
import { mergeWords, propertiesOf, type Words, wordsIn } from '../src/store/properties.ts';
import type { Statistics, StatisticsRequest } from '../src/store/statistics.ts';
import type {
  Counts,
  HitPage,
  HitPlace,
  HitsQuery,
  Load,
  Modes,
  Pixel,
  PixelHitsQuery,
  PixelNames,
  Store,
  StoreTotals,
} from '../src/store/store.ts';
import { countHits } from './counting.ts';
import { isSelected } from './selection.ts';
import { listCampaigns, listPixels, type PixelWithHits } from './memory-listing.ts';
import { type PixelWords, statisticsOf } from './statistics.ts';

export class MemoryStore implements Store {
  readonly #hits = new Map<string, JudgedHit>();
  /** By code: when each was minted. */
  readonly #minted = new Map<string, number>();
  /** By code, also of pixels that nobody minted yet. */
  readonly #words = new Map<string, Words>();
  /** By the hit's id. */
  readonly #claims = new Map<string, Claim>();
  readonly #erased = new ErasedCodes();
  #progress: string | null = null;
  /** When set, every call rejects with it. */
  failure: Error | null = null;
  /** When set, making the store anew rejects with it. */
  compactFailure: Error | null = null;
  compactions = 0;

  async progress(): Promise<string | null> {
    this.#mayFail();
    return this.#progress;
  }

  async load({ hits, notes, progress }: Load): Promise<void> {
    this.#mayFail();
    for (const { event } of notes) if (event.kind === 'pixel-erased') this.#erase(event.digest);
    this.#hear(this.#erased.without(notes));
    for (const hit of this.#erased.without(hits)) {
      const claim = this.#claims.get(formatEventId(hit.id));
      this.#keep(claim === undefined ? hit : withOwn(hit, claimedSign(claim.own)));
    }
    this.#progress = progress;
  }

  async known(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    this.#mayFail();
    const known = events.filter(({ id, event }) =>
      event.kind === 'pixel-minted'
        ? (this.#minted.get(event.code) ?? Infinity) <= event.at
        : this.#hits.has(formatEventId(id)),
    );
    return new Set(known.map(({ id }) => formatEventId(id)));
  }

  async erasePixel(code: string): Promise<void> {
    this.#mayFail();
    this.#erase(codeDigest(code));
  }

  async eraseAddress(address: string): Promise<number> {
    this.#mayFail();
    return address === '' ? 0 : this.#remove(({ event }) => event.address === address);
  }

  async expireHits(before: number): Promise<number> {
    this.#mayFail();
    return this.#remove(({ event }) => event.at < before);
  }

  async pixelsOf(recipient: string): Promise<readonly string[]> {
    this.#mayFail();
    const own = [...this.#words].filter(([, words]) => words.get('recipient')?.value === recipient);
    return own.map(([code]) => code);
  }

  async modes(): Promise<Modes> {
    this.#mayFail();
    const pixels = new Map<string, PixelMode>();
    for (const [code, words] of this.#words) {
      const { mode } = propertiesOf(words);
      if (mode) pixels.set(code, mode);
    }
    return { pixels, erased: this.#erased.digests };
  }

  async sentTimes(codes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.#mayFail();
    const times = new Map<string, number>();
    for (const code of codes) {
      const { sentAt } = propertiesOf(this.#words.get(code) ?? new Map());
      if (typeof sentAt === 'number') times.set(code, sentAt);
    }
    return times;
  }

  async pixel(code: string): Promise<Pixel | null> {
    this.#mayFail();
    const createdAt = this.#minted.get(code);
    if (createdAt === undefined) return null;
    return { code, createdAt, properties: propertiesOf(this.#words.get(code) ?? new Map()) };
  }

  async pixelsByCode(codes: readonly string[]): Promise<ReadonlyMap<string, Pixel>> {
    const found = await Promise.all(codes.map((code) => this.pixel(code)));
    return new Map(found.filter((pixel) => pixel !== null).map((pixel) => [pixel.code, pixel]));
  }

  async erasedOf(codes: readonly string[]): Promise<ReadonlySet<string>> {
    this.#mayFail();
    return new Set(codes.filter((code) => this.#erased.has(code)));
  }

  async pixels(query: PixelsQuery): Promise<PixelPage> {
    return listPixels(await this.#pixels(), query);
  }

  async campaigns(query: CampaignsQuery): Promise<CampaignPage> {
    const page = listCampaigns(await this.#pixels(), query);
    const { from, to, repeatSeconds } = query;
    const { groups } = await this.statistics({
      selection: { kind: 'open', from, to, where: {} },
      repeatSeconds,
      edges: [],
      split: 'campaign',
      groupsMax: Infinity,
    });
    const counts = new Map(groups.map(({ value, totals }) => [value, totals]));
    const campaigns = page.campaigns.map((one) => ({
      ...one,
      counts: counts.get(one.campaign) ?? NO_COUNTS,
    }));
    return { ...page, campaigns };
  }

  async countOpens(code: string): Promise<number> {
    this.#mayFail();
    return this.#opens(code).length;
  }

  async counts(code: string, repeatSeconds: number): Promise<Counts> {
    this.#mayFail();
    return countHits(this.#opens(code), repeatSeconds);
  }

  async statistics(request: StatisticsRequest): Promise<Statistics> {
    this.#mayFail();
    const pixels = (code: string): PixelWords => {
      const { campaign, label } = propertiesOf(this.#words.get(code) ?? new Map());
      return { campaign: campaign ?? null, label: label ?? null };
    };
    return statisticsOf(this.#hits.values(), pixels, request);
  }

  async pixelHits({ code, limit, before }: PixelHitsQuery): Promise<HitPage> {
    this.#mayFail();
    const older = this.#opens(code).filter((hit) => before === null || comesTo(hit, before) < 0);
    const hits = older.slice(-limit);
    const [first] = hits;
    const isLast = first === undefined || hits.length === older.length;
    return { hits, next: isLast ? null : { at: first.event.at, id: formatEventId(first.id) } };
  }

  async hit(code: string, id: string): Promise<JudgedHit | null> {
    this.#mayFail();
    const hit = this.#hits.get(id);
    return hit?.event.code === code ? hit : null;
  }

  async totals(): Promise<StoreTotals> {
    this.#mayFail();
    const opens = [...this.#hits.values()].filter(({ event }) => event.kind === 'open').length;
    return { pixels: this.#minted.size, opens, visits: this.#hits.size - opens };
  }

  async hits({ selection, order, place, limit }: HitsQuery): Promise<HitPage> {
    this.#mayFail();
    const campaignOf = (code: string): string | null => this.#names(code).campaign;
    const selected = inOrder(
      [...this.#hits.values()].filter((hit) => isSelected(selection, hit, campaignOf)),
    );
    const ordered = order === 'oldest' ? selected : selected.toReversed();
    const sense = order === 'oldest' ? 1 : -1;
    const behind = ordered.filter((hit) => place === null || sense * comesTo(hit, place) > 0);
    const hits = behind.slice(0, limit);
    const last = hits.at(-1);
    const isLast = last === undefined || hits.length === behind.length;
    return { hits, next: isLast ? null : { at: last.event.at, id: formatEventId(last.id) } };
  }

  async names(codes: readonly string[]): Promise<ReadonlyMap<string, PixelNames>> {
    this.#mayFail();
    return new Map(
      codes.flatMap((code) => {
        const names = this.#names(code);
        return names.label === null && names.campaign === null ? [] : [[code, names]];
      }),
    );
  }

  async rejudge(hits: readonly JudgedHit[]): Promise<void> {
    this.#mayFail();
    for (const hit of hits) {
      const known = this.#hits.get(formatEventId(hit.id));
      if (known === undefined) continue;
      const { own } = known.judgement;
      const judged = { ...known, judgement: hit.judgement };
      this.#keep(isClaimed(own) ? withOwn(judged, own) : judged);
    }
  }

  async hasUnjudged(): Promise<boolean> {
    this.#mayFail();
    return [...this.#hits.values()].some(({ judgement }) => judgement.viewer === NOT_JUDGED.viewer);
  }

  async compact(): Promise<void> {
    this.#mayFail();
    if (this.compactFailure !== null) throw this.compactFailure;
    this.compactions++;
  }

  async close(): Promise<void> {}

  #keep(hit: JudgedHit): void {
    this.#hits.set(formatEventId(hit.id), hit);
  }

  #hear(notes: readonly Recorded<Note>[]): void {
    for (const { event } of notes) {
      if (event.kind !== 'pixel-minted') continue;
      const earlier = Math.min(this.#minted.get(event.code) ?? Infinity, event.at);
      this.#minted.set(event.code, earlier);
    }
    for (const [code, words] of wordsIn(notes)) {
      this.#words.set(code, mergeWords(this.#words.get(code) ?? new Map(), words));
    }
    for (const [id, claim] of claimsIn(notes)) {
      const before = this.#claims.get(id);
      if (before !== undefined && compareSpoken(before, claim) > 0) continue;
      this.#claims.set(id, claim);
      const hit = this.#hits.get(id);
      if (hit !== undefined) this.#keep(withOwn(hit, claimedSign(claim.own)));
    }
  }

  #erase(digest: string): void {
    this.#erased.add(digest);
    for (const code of this.#minted.keys()) if (this.#erased.has(code)) this.#minted.delete(code);
    for (const code of this.#words.keys()) if (this.#erased.has(code)) this.#words.delete(code);
    for (const [id, { code }] of this.#claims) if (this.#erased.has(code)) this.#claims.delete(id);
    this.#remove(({ event }) => this.#erased.has(event.code));
  }

  #names(code: string): PixelNames {
    const { label, campaign } = propertiesOf(this.#words.get(code) ?? new Map());
    return { label: label ?? null, campaign: campaign ?? null };
  }

  /** Returns how many. */
  #remove(isGone: (hit: JudgedHit) => boolean): number {
    const gone = [...this.#hits].filter(([, hit]) => isGone(hit));
    for (const [id] of gone) this.#hits.delete(id);
    return gone.length;
  }

  async #pixels(): Promise<PixelWithHits[]> {
    const pixels = await this.pixelsByCode([...this.#minted.keys()]);
    return [...pixels.values()].map((pixel) => ({ pixel, hits: this.#opens(pixel.code) }));
  }

  /** Oldest first. */
  #opens(code: string): JudgedHit[] {
    const hits = [...this.#hits.values()];
    return inOrder(hits.filter(({ event }) => event.kind === 'open' && event.code === code));
  }

  #mayFail(): void {
    if (this.failure !== null) throw this.failure;
  }
}

function withOwn(hit: JudgedHit, own: OwnSign | null): JudgedHit {
  return { ...hit, judgement: { ...hit.judgement, own } };
}

function inOrder(hits: Iterable<JudgedHit>): JudgedHit[] {
  const spoken = ({ id, event }: JudgedHit): { id: EventId; at: number } => ({ id, at: event.at });
  return [...hits].toSorted((a, b) => compareSpoken(spoken(a), spoken(b)));
}

/** Negative when the hit comes before the place, 0 when it is there. */
function comesTo({ id, event }: JudgedHit, place: HitPlace): number {
  const at = parseEventId(place.id);
  if (at === null) throw new RangeError(`not an event's id: ${place.id}`);
  return compareSpoken({ id, at: event.at }, { id: at, at: place.at });
}
