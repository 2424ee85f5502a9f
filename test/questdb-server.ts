// A real QuestDB for tests, benchmarks and people who want to try it: on loopback, on free ports, in a
// folder of its own, and ended by its pid. Killing and starting it again keeps ports and folder, as a
// crash of the real one would.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { questdbJar, questdbMissing } from '../scripts/questdb-jar.ts';
import { freePort, signal } from './server.ts';

const START_MS_MAX = 60_000;
const ATTEMPTS = 3;
const USER = 'admin';
/** What it logs when all of its doors are open. */
const READY = 'server-main enjoy';

/** For `skip`: false when the server can be started, else why not. */
export const noQuestdb: string | false = questdbMissing() ?? false;

export interface QuestdbSettings {
  /** Left there afterwards; a temporary folder that is removed when left out. */
  readonly folder?: string;
  readonly pgPort?: number;
  readonly httpPort?: number;
  /** Further lines of its server.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly heapMiB?: number;
  /** Made up when left out. */
  readonly password?: string;
}

export class QuestdbServer {
  readonly folder: string;
  readonly password: string;
  readonly connString: string;
  readonly ilpUrl: string;
  readonly #heapMiB: number;
  readonly #temporary: boolean;
  #process: ChildProcess | null = null;
  #exited: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, pgPort: number, httpPort: number, given: QuestdbSettings) {
    this.folder = folder;
    this.#heapMiB = given.heapMiB ?? 1_024;
    this.#temporary = given.folder === undefined;
    // Its own for each, so that nobody who was given a port a moment too late writes into another's server.
    this.password = given.password ?? randomBytes(8).toString('hex');
    this.connString = `postgresql://${USER}:${this.password}@127.0.0.1:${pgPort}/qdb`;
    this.ilpUrl = `http://${USER}:${this.password}@127.0.0.1:${httpPort}`;
  }

  /** Resolves when it answers. */
  static async start(given: QuestdbSettings = {}): Promise<QuestdbServer> {
    for (let attempt = 1; ; attempt++) {
      const server = await QuestdbServer.#prepared(given);
      try {
        await server.startAgain();
        return server;
      } catch (error) {
        await server.end();
        // Somebody else took a port that was free when it was looked for.
        if (given.pgPort !== undefined || attempt === ATTEMPTS) throw error;
      }
    }
  }

  static async #prepared(given: QuestdbSettings): Promise<QuestdbServer> {
    const folder = given.folder ?? (await mkdtemp(join(tmpdir(), 'truepixel-questdb-')));
    const pgPort = given.pgPort ?? (await freePort());
    const httpPort = given.httpPort ?? (await freePort());
    const server = new QuestdbServer(folder, pgPort, httpPort, given);
    await mkdir(join(folder, 'conf'), { recursive: true });
    const lines = Object.entries({
      'http.bind.to': `127.0.0.1:${httpPort}`,
      'pg.net.bind.to': `127.0.0.1:${pgPort}`,
      'line.tcp.enabled': 'false',
      'http.min.enabled': 'false',
      'telemetry.enabled': 'false',
      'pg.user': USER,
      'pg.password': server.password,
      'http.user': USER,
      'http.password': server.password,
      ...given.settings,
    }).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(join(folder, 'conf', 'server.conf'), lines.join(''));
    return server;
  }

  /** The environment with which Truepixel uses it. */
  get env(): Record<string, string> {
    return { CONN_STRING: this.connString, QUESTDB_ILP: this.ilpUrl };
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  /** On the same ports, with the same data. */
  async startAgain(): Promise<void> {
    const logged = (await this.#log()).length;
    const log = await open(join(this.folder, 'server.log'), 'a');
    const words = [
      `-Xmx${this.#heapMiB}m`,
      '-p',
      questdbJar,
      '-m',
      'io.questdb/io.questdb.ServerMain',
    ];
    const child = spawn('java', [...words, '-d', this.folder], {
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    this.#process = child;
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    const until = Date.now() + START_MS_MAX;
    for (;;) {
      const said = (await this.#log()).slice(logged);
      if (said.includes(READY)) return;
      if (child.exitCode !== null || Date.now() > until) {
        throw new Error(`QuestDB did not start:\n${said.slice(-4_000)}`);
      }
      await sleep(50);
    }
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    signal(this.pid, 'SIGKILL');
    await this.#exited;
  }

  async stop(): Promise<void> {
    signal(this.pid, 'SIGTERM');
    await this.#exited;
  }

  /** Ends it, and removes its folder if that was its own. */
  async end(): Promise<void> {
    await this.kill();
    if (this.#temporary) await rm(this.folder, { recursive: true, force: true });
  }

  async #log(): Promise<string> {
    return await readFile(join(this.folder, 'server.log'), 'utf8').catch(() => '');
  }
}
