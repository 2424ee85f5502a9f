// Whatever goes wrong leaves this server as one kind of document, RFC 9457's problem+json: routes that
// refuse, requests that Fastify or Node's parser turn away, unknown paths, and our own mistakes (told to
// the log only).

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { StoreError } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import { problem, type Problem, PROBLEM_TYPE } from '../telemetry/problem.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { Refusal, tryAgain } from './refusal.ts';
import type { Api } from './schema.ts';

/** Answers with `document`, which gets the request's id as its `instance`. */
function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  document: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  // Fastify closes the connection when it refuses a body. A collector that still sends us the rest would then
  // find a broken pipe instead of this answer; Node reads that rest away, within REQUEST_MS_MAX.
  reply.removeHeader('connection');
  // A reply is also a promise of its end, which nobody here waits for.
  void reply
    .code(document.status)
    .headers({ ...SECURITY_HEADERS, ...headers })
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send({ ...document, instance: `urn:uuid:${request.id}` });
}

/** The answer to an error that a route, a hook or Fastify itself threw. */
export function answerFailures(log: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    if (error instanceof Refusal) {
      sendProblem(request, reply, error.problem, error.headers);
      return;
    }
    const { id, method } = request;
    const route = request.routeOptions?.url;
    if (error instanceof StoreError) {
      const { retryable } = error;
      // What the store itself says may name hosts and tables, which is for the operator.
      const detail = retryable
        ? 'right now'
        : 'until somebody mends it; its log says what is wrong';
      const facts = { err: error, request: id, method, route };
      if (retryable) log.warn(facts, 'the store failed; the caller may retry');
      else log.error(facts, 'the store failed, and does not come back by itself');
      const { problem: document, headers } = tryAgain(`the store cannot answer ${detail}`);
      sendProblem(request, reply, document, retryable ? headers : {});
      return;
    }
    const { statusCode = 500 } = error;
    // Fastify's own refusals (media type, size, percent-encoding) speak of the request only.
    if (error.code?.startsWith('FST_') && statusCode >= 400 && statusCode < 500) {
      // A bad path is not said back; it may be 16 kB long.
      const isBadUrl = error.code === 'FST_ERR_BAD_URL';
      const detail = isBadUrl ? 'the path is not well percent-encoded' : error.message;
      sendProblem(request, reply, problem(statusCode, detail));
      return;
    }
    // The caller went in the middle of its request. The metrics count it; nobody reads the answer.
    if (request.raw.destroyed && !request.raw.complete) {
      sendProblem(request, reply, problem(400, 'the request is not whole'));
      return;
    }
    log.error({ err: error, request: id, method, route }, 'a request failed');
    sendProblem(request, reply, problem(500, 'this is our mistake; the log knows more'));
  };
}

/**
 * Unknown paths are 404; known ones asked in a way they do not know are 405 and say what they know. Both
 * before the body is read, which may be long in coming.
 */
export function refuseUnknownRoutes(app: Api): void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methodsOf.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    methodsOf.set(url, known);
  });
  app.addHook('onRequest', async (request) => {
    if (!request.is404) return;
    const path = request.url.split(/[?#]/, 1)[0] ?? '';
    for (const [pattern, methods] of methodsOf) {
      if (!matches(pattern, path)) continue;
      const allow = [...methods].toSorted().join(', ');
      throw new Refusal(405, `this path knows ${allow}`, {}, { allow });
    }
    throw new Refusal(404, 'there is nothing at this path');
  });
}

/** Whether `path` is of the shape of a route's `pattern` (`/info/:code`), whatever the method. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => part === given[i] || (part.startsWith(':') && given[i] !== ''))
  );
}

const STATUS_OF_PARSER_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** The answer to bytes that Node's parser takes for no request: there is no request object to answer to. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const document = problem(STATUS_OF_PARSER_ERROR[error.code ?? ''] ?? 400);
  const body = JSON.stringify(document);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${document.status} ${document.title}\r\n${lines.join('')}\r\n`;
  // Not destroyed at once: a reset could overtake the answer.
  socket.end(head + body, () => socket.destroySoon());
}
