// One run of load, measured from both sides: what wrk saw, and what processor time the server took for it.
// Counts what was acknowledged, so that the journal can be held against it afterwards.

import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../test/read-journal.ts';
import { processorSeconds } from './machine.ts';
import { wrk, type WrkOptions } from './wrk.ts';

export interface Timed {
  /** Replies a second. */
  readonly rate: number;
  readonly replies: number;
  /** Processor seconds a second, of all the processes together. */
  readonly busy: number;
  /** Replies per second of processor time. */
  readonly work: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** The proof that every reply was durable: what wrk saw, and what was in the journal afterwards. */
export interface DurableCount {
  readonly acknowledged: number;
  readonly inJournal: number;
  /** Requests that were under way when wrk stopped listening: kept perhaps, though nobody counted them. */
  readonly inFlightMax: number;
  readonly honest: boolean;
}

export interface Run extends WrkOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Whose processor time is counted. */
  readonly pids: readonly number[];
}

export class Meter {
  #acknowledged = 0;
  #inFlightMax = 0;

  /** Throws when a reply was not 200 or a connection broke. */
  async run({ url, connections, seconds, pids, ...how }: Run): Promise<Timed> {
    await sleep(200); // Whatever the run before left behind is done by then.
    const usedBefore = total(pids);
    const run = await wrk(url, connections, seconds, how);
    const used = total(pids) - usedBefore;
    const { replies, notOk, broken, p50Ms, p99Ms, p999Ms } = run;
    if (notOk + broken > 0) throw new Error(`${url}: not all were 200: ${JSON.stringify(run)}`);
    this.#acknowledged += replies;
    this.#inFlightMax += connections;
    const rate = replies / run.seconds;
    return { rate, replies, busy: used / run.seconds, work: replies / used, p50Ms, p99Ms, p999Ms };
  }

  /** Counts a stopped collector's journal against what wrk acknowledged. */
  async countDurable(dataDir: string): Promise<DurableCount> {
    let inJournal = 0;
    const damage = await readJournal(dataDir, () => {
      inJournal += 1;
    });
    const [acknowledged, inFlightMax] = [this.#acknowledged, this.#inFlightMax];
    const surplus = inJournal - acknowledged;
    const honest = damage.length === 0 && surplus >= 0 && surplus <= inFlightMax;
    return { acknowledged, inJournal, inFlightMax, honest };
  }
}

const total = (pids: readonly number[]): number =>
  pids.map(processorSeconds).reduce((sum, seconds) => sum + seconds, 0);
