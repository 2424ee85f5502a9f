// QuestDB's HTTP door, through which it takes writes. Its official client does the writing: ILP, one request
// a transaction, acknowledged when it is in the table's log. What was not acknowledged is written again by
// the loader, which changes nothing (upsert keys).

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createTransport, SenderOptions, type SenderTransport } from '@questdb/nodejs-client';
import {
  QUESTDB_CONNECT_MS_MAX,
  QUESTDB_WRITE_BYTES_PER_S,
  QUESTDB_WRITE_MS_MAX,
} from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { questdbError } from './questdb-error.ts';
import { type HttpDoor, httpDoor, placeOf } from './questdb-place.ts';
import { StoreError } from './store.ts';

const EMPTY = Buffer.from('\n');

/** What the statuses mean that need somebody's help; every other one may pass by itself. */
const MEANING: Readonly<Record<string, string>> = {
  400: 'it does not take our lines: has somebody altered the tables? Its own log says what was wrong',
  401: 'it refuses the user or the password',
  403: 'it refuses the user or the password',
  404: 'it is no QuestDB',
  405: 'it is no QuestDB',
  421: 'it is read-only',
};

export class Ilp {
  readonly #transport: SenderTransport;
  readonly #agent: HttpAgent;
  readonly #door: HttpDoor;

  /** Throws {@link StoreError} for a URL that cannot be read. */
  constructor(connString: string, ilpUrl: string | null, log: Logger) {
    this.#door = httpDoor(connString, ilpUrl);
    const { secure, host, port, user, password } = this.#door;
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
    const settings = {
      addr: `host:${port}`,
      username: user,
      password,
      // Fixed, else the client asks the server at first; nothing that we write differs between the
      // versions.
      protocol_version: '1',
      // Its other transport tries again by itself, in which time nobody would know what is wrong.
      stdlib_http: 'on',
      retry_timeout: '0',
      request_timeout: String(QUESTDB_WRITE_MS_MAX),
      request_min_throughput: String(QUESTDB_WRITE_BYTES_PER_S),
    };
    const text = Object.entries(settings)
      .filter(([, value]) => value !== '')
      .map(([key, value]) => `${key}=${value.replaceAll(';', ';;')}`);
    const options = new SenderOptions(`${secure ? 'https' : 'http'}::${text.join(';')}`, {
      agent: this.#agent,
      log: (level, message) => log.debug({ level }, `QuestDB client: ${String(message)}`),
    });
    // Its text has no way to write an IPv6 address.
    options.host = host;
    this.#transport = createTransport(options);
  }

  /** Writes the lines of one table in one transaction. Throws {@link StoreError}. */
  async send(lines: Buffer): Promise<void> {
    try {
      await this.#transport.send(lines);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Whether the server would take writes, told without writing anything. Throws {@link StoreError}. */
  async probe(): Promise<void> {
    await this.send(EMPTY);
  }

  /**
   * The first value that a query has at this door; null when it has none or is refused. Throws
   * {@link StoreError} when nobody answers.
   */
  async ask(sql: string): Promise<unknown> {
    const { secure, user, password } = this.#door;
    const protocol = secure ? 'https' : 'http';
    const url = new URL(`${protocol}://${placeOf(this.#door)}/exec`);
    url.searchParams.set('query', sql);
    const secret = Buffer.from(`${user}:${password}`).toString('base64');
    try {
      const answer = await fetch(url, {
        headers: user === '' ? {} : { Authorization: `Basic ${secret}` },
        signal: AbortSignal.timeout(QUESTDB_CONNECT_MS_MAX),
      });
      const text = await answer.text();
      return answer.ok ? firstValue(text) : null;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /**
   * Writes go through a new connection from now on: on an old one QuestDB (9.3.4) acknowledges what it writes
   * to a table that was dropped, although another one of that name is there.
   */
  renew(): void {
    this.#agent.destroy();
  }

  close(): void {
    this.#agent.destroy();
  }

  #failure(error: unknown): StoreError {
    const status = /statusCode=(\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const where = `QuestDB at ${placeOf(this.#door)} (QUESTDB_ILP)`;
    if (status === undefined) {
      const { message } = questdbError(error);
      return new StoreError(message.replace(/^QuestDB/, where), true, { cause: error });
    }
    const meaning = MEANING[status];
    return new StoreError(
      `${where} does not take writes: ${meaning ?? 'it fails'} (status ${status})`,
      meaning === undefined,
      { cause: error },
    );
  }
}

/** Of an answer such as `{"columns":[…],"dataset":[["2026-…"]],"count":1}`. */
function firstValue(text: string): unknown {
  try {
    const { dataset } = JSON.parse(text) as { dataset?: unknown };
    const [row] = Array.isArray(dataset) ? (dataset as unknown[]) : [];
    return Array.isArray(row) ? (row[0] as unknown) : null;
  } catch {
    return null;
  }
}
