// The victim of a torture: one installation that is struck by pid and comes back. A supervisor that ends,
// whether by our hand or by its own choice, is started again, as an operator's service manager would.

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptySmallDisk, fillSmallDisk } from '../small-disk.ts';
import { processesOf, Server, signal, type ServerOptions } from '../server.ts';
import type { Chance } from './random.ts';

export type Blow =
  /** kill -9 of one collector. */
  | 'collector'
  | 'store'
  /** kill -9 of the supervisor; its children are left to themselves. */
  | 'supervisor'
  /** kill -9 of every process, as a power cut without the power. */
  | 'everything'
  /** SIGTERM: not a kill, and nothing that was sent in time may even be refused a reply. */
  | 'restart'
  /** The visit log is renamed, and the store process told so half of the time. */
  | 'rotation'
  /** The disk is full for a moment; only where it is a small one of the torture's own. */
  | 'full disk';

const WEIGHTS: Readonly<Record<Blow, number>> = {
  collector: 9,
  store: 6,
  supervisor: 4,
  everything: 3,
  restart: 2,
  rotation: 3,
  'full disk': 0,
};
/** On a small disk; it is full often enough to meet every other blow. */
const FULL_DISK_WEIGHT = 6;

const HARMLESS: ReadonlySet<Blow> = new Set<Blow>(['restart', 'rotation', 'full disk']);

export const isKill = (blow: Blow): boolean => !HARMLESS.has(blow);

const FULL_MS_MAX = 2_000;
const RESTART_DELAY_MS_MAX = 300;
const RECOVERY_MS_MAX = 120_000;

export class Installation {
  readonly #options: ServerOptions;
  readonly #weights: Readonly<Record<Blow, number>>;
  readonly #chance: Chance;
  readonly #rotated: string[] = [];
  /** Each end of the supervisor that nobody asked for, in words. */
  readonly gaveUp: string[] = [];
  #server: Server;
  #expected = false;
  #over = false;
  readonly #kept: Promise<void>;

  /** `smallDisk`: the data folder is a disk of its own that may be filled, see small-disk.ts. */
  constructor(options: ServerOptions, smallDisk: boolean, chance: Chance) {
    this.#options = options;
    this.#weights = smallDisk ? { ...WEIGHTS, 'full disk': FULL_DISK_WEIGHT } : WEIGHTS;
    this.#chance = chance;
    this.#server = new Server(options);
    this.#kept = this.#keep();
  }

  get server(): Server {
    return this.#server;
  }

  /** The visit log's files, the present one last. */
  get visitLogs(): readonly string[] {
    return [...this.#rotated, this.#visitLog];
  }

  chooseBlow(): Blow {
    return this.#chance.weighted(this.#weights);
  }

  /** False when there was nobody to strike just now. */
  strike(blow: Blow): boolean {
    if (blow === 'rotation') return this.#rotate();
    if (blow === 'full disk') return this.#fillDisk();
    if (blow === 'collector' || blow === 'store') {
      const victim = this.#chance.oneOf(this.#server.pids(blow));
      return victim !== undefined && signal(victim, 'SIGKILL');
    }
    if (this.#server.exit !== null) return false;
    this.#expected = true;
    if (blow === 'everything') {
      for (const { pid } of processesOf(this.#options.dataDir)) signal(pid, 'SIGKILL');
      return true;
    }
    return signal(this.#server.pid, blow === 'restart' ? 'SIGTERM' : 'SIGKILL');
  }

  /** Waits until it runs again, however often it has to be started for that. */
  async recovered(): Promise<void> {
    const until = Date.now() + RECOVERY_MS_MAX;
    for (;;) {
      const server = this.#server;
      try {
        // A server that was struck may not have felt it yet.
        if (!this.#expected) return await server.ready();
      } catch (error) {
        if (server.exit === null || Date.now() > until) throw error;
      }
      await sleep(20);
    }
  }

  /** Waits until the store has everything that was acknowledged, which is when it gives a report. */
  async settled(): Promise<void> {
    const until = Date.now() + RECOVERY_MS_MAX;
    for (;;) {
      await this.recovered();
      const answer = await this.#server.api('/v1/api/info/AAAAAAAAAAAAAAAA').catch(() => null);
      if (answer !== null && answer.status !== 503) return;
      if (Date.now() > until) throw new Error(`the store does not settle:\n${this.#server.stderr}`);
      await sleep(20);
    }
  }

  /** A last SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#over = true;
    const exit = await this.#server.stop();
    await this.#kept;
    return exit.code;
  }

  /** No more starts, and whatever runs is left as it is: for the end of a torture that went wrong. */
  abandon(): void {
    this.#over = true;
  }

  async #keep(): Promise<void> {
    for (;;) {
      const server = this.#server;
      const { code, signal: name } = await server.exited;
      if (this.#over) return;
      if (!this.#expected) {
        this.gaveUp.push(
          `the supervisor ended with ${code ?? name}: ${server.stderr.slice(-2_000)}`,
        );
      }
      this.#expected = false;
      await sleep(this.#chance.between(0, RESTART_DELAY_MS_MAX));
      if (this.#over) return;
      this.#server = new Server(this.#options);
    }
  }

  #fillDisk(): boolean {
    const { dataDir } = this.#options;
    fillSmallDisk(dataDir);
    setTimeout(() => emptySmallDisk(dataDir), this.#chance.between(0, FULL_MS_MAX));
    return true;
  }

  get #visitLog(): string {
    return join(this.#options.dataDir, 'visits.log');
  }

  #rotate(): boolean {
    const renamed = `${this.#visitLog}.${this.#rotated.length + 1}`;
    try {
      renameSync(this.#visitLog, renamed);
    } catch {
      return false; // Not there yet, or renamed a moment ago and not begun anew.
    }
    this.#rotated.push(renamed);
    const store = this.#server.pids('store')[0];
    if (store !== undefined && this.#chance.next() < 0.5) signal(store, 'SIGHUP');
    return true;
  }
}
