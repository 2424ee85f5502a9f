// The API and the root page as one Fastify application, put together from what it is given and not yet
// listening: the store process decides where (its unix socket, and API_PORT when set).

import Fastify, { type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import {
  BODY_BYTES_MAX,
  KEEP_ALIVE_MS_MAX,
  REQUEST_HEAD_BYTES_MAX,
  REQUEST_HEAD_MS_MAX,
  REQUEST_MS_MAX,
} from '../limits.ts';
import { bearerChallenge, bearerCheck } from '../telemetry/bearer.ts';
import { answerFailures, refuseUnknownRoutes, refuseUnreadable } from './failures.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { countRefusedTokens, measureRequests } from './metrics.ts';
import { serveMetrics, serveStatus } from './operations.ts';
import { servePage } from './page.ts';
import type { ApiParts } from './parts.ts';
import { serveClaims } from './claims.ts';
import { serveErasures } from './erasures.ts';
import { serveOwnBrowser, serveOwnLinks } from './own-browser.ts';
import { servePixels } from './pixels.ts';
import { serveReclassifications } from './reclassifications.ts';
import { serveRecipients } from './recipients.ts';
import { Refusal } from './refusal.ts';
import { type Api, serialize, validate } from './schema.ts';
import { serveTrackPixel } from './trackpixel.ts';

export function createApi(parts: ApiParts): Api {
  const failed = answerFailures(parts.log);
  const app: Api = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS_MAX,
    // Node's own answer to a missing Host has no body; ours is below.
    http: {
      maxHeaderSize: REQUEST_HEAD_BYTES_MAX,
      headersTimeout: REQUEST_HEAD_MS_MAX,
      requireHostHeader: false,
    },
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      maxParamLength: REQUEST_HEAD_BYTES_MAX,
    },
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    // A request that came in before the end of the drain is answered, not turned away.
    return503OnClosing: false,
    frameworkErrors: failed,
    clientErrorHandler: refuseUnreadable,
  });
  app.setValidatorCompiler(validate);
  app.setSerializerCompiler(serialize);
  app.setErrorHandler(failed);
  measureRequests(app, parts.registry);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    const { httpVersion, headers } = request.raw;
    if (httpVersion === '1.1' && headers.host === undefined) {
      throw new Refusal(400, 'the Host header is missing');
    }
  });
  refuseUnknownRoutes(app);

  const { config } = parts;
  serveStatus(app, parts);
  servePage(app, config);
  serveOwnBrowser(app, parts);
  const demandToken = tokenDemand(parts);
  app.register(async (guarded: Api) => {
    if (config.apiAuth === 'token') guarded.addHook('onRequest', demandToken);
    serveTrackPixel(guarded, parts);
    servePixels(guarded, parts);
    serveClaims(guarded, parts);
    serveErasures(guarded, parts);
    serveRecipients(guarded, parts);
    serveOwnLinks(guarded, parts);
    serveReclassifications(guarded, parts);
  });
  app.register(async (guarded: Api) => {
    if (config.apiAuth === 'token' && config.metricsAuth === 'token') {
      guarded.addHook('onRequest', demandToken);
    }
    serveMetrics(guarded, parts);
  });
  return app;
}

/** A hook that lets only requests with the token pass. */
function tokenDemand(parts: ApiParts) {
  const check = bearerCheck(parts.apiToken);
  const count = countRefusedTokens(parts.registry);
  return async ({ raw }: FastifyRequest): Promise<void> => {
    const verdict = check(valuesOf(raw.rawHeaders, 'authorization'));
    if (verdict === 'right') return;
    count(verdict);
    const detail = {
      missing: 'this needs the API token: Authorization: Bearer …',
      malformed: 'Authorization must be one header with the scheme Bearer and one token',
      wrong: 'this is not the API token of this server',
    }[verdict];
    throw new Refusal(401, detail, {}, { 'www-authenticate': bearerChallenge(verdict) });
  };
}

/** Every value of header `name` (in lower case), where Node's `headers` would hide all but the first. */
function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
