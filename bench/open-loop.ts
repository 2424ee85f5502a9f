// Load at a rate that is given, whatever the server does: each request has a time at which it is due, and
// its latency counts from then, so that a server that stops for a while is not measured by the few requests
// that a client which waits for replies would have sent meanwhile (coordinated omission). wrk is such a one.
//
// `openLoop` runs this file as a process of its own, pinned to the load's core. It keeps as many connections
// as it is told and one request under way on each; a request that is due while all are busy waits, and that
// counts. What it costs itself is in the figures, so the same load is to be measured against nginx beside.
// Where it shares its core, it goes before all others there if it may (SCHED_FIFO, which root can): it stands
// for clients elsewhere, who would not wait for a process of the server to leave them the core.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Histogram } from './histogram.ts';
import { LOAD_CORE } from './machine.ts';

export interface OpenLoopOptions {
  readonly url: string;
  readonly requestsPerSecond: number;
  readonly connections: number;
  /** What is measured, after a second that is not. */
  readonly seconds: number;
  /**
   * Looks for replies and the next due time without a pause, to the microsecond; for a core that nobody else
   * needs. Otherwise it sleeps for a millisecond at a time, and goes before whoever shares the core.
   */
  readonly spin: boolean;
}

export interface OpenLoopRun {
  /** Replies a second within the time that is measured. */
  readonly repliesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** How late requests were sent: because all connections were busy, or the generator itself was. */
  readonly sentLateP99Ms: number;
}

const WARM_UP_SECONDS = 1;
const SETTLE_MS_MAX = 5_000;
const ACHIEVED_SHARE_MIN = 0.95;
const READ_BYTES = 4 * 1024;
const AGENTS = 24;
const OK = Buffer.from('HTTP/1.1 200 ');
const GO_FIRST = ['chrt', '--fifo', '1'];
const run = promisify(execFile);

/** The load was less than it was to be, so that its latencies say nothing of that rate. */
export class RateNotHeld extends Error {}

/** Throws when not every reply was 200; {@link RateNotHeld} when there were too few of them a second. */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopRun> {
  const words = [process.execPath, fileURLToPath(import.meta.url), JSON.stringify(options)];
  const first = !options.spin && (await mayGoFirst()) ? GO_FIRST : [];
  const { stdout } = await run('taskset', ['-c', String(LOAD_CORE), ...first, ...words]);
  const result = JSON.parse(stdout) as OpenLoopRun;
  const { url, requestsPerSecond } = options;
  if (result.repliesPerSecond < ACHIEVED_SHARE_MIN * requestsPerSecond) {
    const got = Math.round(result.repliesPerSecond);
    throw new RateNotHeld(`${url}: ${got} replies a second, not ${requestsPerSecond} as asked for`);
  }
  return result;
}

/** Whether this user may give a process the core before all others. */
export async function mayGoFirst(): Promise<boolean> {
  return await run('chrt', [...GO_FIRST.slice(1), 'true']).then(
    () => true,
    () => false,
  );
}

/** As browser.lua has them. */
function requestOf(url: URL, number: number): Buffer {
  const version = 120 + (number % AGENTS);
  return Buffer.from(
    [
      `GET ${url.pathname} HTTP/1.1`,
      `Host: ${url.host}`,
      'Connection: keep-alive',
      'sec-ch-ua-platform: "Windows"',
      'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
        `Chrome/${version}.0.0.0 Safari/537.36`,
      `sec-ch-ua: "Chromium";v="${version}", "Google Chrome";v="${version}", "Not_A Brand";v="24"`,
      'sec-ch-ua-mobile: ?0',
      'Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: no-cors',
      'Sec-Fetch-Dest: image',
      `Referer: https://shop.example/articles/2026/${version}/a-page-with-a-name-of-some-length`,
      'Accept-Encoding: gzip, deflate, br, zstd',
      'Accept-Language: en-US,en;q=0.9,de;q=0.8',
      '\r\n',
    ].join('\r\n'),
  );
}

/** All sockets read into the same bytes: each is done with them before the next one reads. */
const readBuffer = Buffer.alloc(READ_BYTES);

class Connection {
  readonly #request: Buffer;
  readonly #onReply: (connection: Connection) => void;
  readonly #onFailure: (error: Error) => void;
  readonly #socket: Socket;
  /** Of the first reply; all of one server's are as long as each other. */
  #replyBytes = 0;
  #got = 0;
  /** When the request under way was due, in milliseconds. */
  dueAt = 0;

  constructor(
    url: URL,
    request: Buffer,
    onReply: (connection: Connection) => void,
    onFailure: (error: Error) => void,
  ) {
    this.#request = request;
    this.#onReply = onReply;
    this.#onFailure = onFailure;
    const onread = { buffer: readBuffer, callback: (bytes: number) => this.#read(bytes) };
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true, onread });
    this.#socket.on('error', onFailure);
  }

  async connected(): Promise<void> {
    await once(this.#socket, 'connect');
    this.#socket.on('close', () => this.#onFailure(new Error('the server ended a connection')));
  }

  send(dueAt: number): void {
    this.dueAt = dueAt;
    this.#got = 0;
    this.#socket.write(this.#request);
  }

  #read(bytes: number): boolean {
    if (this.#got === 0) {
      if (readBuffer.compare(OK, 0, OK.length, 0, OK.length) !== 0) {
        const line = readBuffer.toString('latin1', 0, Math.min(bytes, 40));
        this.#onFailure(new Error(`not a reply with 200: ${line}`));
        return true;
      }
      if (this.#replyBytes === 0)
        this.#replyBytes = lengthOf(readBuffer.toString('latin1', 0, bytes));
    }
    this.#got += bytes;
    if (this.#got >= this.#replyBytes) this.#onReply(this);
    return true;
  }

  destroy(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }
}

function lengthOf(reply: string): number {
  const head = reply.indexOf('\r\n\r\n');
  const body = /\r\ncontent-length: *(\d+)\r\n/i.exec(reply.slice(0, head + 2))?.[1];
  if (head === -1 || body === undefined) throw new Error(`no reply of a known length: ${reply}`);
  return head + 4 + Number(body);
}

class Generator {
  readonly #options: OpenLoopOptions;
  readonly #latencies = new Histogram();
  readonly #delays = new Histogram();
  readonly #done = Promise.withResolvers<void>();
  readonly #connections: readonly Connection[];
  /** Those without a request under way, the one that rested longest first. */
  #idle: Connection[] = [];
  readonly #gapMs: number;
  readonly #first: number;
  readonly #count: number;
  #beganAt = 0;
  #next = 0;
  #replied = 0;
  #repliedInTime = 0;
  #stopped = false;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#gapMs = 1_000 / options.requestsPerSecond;
    this.#first = Math.round(WARM_UP_SECONDS * options.requestsPerSecond);
    this.#count = this.#first + Math.round(options.seconds * options.requestsPerSecond);
    const url = new URL(options.url);
    this.#connections = Array.from(
      { length: options.connections },
      (_, i) => new Connection(url, requestOf(url, i), this.#onReply, this.#done.reject),
    );
  }

  async run(): Promise<OpenLoopRun> {
    await Promise.all(this.#connections.map(async (each) => await each.connected()));
    this.#idle = [...this.#connections];
    this.#beganAt = performance.now();
    const tooLate = (WARM_UP_SECONDS + this.#options.seconds) * 1_000 + SETTLE_MS_MAX;
    const timer = setTimeout(() => {
      this.#done.reject(new Error(`${this.#count - this.#replied} requests have no reply`));
    }, tooLate);
    this.#turn();
    try {
      await this.#done.promise;
    } finally {
      this.#stopped = true;
      clearTimeout(timer);
      for (const connection of this.#connections) connection.destroy();
    }
    return {
      repliesPerSecond: this.#repliedInTime / this.#options.seconds,
      p50Ms: this.#latencies.quantileMs(0.5),
      p99Ms: this.#latencies.quantileMs(0.99),
      p999Ms: this.#latencies.quantileMs(0.999),
      maxMs: this.#latencies.quantileMs(1),
      sentLateP99Ms: this.#delays.quantileMs(0.99),
    };
  }

  readonly #turn = (): void => {
    if (this.#stopped) return;
    this.#sendDue(performance.now());
    if (this.#options.spin) setImmediate(this.#turn);
    else setTimeout(this.#turn, 1);
  };

  #sendDue(now: number): void {
    let used = 0;
    while (used < this.#idle.length && this.#next < this.#count) {
      const dueAt = this.#beganAt + this.#next * this.#gapMs;
      if (dueAt > now) break;
      if (this.#next >= this.#first) this.#delays.record((now - dueAt) * 1_000);
      this.#next += 1;
      this.#idle[used]?.send(dueAt);
      used += 1;
    }
    if (used > 0) this.#idle.splice(0, used);
  }

  readonly #onReply = (connection: Connection): void => {
    const now = performance.now();
    const sinceMs = connection.dueAt - this.#beganAt;
    // The requests' numbers are told by when they were due, half a gap beside for what rounding does.
    if (sinceMs > (this.#first - 0.5) * this.#gapMs) {
      this.#latencies.record((now - connection.dueAt) * 1_000);
    }
    const nowMs = now - this.#beganAt;
    const measuredFrom = this.#first * this.#gapMs;
    if (nowMs > measuredFrom && nowMs <= this.#count * this.#gapMs) this.#repliedInTime += 1;
    this.#replied += 1;
    this.#idle.push(connection);
    if (this.#replied === this.#count) this.#done.resolve();
    else this.#sendDue(now);
  };
}

if (import.meta.main) {
  const generator = new Generator(JSON.parse(process.argv[2] ?? '') as OpenLoopOptions);
  process.stdout.write(`${JSON.stringify(await generator.run())}\n`);
}
