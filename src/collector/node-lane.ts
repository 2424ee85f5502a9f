// Node's own http server for every connection that the fast lane does not understand: the other methods, odd
// heads, bodies, the API's paths. Images get the same treatment here, only slower.

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  KEEP_ALIVE_MS_MAX,
  REQUEST_HEAD_BYTES_MAX,
  REQUEST_HEAD_MS_MAX,
  REQUEST_HEADERS_MAX,
  REQUEST_MS_MAX,
} from '../limits.ts';
import { type ImageOutcome, imageStatus } from './admission.ts';
import { answerProblem } from './answer.ts';
import type { Peer } from './client-address.ts';
import type { Collect } from './collect.ts';
import type { Counters } from './counters.ts';
import type { Forward } from './forward.ts';
import { Gate } from './gate.ts';
import { IMAGE_HEADERS, IMAGES } from './image.ts';
import type { Operations } from './operations.ts';
import { PixelRequest, readMessage } from './request.ts';

interface NodeLaneParts {
  readonly collect: Collect;
  readonly counters: Counters;
  readonly operations: Operations;
  /** Null: the API has a port of its own. */
  readonly forward: Forward | null;
}

/** How often Node looks for requests that take too long. */
const CHECK_MS = 1_000;
const IMAGE_METHODS = 'GET, HEAD, OPTIONS';

/** Read and used up within one call, so one serves all connections. */
const request = new PixelRequest();

export class NodeLane {
  readonly #parts: NodeLaneParts;
  readonly #server: Server;
  #answering = 0;
  #draining = false;

  constructor(parts: NodeLaneParts) {
    this.#parts = parts;
    this.#server = createServer({
      maxHeaderSize: REQUEST_HEAD_BYTES_MAX,
      headersTimeout: REQUEST_HEAD_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS_MAX,
      connectionsCheckingInterval: CHECK_MS,
      // Node would answer by itself, and nobody here would know that a reply is owed (see refuse).
      requireHostHeader: false,
    });
    // Node drops headers past this count without a word; refused is better (see #answer).
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', (message, response) => this.#answer(message, response));
    // An expectation that nobody knows (`Expect: foo`) may be ignored, and an image is an image.
    this.#server.on('checkExpectation', (message, response) => this.#answer(message, response));
    // Node would cut the connection behind its reply: a reset that overtakes it when more is on its way.
    this.#server.on('clientError', (error, stream) => (stream as Gate).refuse(refusalOf(error)));
    // Node closes the connection without a word where nobody listens.
    this.#server.on('connect', (_message, stream) => this.#refuseTunnel(stream as Gate));
    // The server never listens. Without this its time-outs would not run for connections handed to it.
    this.#server.emit('listening');
  }

  adopt(socket: Socket, peer: Peer, bytes: Buffer, clientEnded: boolean): void {
    this.#server.emit('connection', new Gate(socket, peer, bytes, clientEnded));
  }

  /** Closes idle connections, and each other one with its reply. */
  drain(): void {
    this.#draining = true;
    // Stops the time-outs' timer and closes idle connections; that it never listened is no news.
    this.#server.close(() => undefined);
  }

  get isBusy(): boolean {
    return this.#answering > 0;
  }

  #answer(message: IncomingMessage, response: ServerResponse): void {
    const { counters, operations, forward } = this.#parts;
    counters.requests.node++;
    this.#answering++;
    response.on('close', () => {
      this.#answering--;
      if (response.headersSent) counters.reply(response.statusCode);
    });
    if (this.#draining) response.shouldKeepAlive = false;
    // The connections of this server are what `adopt` hands it.
    const gate = message.socket as Duplex as Gate;
    gate.hold(message, response);
    const { peer } = gate;
    const target = originForm(message.url ?? '');
    const refusal = refuse(message, target);
    if (refusal !== null || target === null) {
      refuseWith(response, refusal ?? 400, message, target);
      return;
    }
    if (readMessage(message, target, request)) this.#image(message.method, response, peer);
    else if (operations.serve(pathOf(target), message, response)) return;
    else if (forward === null) answerProblem(response, 404, 'nothing is served at this path');
    else forward.pass(message, response, target, peer);
  }

  /** CONNECT asks for a proxy, which this is not. */
  #refuseTunnel(stream: Gate): void {
    const { counters } = this.#parts;
    counters.requests.node++;
    counters.reply(405);
    stream.write(TUNNEL_REFUSED);
    stream.destroySoon();
  }

  #image(method: string | undefined, response: ServerResponse, peer: Peer): void {
    const { collect, counters } = this.#parts;
    const { kind, format } = request;
    const reply = (outcome: ImageOutcome): void => {
      counters.image(kind, outcome);
      if (this.#draining) response.shouldKeepAlive = false;
      response.writeHead(imageStatus(outcome), IMAGE_HEADERS[format]);
      response.end(IMAGES[format]);
    };
    if (method === 'GET') {
      const outcome = collect.take(request, peer, {
        settled: (kept) => reply(kept ? 'kept' : 'commit-failed'),
      });
      if (outcome !== null) reply(outcome);
    } else if (method === 'HEAD') {
      counters.image(kind, 'head-not-counted');
      response.writeHead(200, IMAGE_HEADERS[format]).end();
    } else if (method === 'OPTIONS') {
      counters.image(kind, 'options-not-counted');
      response.writeHead(204, PREFLIGHT_HEADERS).end();
    } else {
      counters.image(kind, 'method-refused');
      response.writeHead(405, { Allow: IMAGE_METHODS, 'Content-Length': 0 }).end();
    }
  }
}

const PREFLIGHT_HEADERS = {
  Allow: IMAGE_METHODS,
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': IMAGE_METHODS,
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Max-Age': '86400',
};

const TUNNEL_REFUSED =
  `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${IMAGE_METHODS}\r\n` +
  'Content-Length: 0\r\nConnection: close\r\n\r\n';

/** What Node itself says to what it cannot read. */
function refusalOf(error: NodeJS.ErrnoException): string {
  const status = UNREADABLE[error.code ?? ''] ?? 400;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`;
}

const UNREADABLE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** A problem document, unless an image was asked for or nobody can say what. */
function refuseWith(
  response: ServerResponse,
  status: 400 | 431 | 505,
  message: IncomingMessage,
  target: string | null,
): void {
  const headers = { Connection: 'close' };
  if (target !== null && !readMessage(message, target, request)) {
    answerProblem(response, status, 'this request cannot be understood', headers);
  } else response.writeHead(status, { ...headers, 'Content-Length': 0 }).end();
}

/** The status of a request that is refused whatever it asks for. */
function refuse(message: IncomingMessage, target: string | null): 400 | 431 | 505 | null {
  const { headers, headersDistinct, rawHeaders, httpVersionMinor } = message;
  // Node's parser also lets HTTP/0.9 and HTTP/2.0 request lines through.
  if (message.httpVersionMajor !== 1) return 505;
  if (rawHeaders.length / 2 > REQUEST_HEADERS_MAX) return 431;
  // RFC 9112 §3.2: several hosts are 400, and so is HTTP/1.1 without one.
  const hosts = headersDistinct['host']?.length ?? 0;
  if (hosts > 1 || (hosts === 0 && httpVersionMinor === 1)) return 400;
  // Node reports a coding that it does not know only after the request. HTTP/1.0 has none (RFC 9112 §6.1).
  const coding = headers['transfer-encoding'];
  const isChunked = coding?.toLowerCase() === 'chunked' && httpVersionMinor === 1;
  if (coding !== undefined && !isChunked) return 400;
  return target === null ? 400 : null;
}

/**
 * The request target as path and query. The absolute form means the same (RFC 9112 §3.2.2), so its scheme and
 * authority are dropped; null for what is neither.
 */
function originForm(url: string): string | null {
  if (url.startsWith('/')) return url;
  const absolute = /^https?:\/\/[^/?#]+/i.exec(url);
  if (absolute === null) return null;
  const rest = url.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}
