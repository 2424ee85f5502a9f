// Passes what is no image on to the store process over its unix socket, streaming both ways: exports of
// any size and server-sent events go through, back-pressure and a client's or the store's end included. A
// store that is down, slow or overrun is a problem document, never a hang; and no client may have more than
// a share of what can be under way.

import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import {
  FORWARD_BODY_MS_MAX,
  FORWARD_MS_MAX,
  FORWARDS_MAX,
  FORWARDS_PER_CLIENT_MAX,
} from '../limits.ts';
import { answerProblem } from './answer.ts';
import type { ClientAddresses, Peer } from './client-address.ts';
import type { Counters, ForwardOutcome } from './counters.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forward-headers.ts';

const RETRY_SECONDS = 1;
const NO_ANSWER = 'the store process does not answer';

interface ForwardParts {
  readonly socketPath: string;
  readonly addresses: ClientAddresses;
  readonly counters: Counters;
  /** What is said while nobody answers; left out where that is a fault. */
  readonly noAnswer?: string;
  /** How long the store process may take to begin its answer. */
  readonly answerMsMax?: number;
  /** How long the client may send nothing of a body that is not whole. */
  readonly bodyMsMax?: number;
}

/** A socket, and what stands for one (gate.ts). */
interface Resettable {
  readonly resetAndDestroy?: () => unknown;
}

/** One request on its way. */
interface Passage {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: string;
  readonly headers: string[];
  readonly hasBody: boolean;
  outcome: ForwardOutcome | null;
  upstream: ClientRequest | null;
  /** The answer is one, which has no end of its own. */
  isEventStream: boolean;
}

export class Forward {
  readonly #parts: ForwardParts;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: FORWARDS_MAX });
  readonly #open = new Set<Passage>();
  /** How many of them are each client's. */
  readonly #byClient = new Map<string, number>();

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  /** Answers `message` with what the store process says to it. `target` is in origin form. */
  pass(message: IncomingMessage, response: ServerResponse, target: string, peer: Peer): void {
    const { addresses, counters } = this.#parts;
    if (this.#open.size >= FORWARDS_MAX) {
      counters.forwards['store-busy']++;
      answerBusy(response, 503, 'too many requests are under way');
      return;
    }
    const client = addresses.client(peer, message.headersDistinct['x-forwarded-for']?.join(', '));
    if ((this.#byClient.get(client) ?? 0) >= FORWARDS_PER_CLIENT_MAX) {
      counters.forwards['client-busy']++;
      answerBusy(response, 429, 'too many requests of this client are under way');
      return;
    }
    const passage: Passage = {
      message,
      response,
      target,
      headers: forwardedRequestHeaders(message, client, peer),
      hasBody: hasBody(message),
      outcome: null,
      upstream: null,
      isEventStream: false,
    };
    this.#open.add(passage);
    this.#count(client, 1);
    // Fires at the end of every answer and when the client goes away before it.
    response.on('close', () => {
      this.#open.delete(passage);
      this.#count(client, -1);
      counters.forwards[passage.outcome ?? 'client-gone']++;
      const { upstream } = passage;
      // Also behind a whole answer: what is left of the body is for nobody.
      if (!response.writableFinished || upstream?.writableFinished === false) upstream?.destroy();
    });
    this.#send(passage, this.#agent);
  }

  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  /** Event streams would go on for ever: they end, and their clients come back to another collector. */
  drain(): void {
    for (const { response, upstream, isEventStream } of this.#open) {
      if (!isEventStream) continue;
      response.end();
      upstream?.destroy();
    }
  }

  /** Breaks off what is under way and lets the connections go. */
  close(): void {
    for (const { response } of this.#open) response.destroy();
    this.#agent.destroy();
  }

  #count(client: string, change: 1 | -1): void {
    const count = (this.#byClient.get(client) ?? 0) + change;
    if (count === 0) this.#byClient.delete(client);
    else this.#byClient.set(client, count);
  }

  #send(passage: Passage, agent: Agent | false): void {
    const { message, response, target, headers } = passage;
    const { method } = message;
    let upstream: ClientRequest;
    try {
      upstream = request({
        socketPath: this.#parts.socketPath,
        method,
        path: target,
        headers,
        agent,
        setDefaultHeaders: false,
      });
    } catch {
      // Node refuses to send what its own parser let through (bytes past ASCII in a path).
      fail(passage, 'invalid', 400, 'this request cannot be passed on');
      return;
    }
    passage.upstream = upstream;
    const { answerMsMax = FORWARD_MS_MAX, bodyMsMax = FORWARD_BODY_MS_MAX } = this.#parts;
    const giveUp = (): void => {
      if (passage.hasBody && !message.complete) {
        fail(passage, 'client-slow', 408, `nothing more of the body within ${bodyMsMax} ms`);
      } else fail(passage, 'store-slow', 504, `no answer within ${answerMsMax} ms`);
    };
    let timer = setTimeout(giveUp, passage.hasBody ? bodyMsMax : answerMsMax);
    upstream.on('close', () => clearTimeout(timer));
    upstream.on('error', () => {
      if (passage.outcome !== null || response.destroyed) return;
      // A kept connection that the store closed as we used it; nothing was read of this request.
      if (upstream.reusedSocket && !passage.hasBody) this.#send(passage, false);
      else fail(passage, 'store-down', 503, this.#parts.noAnswer ?? NO_ANSWER);
    });
    upstream.on('response', (answer) => {
      clearTimeout(timer);
      relay(passage, answer);
    });
    if (passage.hasBody) {
      // The store's time runs from the end of the body.
      message.on('data', () => timer.refresh());
      message.on('end', () => {
        clearTimeout(timer);
        if (passage.outcome === null) timer = setTimeout(giveUp, answerMsMax);
      });
      message.pipe(upstream);
    } else upstream.end();
  }
}

/** The store's answer, as it comes. */
function relay(passage: Passage, answer: IncomingMessage): void {
  const { response } = passage;
  if (passage.outcome !== null || response.headersSent) {
    answer.destroy();
    return;
  }
  passage.outcome = 'answered';
  passage.isEventStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
  // The store refuses a body before its end: what is left of it would be taken for nothing by nobody.
  if (!passage.message.complete) response.shouldKeepAlive = false;
  response.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage,
    forwardedResponseHeaders(answer),
  );
  // An event stream's head must not wait for its first event.
  response.flushHeaders();
  answer.on('error', () => {
    if (response.destroyed || response.writableEnded) return;
    passage.outcome = 'broken';
    // Where no chunks say how long the answer is, its end and a connection's look the same; a reset does not.
    const socket: Resettable | null = response.socket;
    if (!response.chunkedEncoding) socket?.resetAndDestroy?.();
  });
  // Whichever side ends early takes the other with it; the passage is counted when the response closes.
  pipeline(answer, response, () => undefined);
}

/** Ends the request with a problem, once, and lets go of the store's side of it. */
function fail(passage: Passage, outcome: ForwardOutcome, status: number, detail: string): void {
  const { message, response, upstream } = passage;
  if (passage.outcome !== null) return;
  passage.outcome = outcome;
  if (upstream !== null) message.unpipe(upstream);
  upstream?.destroy();
  // A body that nobody reads any more would keep the connection busy for as long as the client likes.
  if (passage.hasBody) response.shouldKeepAlive = false;
  if (status === 503) answerBusy(response, status, detail);
  else answerProblem(response, status, detail);
}

function answerBusy(response: ServerResponse, status: 429 | 503, detail: string): void {
  answerProblem(response, status, detail, { 'Retry-After': String(RETRY_SECONDS) });
}

function hasBody(message: IncomingMessage): boolean {
  return (
    message.headers['transfer-encoding'] !== undefined ||
    Number(message.headers['content-length'] ?? 0) > 0
  );
}
