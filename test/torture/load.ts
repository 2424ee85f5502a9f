// The load of a torture, run as a process of its own so that no blow can hit its memory: it keeps what was
// sent and answered, marker by marker, and writes that down when it is told to stop.

import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../server.ts';
import { Client, type ClientEvents, type Manner } from './client.ts';
import { Fate } from './ledger.ts';
import { isVisit, markedRequest } from './marker.ts';
import { Chance } from './random.ts';

export interface LoadOrder {
  readonly port: number;
  readonly token: string;
  readonly seed: number;
  /** Requests a second, while the server answers. */
  readonly rate: number;
  readonly connections: number;
  /** The sending ends by itself at so many. */
  readonly markersMax: number;
  /** Pixels to look at; without any the load mints its own. */
  readonly codes?: readonly string[];
  /** Where the fates are written in the end: one byte a marker. */
  readonly fatesPath: string;
}

export interface LoadCounts {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Requests whose reply never came whole. */
  readonly broken: number;
  /** Pixels whose minting was acknowledged. */
  readonly minted: number;
  /** Times that a pixel was looked at and its report then asked for, and given. */
  readonly reports: number;
}

export type LoadMessage =
  | { readonly type: 'progress'; readonly counts: LoadCounts }
  | {
      readonly type: 'done';
      readonly counts: LoadCounts;
      /** Codes whose minting was acknowledged. */
      readonly codes: readonly string[];
      /** What the server may never do, in words: a few at most. */
      readonly strange: readonly string[];
    };

const TICK_MS = 5;
const PROGRESS_MS = 50;
const MINT_MS = 200;
const LAST_REPLIES_MS_MAX = 5_000;
const STRANGE_MAX = 10;
/** What the API may say while its process is down, or has not caught up. */
const NOT_NOW: ReadonlySet<number> = new Set([502, 503, 504]);
/** One in so many requests of an impatient connection is abandoned. */
const PATIENCE = 10;
const MANNERS: readonly Manner[] = ['patient', 'patient', 'pipelining', 'fresh', 'impatient'];

class Load implements ClientEvents {
  readonly #order: LoadOrder;
  readonly #chance: Chance;
  readonly #fates: Uint8Array;
  readonly #clients: Client[] = [];
  readonly #codes: string[];
  readonly #strange: string[] = [];
  readonly #counts = { sent: 0, acknowledged: 0, refused: 0, broken: 0, minted: 0, reports: 0 };
  #turn = 0;
  #next = 0;
  #stopping = false;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#chance = new Chance(order.seed);
    this.#codes = [...(order.codes ?? [])];
    this.#fates = new Uint8Array(order.markersMax);
    for (let index = 0; index < order.connections; index += 1) {
      const manner = MANNERS[index % MANNERS.length] ?? 'patient';
      this.#clients.push(new Client(order.port, manner, this));
    }
  }

  replied(marker: number, status: number): void {
    if (status === 200) {
      this.#fates[marker] = Fate.acknowledged;
      this.#counts.acknowledged += 1;
    } else if (status === 503) {
      this.#fates[marker] = Fate.refused;
      this.#counts.refused += 1;
    } else {
      this.strange(`status ${status} for marker ${marker}`);
    }
  }

  broken(markers: readonly number[]): void {
    this.#counts.broken += markers.length;
  }

  strange(what: string): void {
    if (this.#strange.length < STRANGE_MAX) this.#strange.push(what);
  }

  get counts(): LoadCounts {
    return { ...this.#counts };
  }

  async run(): Promise<void> {
    let budget = 0;
    let last = performance.now();
    while (!this.#stopping) {
      await sleep(TICK_MS);
      const now = performance.now();
      // What a dead server did not take is not made up for later: that would be a flood, not a load.
      budget = Math.min(budget + ((now - last) * this.#order.rate) / 1_000, this.#order.rate / 10);
      last = now;
      budget -= this.#sendUpTo(budget);
    }
  }

  /** Mints a pixel now and then, looks at it once and reads that back; then all others look at it. */
  async mint(): Promise<void> {
    while (!this.#stopping && this.#order.codes === undefined) {
      const code = await this.#mintOne();
      if (code !== null) {
        await this.#readOwnWrite(code);
        this.#codes.push(code);
        this.#counts.minted += 1;
      }
      await sleep(MINT_MS);
    }
  }

  /** Waits for the replies that are under way, writes the fates down and returns the last message. */
  async stop(): Promise<LoadMessage> {
    this.#stopping = true;
    const until = Date.now() + LAST_REPLIES_MS_MAX;
    while (this.#clients.some((client) => client.waiting) && Date.now() < until)
      await sleep(TICK_MS);
    for (const client of this.#clients) client.close();
    writeFileSync(this.#order.fatesPath, this.#fates.subarray(0, this.#next));
    return { type: 'done', counts: this.counts, codes: this.#codes, strange: this.#strange };
  }

  #sendUpTo(budget: number): number {
    let sent = 0;
    for (let tried = 0; tried < this.#clients.length && sent < budget; tried += 1) {
      this.#turn = (this.#turn + 1) % this.#clients.length;
      const client = this.#clients[this.#turn];
      if (client?.idle === true) sent += this.#sendThrough(client);
    }
    return sent;
  }

  #sendThrough(client: Client): number {
    const code = this.#codes.at(-1);
    const markers: number[] = [];
    while (markers.length < client.appetite) {
      // Without a pixel there is nothing to look at yet.
      const marker = this.#claim((candidate) => code !== undefined || isVisit(candidate));
      if (marker === null) break;
      markers.push(marker);
    }
    if (markers.length === 0) return 0;
    client.send(markers, code ?? '');
    if (client.manner === 'impatient' && this.#chance.between(1, PATIENCE) === 1) {
      setTimeout(() => client.abandon(), this.#chance.between(0, 3));
    }
    return markers.length;
  }

  /** The next marker that suits, now counted as sent; null when they are used up. */
  #claim(suits: (marker: number) => boolean): number | null {
    while (this.#next < this.#order.markersMax) {
      const marker = this.#next;
      this.#next += 1;
      if (!suits(marker)) continue;
      this.#fates[marker] = Fate.sent;
      this.#counts.sent += 1;
      return marker;
    }
    return null;
  }

  async #mintOne(): Promise<string | null> {
    const answer = await this.#api('/v1/api/gen-image');
    if (answer === null) return null;
    return (JSON.parse(answer) as { unique_code: string }).unique_code;
  }

  /** A report that comes at all must know the pixel, and its open if that was acknowledged before. */
  async #readOwnWrite(code: string): Promise<void> {
    // A pixel may be minted after the fates were written down: a look at it would be nobody's.
    if (this.#stopping) return;
    const marker = this.#claim((candidate) => !isVisit(candidate));
    if (marker === null) return;
    const { path, referrer, agent, address } = markedRequest(marker, code);
    const headers = { Referer: referrer, 'User-Agent': agent, 'X-Forwarded-For': address };
    const look = await get(this.#url(path), headers).catch(() => null);
    if (look === null) this.broken([marker]);
    else this.replied(marker, look.status);
    const report = await this.#api(`/v1/api/info/${code}`);
    if (report === null) return;
    this.#counts.reports += 1;
    const opens = (JSON.parse(report) as { total_opens: number }).total_opens;
    const right = look?.status === 200 ? opens === 1 : opens <= 1;
    if (!right) this.strange(`${opens} opens of ${code}, whose one look got ${look?.status}`);
  }

  /** The text of a 200; null when the API cannot be reached or says that it cannot answer now. */
  async #api(path: string): Promise<string | null> {
    const headers = { Authorization: `Bearer ${this.#order.token}` };
    const answer = await get(this.#url(path), headers).catch(() => null);
    if (answer === null) return null;
    if (answer.status === 200) return answer.body.toString();
    if (!NOT_NOW.has(answer.status)) this.strange(`status ${answer.status} for ${path}`);
    return null;
  }

  #url(path: string): string {
    return `http://127.0.0.1:${this.#order.port}${path}`;
  }
}

function tell(message: LoadMessage): void {
  process.send?.(message);
}

process.once('message', (order: LoadOrder) => {
  const load = new Load(order);
  const progress = setInterval(() => tell({ type: 'progress', counts: load.counts }), PROGRESS_MS);
  const work = Promise.all([load.run(), load.mint()]);
  process.once('message', () => {
    clearInterval(progress);
    void load
      .stop()
      .then(tell)
      .then(() => work)
      .then(() => process.disconnect());
  });
});
process.once('disconnect', () => process.exit(0));
