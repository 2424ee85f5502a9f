// Lets web pages of other origins use the API, if an operator names these origins (CORS_ORIGINS): with a
// bearer token of their own, never with somebody's cookie. Without the option nothing here does anything.

import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { CORS_REMEMBERED_SECONDS } from '../limits.ts';
import type { Api } from './schema.ts';

const METHODS = 'GET, HEAD, POST, PATCH, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, last-event-id';
/** What a page may read besides the body. */
const EXPOSED_HEADERS =
  'content-disposition, idempotency-replayed, location, retry-after, www-authenticate, x-request-id';

/** To be called before whatever refuses requests: a preflight has neither token nor route. */
export function allowOrigins(app: Api, { corsOrigins }: Pick<Config, 'corsOrigins'>): void {
  if (corsOrigins.length === 0) return;
  const allowed = new Set(corsOrigins);
  app.addHook('onRequest', async (request, reply) => {
    if (!isOffered(request)) return;
    // Also where there is no origin: a cache must not hand one page's answer to another.
    reply.header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return;
    // Without Access-Control-Allow-Credentials, so that browsers keep what came of a cookie to themselves.
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', EXPOSED_HEADERS);
    const isPreflight =
      request.method === 'OPTIONS' &&
      request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return;
    await reply
      .code(204)
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': CORS_REMEMBERED_SECONDS,
      })
      .send();
  });
}

/** The API, but for signing in: a session is for pages of this server. */
function isOffered({ url }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return path.startsWith('/v1/') && path !== '/v1/session';
}
