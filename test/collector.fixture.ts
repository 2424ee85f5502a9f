// One collector with a journal that does as it is told, and a client that speaks raw bytes, for the tests
// of what a collector does on the wire.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Admission } from '../src/collector/admission.ts';
import { ClientAddresses } from '../src/collector/client-address.ts';
import { Collect } from '../src/collector/collect.ts';
import { Collector } from '../src/collector/collector.ts';
import { Discretion, needsVisitors } from '../src/collector/discretion.ts';
import { OwnBrowsers } from '../src/collector/own-browsers.ts';
import type { Config } from '../src/config/config.ts';
import { OPTION_NAMES, OPTIONS } from '../src/config/options.ts';
import { ensureRunDir, storeSocket } from '../src/config/paths.ts';
import { CodeAuthority } from '../src/hit/code.ts';
import { decodeRecords } from '../src/hit/encoding.ts';
import { type Hit, isHit } from '../src/hit/event.ts';
import type { AppendOutcome, JournalStats, JournalWriter, Waiter } from '../src/journal/journal.ts';
import type { Readiness } from '../src/telemetry/control.ts';
import { Judge } from '../src/verdict/judge.ts';
import { PrefixTable } from '../src/verdict/networks/prefix-table.ts';

const WAIT_MS_MAX = 10_000;
export const TOKEN = 'a-token-for-collectors-0123456789';
export const CODE_SECRET: Buffer = Buffer.alloc(32, 1);
export const CODES: CodeAuthority = new CodeAuthority(CODE_SECRET);
/** Nothing was said of any pixel since it was minted. */
export const NO_MODES = { find: () => null, onChange: null };
const JUDGE = new Judge({
  apple: new PrefixTable([]),
  scanners: new PrefixTable([]),
  countries: null,
});
/** A head that the fast lane takes, but for its request line. */
export const HEADERS = 'Host: pixels.example\r\nUser-Agent: Tester/1.0\r\n\r\n';
export const TRACK: string = `GET /track HTTP/1.1\r\n${HEADERS}`;
/** The same request in a form that the fast lane leaves to Node's server. */
export const TRACK_BY_NODE: string = `GET /track HTTP/1.1\r\nUpgrade: no\r\n${HEADERS}`;

/** Keeps records in memory and settles them in the next turn of the event loop, or as a test wishes. */
export class FakeJournal implements JournalWriter {
  onCommit: JournalWriter['onCommit'] = null;
  /** What each append is answered. */
  outcome: AppendOutcome = 'queued';
  /** Whether commits succeed. */
  works = true;
  /** While true nobody is told anything. */
  holds = false;
  state: JournalStats['state'] = 'open';
  readonly #records: Buffer[] = [];
  #waiting: Waiter[] = [];

  append(record: Uint8Array, length: number, waiter: Waiter): AppendOutcome {
    if (this.outcome !== 'queued') return this.outcome;
    this.#records.push(Buffer.from(record.subarray(0, length)));
    this.#waiting.push(waiter);
    if (this.#waiting.length === 1) setImmediate(() => this.holds || this.release());
    return 'queued';
  }

  /** Tells all who wait. */
  release(): void {
    const settled = this.#waiting;
    this.#waiting = [];
    for (const waiter of settled) waiter.settled(this.works);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** In the order of their appends, kept or not. */
  get hits(): Hit[] {
    const hits: Hit[] = [];
    const records = Buffer.concat(this.#records);
    decodeRecords({ writer: '0'.repeat(16), segment: 1, offset: 0, records }, ({ event }) => {
      if (isHit(event)) hits.push(event);
    });
    return hits;
  }

  get stats(): JournalStats {
    const { state } = this;
    const records = this.#records.length;
    return {
      slot: 'fake',
      state,
      lastError: null,
      batches: 0,
      records,
      bytes: 0,
      failedBatches: 0,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The hot path alone, with whole configuration but for `overrides`. */
export function collectInto(
  journal: FakeJournal,
  overrides: Partial<Config> = {},
): { collect: Collect; addresses: ClientAddresses } {
  const config = { ...defaultConfig('/nowhere'), ...overrides };
  const addresses = new ClientAddresses(config);
  const judge = (): Judge => JUDGE;
  const salts = { current: () => CODE_SECRET };
  const collect = new Collect({
    admission: new Admission({ codes: CODES, modes: NO_MODES, config }),
    addresses,
    journal,
    ownBrowsers: new OwnBrowsers(CODE_SECRET),
    discretion: new Discretion({ config, addresses, judge, salts }),
    keepsAll: !needsVisitors(config),
  });
  return { collect, addresses };
}

export interface Running {
  readonly port: number;
  readonly dataDir: string;
  readonly journal: FakeJournal;
  readonly collector: Collector;
}

/** A collector on a free port of 127.0.0.1, gone at the test's end. */
export async function startCollector(
  test: TestContext,
  overrides: Partial<Config> = {},
  readiness: Record<string, Readiness> = {},
): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-collector-'));
  const config = { ...defaultConfig(dataDir), ...overrides };
  const journal = new FakeJournal();
  const collector = new Collector({
    config,
    journal,
    codes: CODES,
    modes: NO_MODES,
    codeSecret: CODE_SECRET,
    judge: () => JUDGE,
    salts: { current: () => CODE_SECRET },
    apiToken: TOKEN,
    metrics: () => Promise.resolve('a_metric 1\n'),
    readiness: () => Promise.resolve(readiness),
  });
  const port = await collector.listen();
  test.after(async () => {
    journal.holds = false;
    journal.release();
    await collector.drain();
    await rm(dataDir, { recursive: true });
  });
  return { port, dataDir, journal, collector };
}

const PROCESS = fileURLToPath(new URL('collector.process.ts', import.meta.url));

interface Started {
  readonly port: number;
  readonly slot: string;
  readonly pid: number;
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** A collector as a process of its own, with a real journal, that has said that it is ready. */
export async function startProcess(
  test: TestContext,
  dataDir: string,
  overrides: Partial<Config> = {},
): Promise<Started> {
  const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const;
  const settings = JSON.stringify({ apiToken: TOKEN, ...overrides });
  const child = fork(PROCESS, [dataDir, settings], { stdio: [...stdio] });
  test.after(() => child.kill('SIGKILL'));
  const { stderr, pid } = child;
  assert.ok(stderr !== null && pid !== undefined);
  const ready = await new Promise<{ port: number; slot: string }>((resolve, reject) => {
    createInterface({ input: stderr }).on('line', (line) => {
      const said = JSON.parse(line) as { msg: string; port: number; slot: string };
      if (said.msg === 'collector is ready') resolve(said);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ended = once(child, 'exit');
    child.kill(signal);
    return ((await ended) as [number | null])[0];
  };
  return { port: ready.port, slot: ready.slot, pid, stop };
}

export function defaultConfig(dataDir: string): Config {
  const config: Record<string, unknown> = {};
  for (const name of OPTION_NAMES) config[name] = OPTIONS[name].fallback(config as never);
  return { ...(config as unknown as Config), dataDir, host: '127.0.0.1', port: 0 };
}

export interface Reply {
  readonly status: number;
  /** Status line and headers as they came. */
  readonly head: string;
  /** By lower-case name; of several the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A connection that sends bytes as given and reads replies one by one. */
export class Client {
  readonly socket: Socket;
  /** Resolves when the connection is gone, by its end or by a reset. */
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #onNews: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#onNews();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#isClosed = true;
        this.#onNews();
        resolve();
      };
      socket.on('end', end);
      socket.on('close', end);
    });
  }

  static async open(test: TestContext, port: number): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    test.after(() => socket.destroy());
    const client = new Client(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Resolves when the kernel has the bytes. */
  send(bytes: string | Buffer): Promise<void> {
    const raw = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    return new Promise((resolve) => {
      this.socket.write(raw, () => resolve());
    });
  }

  /** The next whole reply; `bodyless` after HEAD. Rejects when the connection ends before it. */
  async reply(bodyless = false): Promise<Reply> {
    const headEnd = await this.#until(() => {
      const place = this.#received.indexOf('\r\n\r\n');
      return place < 0 ? null : place + 4;
    });
    const head = this.#received.toString('latin1', 0, headEnd);
    const lines = head.trimEnd().split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(': ');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 2);
    }
    const length = bodyless ? 0 : Number(headers['content-length'] ?? 0);
    await this.#until(() => (this.#received.length >= headEnd + length ? true : null));
    const body = this.#received.subarray(headEnd, headEnd + length);
    this.#received = this.#received.subarray(headEnd + length);
    return { status: Number(head.slice(9, 12)), head, headers, body };
  }

  /** What came and no `reply` has taken, once `text` is in it. */
  async text(text: string): Promise<string> {
    await this.#until(() => (this.#received.includes(text) ? true : null));
    return this.#received.toString('latin1');
  }

  get unread(): Buffer {
    return this.#received;
  }

  async #until<T>(found: () => T | null): Promise<T> {
    const deadline = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const result = found();
      if (result !== null) return result;
      assert.ok(!this.#isClosed, `the connection ended after ${this.#received.toString('latin1')}`);
      assert.ok(Date.now() < deadline, 'no reply in time');
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
        setTimeout(resolve, 1_000).unref();
      });
    }
  }
}

/** One request on a connection of its own. */
export async function exchange(
  test: TestContext,
  port: number,
  request: string | Buffer,
  bodyless = false,
): Promise<Reply> {
  const client = await Client.open(test, port);
  await client.send(request);
  const reply = await client.reply(bodyless);
  client.socket.destroy();
  return reply;
}

/** Waits for something that comes by itself. */
export async function eventually(what: () => boolean, message: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (!what()) {
    assert.ok(Date.now() < deadline, message);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

export function assertProblem(reply: Reply, status: number): void {
  assert.equal(reply.status, status);
  assert.equal(reply.headers['content-type'], 'application/problem+json');
  const body = JSON.parse(reply.body.toString()) as { status: number; title: string };
  assert.equal(body.status, status);
}

/** Listens where the store process would. */
async function listen(t: TestContext, running: Running, answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await ensureRunDir(running.dataDir);
  await new Promise<void>((resolve) => {
    server.listen(storeSocket(running.dataDir), resolve);
  });
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return server;
}

/** A collector, and behind it a store process that answers so. */
export async function startWithStore(
  t: TestContext,
  answer: RequestListener,
  overrides: Partial<Config> = {},
): Promise<Running> {
  const running = await startCollector(t, overrides);
  await listen(t, running, answer);
  return running;
}
