// Gives the hits of a load their judgement: what each is by itself, what its circumstances make of it,
// whose look it was. Hits come about in the order of time; the state that circumstances need (who asked
// for what a moment ago, when mails were sent) is bounded, and taking the same load again changes
// nothing.

import { setImmediate as turn } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { Hit, JudgedHit, Note, Recorded } from '../hit/event.ts';
import { isPerson, type OwnSign, type Verdict } from '../hit/verdict.ts';
import { SENT_TIMES_MAX } from '../limits.ts';
import type { Store } from '../store/store.ts';
import type { Judge } from '../verdict/judge.ts';
import { ignoredNetworks } from '../verdict/networks/ignored.ts';
import type { PrefixTable } from '../verdict/networks/prefix-table.ts';
import { overlay } from '../verdict/overlay.ts';
import { RecentCodes } from '../verdict/recent-codes.ts';
import { viewerOf } from '../verdict/viewer.ts';

type JudgingConfig = Pick<
  Config,
  'scanNetworkSeconds' | 'scanSentSeconds' | 'scanCodesSeconds' | 'ignoredAddresses'
>;

/** Hits that are judged at once: what waits for the same thread, such as a commit, goes on in between. */
const HITS_PER_TURN = 1_000;

type SentTimes = ReadonlyMap<string, number | null>;

export class Judging {
  readonly #judge: Judge;
  readonly #config: JudgingConfig;
  readonly #store: Pick<Store, 'sentTimes'>;
  readonly #ignored: PrefixTable<true>;
  readonly #recent: RecentCodes;
  /** By code; null: nobody said when. */
  readonly #sent = new Map<string, number | null>();
  /** Whether there is a time among them: where nobody ever says one, no hit need be looked up. */
  #someSent = false;
  /** What the notes of the last load said, which the store may not have yet. */
  #said: SentTimes = new Map();

  constructor(judge: Judge, config: JudgingConfig, store: Pick<Store, 'sentTimes'>) {
    this.#judge = judge;
    this.#config = config;
    this.#store = store;
    this.#ignored = ignoredNetworks(config.ignoredAddresses);
    this.#recent = new RecentCodes(config.scanCodesSeconds);
  }

  /**
   * In the order given. `notes` are those of the same load; neither they nor those of the load before need be
   * in the store yet. Loads are judged one after the other. Throws StoreError.
   */
  async judge(
    hits: readonly Recorded<Hit>[],
    notes: readonly Recorded<Note>[],
  ): Promise<readonly JudgedHit[]> {
    await this.#learnSent(hits, sentTimesIn(notes));
    const judged = Array.from<JudgedHit>({ length: hits.length });
    // Several journals are read one after the other, and haste is a matter of order.
    for (const [count, i] of inOrderOfTime(hits).entries()) {
      if (count > 0 && count % HITS_PER_TURN === 0) await turn();
      judged[i] = this.#judged(hits[i] as Recorded<Hit>);
    }
    return judged;
  }

  /** Asks the store again when mails were sent: for who judges while others load what is said of that. */
  forgetSentTimes(): void {
    this.#sent.clear();
  }

  #judged({ id, event }: Recorded<Hit>): JudgedHit {
    const { withheld } = event;
    const own = this.#ownSign(event);
    const verdict = this.#overlaid(event, withheld?.verdict ?? this.#judge.judge(event));
    return { id, event, judgement: { verdict, own, viewer: viewerOf(event, verdict) } };
  }

  #overlaid(hit: Hit, verdict: Verdict): Verdict {
    const { code, at, withheld } = hit;
    if (code === null || !this.#someSent || !isPerson(verdict.class)) return verdict;
    // It takes two signs, and where nobody knows when the mail was sent only one can show: such codes are
    // not counted either, so that most installations need not remember any.
    const sentAt = this.#sent.get(code) ?? null;
    if (sentAt === null) return verdict;
    const address = withheld === undefined ? hit.address : (withheld.visitor ?? '');
    const circumstances = {
      secondsSinceSent: (at - sentAt) / 1e6,
      fromMailSecurity:
        withheld?.mailSecurity ?? this.#judge.scannerNetwork(hit.address)?.kind === 'mail-security',
      codesFromAddress: this.#recent.note(address, code, at),
    };
    const { scanNetworkSeconds: networkSeconds, scanSentSeconds: sentSeconds } = this.#config;
    return overlay(verdict, circumstances, { networkSeconds, sentSeconds });
  }

  #ownSign({ address, withheld, ownBrowser }: Hit): OwnSign | null {
    if (withheld?.ownAddress ?? this.#ignored.find(address) === true) return 'address';
    return ownBrowser ? 'browser' : null;
  }

  /** Asks the store only for codes that were not seen lately. */
  async #learnSent(hits: readonly Recorded<Hit>[], said: SentTimes): Promise<void> {
    const news = new Map([...this.#said, ...said]);
    this.#said = said;
    for (const code of said.keys()) this.#sent.delete(code);
    if (this.#sent.size > SENT_TIMES_MAX) this.#sent.clear();
    const asked = new Set<string>();
    for (const { event } of hits) {
      if (event.code !== null && !this.#sent.has(event.code)) asked.add(event.code);
    }
    if (asked.size === 0) return;
    const times = await this.#store.sentTimes([...asked]);
    for (const code of asked) {
      const sentAt = news.has(code) ? news.get(code) : times.get(code);
      this.#sent.set(code, sentAt ?? null);
      this.#someSent ||= typeof sentAt === 'number';
    }
  }
}

/** What notes say of when mails were sent; null: it was taken back. */
function sentTimesIn(notes: readonly Recorded<Note>[]): SentTimes {
  const times = new Map<string, number | null>();
  for (const { event } of notes.toSorted((a, b) => a.event.at - b.event.at)) {
    if (event.code === null || !('properties' in event)) continue;
    const sentAt = event.properties?.sentAt;
    if (sentAt !== undefined) times.set(event.code, sentAt);
  }
  return times;
}

function inOrderOfTime(hits: readonly Recorded<Hit>[]): Uint32Array {
  const order = new Uint32Array(hits.length).map((_, i) => i);
  const at = (i: number): number => (hits[i] as Recorded<Hit>).event.at;
  let sorted = true;
  for (let i = 1; i < hits.length && sorted; i++) sorted = at(i - 1) <= at(i);
  return sorted ? order : order.toSorted((a, b) => at(a) - at(b));
}
