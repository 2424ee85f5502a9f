// Starts the real server, with all of its processes, as an operator would; for tests and benchmarks that
// need the whole. What it started it ends by pid, and it finds the processes of one DATA_DIR by /proc alone.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../bin/truepixel.mjs', import.meta.url));

export const TEST_TOKEN = 'a-token-for-tests-only-0123456789';
/** Settings of every server that a test starts, as JSON: which store the whole end-to-end suite runs on. */
export const STORE_VARIABLE = 'TRUEPIXEL_TEST_STORE';
const GREETING = 'Truepixel is ready';
const READY_MS_MAX = 30_000;
const ANSWER_MS_MAX = 30_000;
const STOP_MS_MAX = 20_000;
const OUTPUT_CHARS_KEPT = 64 * 1024;

export interface ServerOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly command?: 'serve' | 'collect' | 'store';
  /** The settings by their environment names; API_TOKEN is {@link TEST_TOKEN} unless given (empty: unset). */
  readonly env?: Readonly<Record<string, string>>;
  /** Run through `bin/truepixel.mjs`, as people do, instead of straight from `src/main.ts`. */
  readonly throughLauncher?: boolean;
  /** Put in front of the command line, e.g. `['taskset', '-c', '0']`. */
  readonly prefix?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RunningProcess {
  readonly pid: number;
  /** The word behind `main.ts`: serve, collect, collector or store; `launcher` for bin/truepixel.mjs. */
  readonly role: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A port that is free now, below the range from which the kernel takes ports for outgoing connections: a
 * client of the same machine could otherwise sit on it while the server restarts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '0.0.0.0', () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (free) return port;
  }
}

/** One request on a connection of its own, so that no pool hides a dead server. Rejects when it breaks. */
export function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers, timeout: ANSWER_MS_MAX }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        resolve({
          status: reply.statusCode ?? 0,
          headers: reply.headers,
          body: Buffer.concat(chunks),
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer in time`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** Every live process whose environment names `dataDir`, whoever is its parent by now. Linux only. */
export function processesOf(dataDir: string): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0');
      if (!environment.includes(`DATA_DIR=${dataDir}`)) continue;
      const role = roleOf(readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0'));
      if (role !== null) found.push({ pid: Number(entry), role });
    } catch {
      // It ended between the listing and the look, which is an answer too.
    }
  }
  return found;
}

function roleOf(commandLine: readonly string[]): string | null {
  const main = commandLine.findIndex((word) => word.endsWith('/main.ts'));
  if (main !== -1) return commandLine[main + 1] ?? 'serve';
  return commandLine.some((word) => word.endsWith('truepixel.mjs')) ? 'launcher' : null;
}

/** Sends the signal; false when the process is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Ends whatever still runs for `dataDir` at once; for the clean-up behind a test, whatever its outcome. */
export async function endAll(dataDir: string): Promise<void> {
  for (let left = processesOf(dataDir); left.length > 0; left = processesOf(dataDir)) {
    for (const { pid } of left) signal(pid, 'SIGKILL');
    await sleep(20);
  }
}

export class Server {
  readonly baseUrl: string;
  readonly dataDir: string;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #options: ServerOptions;
  #exit: Exit | null = null;
  #stdout = '';
  #stderr = '';

  /** Only spawns: see {@link startServer} for one that answers. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.baseUrl = `http://127.0.0.1:${options.port}`;
    this.dataDir = options.dataDir;
    const entry = options.throughLauncher === true ? LAUNCHER : MAIN;
    const words = [...(options.prefix ?? []), process.execPath, entry, options.command ?? 'serve'];
    this.#process = spawn(words[0] ?? '', words.slice(1), {
      env: environmentOf(options),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.on('data', (text: Buffer) => {
      this.#stdout = (this.#stdout + text.toString()).slice(-OUTPUT_CHARS_KEPT);
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-OUTPUT_CHARS_KEPT);
    });
    this.exited = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('exit', (code, name) => {
        this.#exit = { code, signal: name };
        resolve(this.#exit);
      });
    });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** What it has written to stdout so far (the end of it, if it was long). */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Null while it runs. */
  get exit(): Exit | null {
    return this.#exit;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return get(this.baseUrl + path, headers);
  }

  /** An API request with the token; `base` is for an API_PORT of its own. */
  api(path: string, base: string = this.baseUrl): Promise<Answer> {
    const token = this.#options.env?.['API_TOKEN'] ?? TEST_TOKEN;
    return get(base + path, { Authorization: `Bearer ${token}` });
  }

  /** The pids of its processes of one role, e.g. `collector` or `store`. */
  pids(role: string): number[] {
    return processesOf(this.dataDir)
      .filter((running) => running.role === role)
      .map((running) => running.pid);
  }

  /** Resolves when it has greeted its operator: all of its processes answer. */
  async ready(): Promise<void> {
    const until = Date.now() + READY_MS_MAX;
    // Its port may answer earlier: the children of a killed predecessor are still draining then.
    for (;;) {
      if (this.#exit !== null) {
        throw new Error(`the server ended with ${JSON.stringify(this.#exit)}:\n${this.#stderr}`);
      }
      if (this.#stdout.includes(GREETING) || (await this.#answersAsStore())) return;
      if (Date.now() > until) throw new Error(`the server did not get ready:\n${this.#stderr}`);
      await sleep(10);
    }
  }

  /** `store` alone has no operator to greet. */
  async #answersAsStore(): Promise<boolean> {
    const { command, env = {} } = this.#options;
    if (command !== 'store') return false;
    return await get(`http://127.0.0.1:${env['API_PORT']}/v1/api/status`).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** SIGTERM, and then waits for its end. Throws when it does not end in time. */
  async stop(): Promise<Exit> {
    signal(this.pid, 'SIGTERM');
    const late = sleep(STOP_MS_MAX, null, { ref: false });
    const exit = await Promise.race([this.exited, late]);
    if (exit === null) throw new Error(`the server did not end in time:\n${this.#stderr}`);
    return exit;
  }
}

/** Whether the servers of this run have the embedded store. */
export const isEmbedded = (): boolean => process.env[STORE_VARIABLE] === undefined;

/** A server that answers; `endAll(dataDir)` afterwards. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const server = new Server(options);
  await server.ready();
  return server;
}

/** Nothing but what a program needs to run, so that a tester's own PORT or DATA_DIR stays out of it. */
function environmentOf(options: ServerOptions): Record<string, string> {
  const environment: Record<string, string> = {
    API_TOKEN: TEST_TOKEN,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    ...JSON.parse(process.env[STORE_VARIABLE] ?? '{}'),
    ...options.env,
    PORT: String(options.port),
    DATA_DIR: options.dataDir,
  };
  if (environment['API_TOKEN'] === '') delete environment['API_TOKEN'];
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
