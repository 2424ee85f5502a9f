// A store process that tells what it was asked, and watches how: every byte that the collector passes on is
// read by Node and by the strictest reader too, and both must have seen the same.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { StrictOrigin } from './strict-origin.ts';

/** What the store process was asked, without what the collector says of the client. */
export interface Passed {
  readonly method: string;
  readonly url: string;
  /** A character is a byte. */
  readonly body: string;
}

/** What the store process answers: the facts, so that a reply shows whose it is. */
export function answerTo({ method, url, body }: Passed): string {
  return JSON.stringify({ method, url, body: createHash('sha1').update(body).digest('hex') });
}

/** Says so before it has read the body, and closes. */
export const HASTY_PATH = '/v1/hasty';

export class TellingStore {
  /** By the client's address, as the collector believes it. */
  readonly passed = new Map<string, Passed[]>();
  /** What was passed on that could be read in two ways; null while there is no such thing. */
  fault: string | null = null;
  readonly #server = createServer((message, response) => void this.#tell(message, response));
  readonly #origins = new Map<Socket, StrictOrigin>();

  constructor() {
    this.#server.on('connection', (socket) => {
      const origin = new StrictOrigin();
      this.#origins.set(socket, origin);
      // Behind Node's own listener, so that both have read the same by the time that anybody answers.
      socket.on('data', (bytes) => {
        origin.take(bytes);
        this.fault ??= origin.fault;
      });
      socket.on('close', () => {
        if (origin.requests.length > 1) this.fault ??= 'more requests than Node saw';
        this.#origins.delete(socket);
      });
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(path, resolve);
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #tell(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers, socket } = message;
    if (url.startsWith(HASTY_PATH)) {
      response.writeHead(413, { Connection: 'close', 'Content-Length': 0 }).end();
      return;
    }
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of message) chunks.push(chunk as Buffer);
    } catch {
      // The client went in the middle of its body; the collector has let go of us.
      return;
    }
    const body = Buffer.concat(chunks).toString('latin1');
    const asked: Passed = { method, url, body };
    const strictly = JSON.stringify(this.#origins.get(socket)?.requests.shift() ?? null);
    if (strictly !== JSON.stringify(asked)) {
      this.fault ??= `Node reads ${JSON.stringify(asked)}, the strict reader ${strictly}`;
    }
    const client = String(headers['x-forwarded-for']);
    this.passed.set(client, [...(this.passed.get(client) ?? []), asked]);
    const told = answerTo(asked);
    // Both ways to say where an answer ends.
    if (url.includes('chunked')) response.write(told.slice(0, 5));
    else response.setHeader('Content-Length', told.length);
    response.end(url.includes('chunked') ? told.slice(5) : told);
  }
}
