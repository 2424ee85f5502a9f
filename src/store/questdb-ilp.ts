// Writing to QuestDB with its official client: ILP over HTTP, one request a transaction, acknowledged
// when it is in the table's log. What was not acknowledged is written again by the loader, which changes
// nothing (upsert keys).

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createTransport, SenderOptions, type SenderTransport } from '@questdb/nodejs-client';
import { QUESTDB_WRITE_BYTES_PER_S, QUESTDB_WRITE_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { questdbError } from './questdb-error.ts';
import { StoreError } from './store.ts';

const PORT = 9000;
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
  readonly #place: string;

  constructor(connString: string, ilpUrl: string | null, log: Logger) {
    const url = ilpUrl === null ? derived(connString) : new URL(ilpUrl);
    const secure = url.protocol === 'https:';
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
    this.#place = url.host;
    const settings = {
      addr: `${url.hostname}:${url.port || (secure ? 443 : PORT)}`,
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
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

  close(): void {
    this.#agent.destroy();
  }

  #failure(error: unknown): StoreError {
    const status = /statusCode=(\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const where = `QuestDB at ${this.#place} (QUESTDB_ILP)`;
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

/** The HTTP door of the server that the PostgreSQL URL names. */
function derived(connString: string): URL {
  const { hostname, username, password } = new URL(connString);
  const url = new URL(`http://${hostname}:${PORT}`);
  url.username = username;
  url.password = password;
  return url;
}
