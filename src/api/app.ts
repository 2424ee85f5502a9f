// The API and the dashboard as one Fastify application, put together from what it is given and not yet
// listening: the store process decides where (its unix socket, and API_PORT when set).

import Fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import {
  BODY_BYTES_MAX,
  KEEP_ALIVE_MS_MAX,
  REQUEST_HEAD_BYTES_MAX,
  REQUEST_HEAD_MS_MAX,
  REQUEST_MS_MAX,
} from '../limits.ts';
import { serveDashboard } from './dashboard.ts';
import { answerFailures, refuseUnknownRoutes, refuseUnreadable } from './failures.ts';
import { allowOrigins } from './cors.ts';
import { Guard, guardRoutes } from './guard.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { measureRequests } from './metrics.ts';
import { serveDocument } from './document.ts';
import { serveMetrics, serveStatus } from './operations.ts';
import { serveExports } from './export.ts';
import { serveHits } from './hits.ts';
import { serveLive } from './live.ts';
import type { ApiParts } from './parts.ts';
import { serveCampaigns } from './campaigns.ts';
import { serveClaims } from './claims.ts';
import { serveErasures } from './erasures.ts';
import { serveOwnBrowser, serveOwnLinks } from './own-browser.ts';
import { serveMinting } from './minting.ts';
import { servePixelHits } from './pixel-hits.ts';
import { servePixelList } from './pixel-list.ts';
import { servePixels } from './pixels.ts';
import { serveReclassifications } from './reclassifications.ts';
import { serveRecipients } from './recipients.ts';
import { Refusal } from './refusal.ts';
import { type Api, serialize, validate } from './schema.ts';
import { demandScopes } from './scoped.ts';
import { serveSettings } from './settings.ts';
import { serveSession } from './session.ts';
import { serveTokens } from './tokens.ts';
import { serveStatistics } from './statistics.ts';
import { serveTrackPixel } from './trackpixel.ts';

export function createApi(parts: ApiParts): Api {
  const failed = answerFailures(parts.log);
  // Fastify knows nothing of scopes in the types of its routes.
  const app = Fastify({
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
  }) as unknown as Api;
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
  allowOrigins(app, parts.config);
  refuseUnknownRoutes(app);
  demandScopes(app);
  const guard = new Guard(parts);
  guardRoutes(app, guard);
  serveAll(app, parts, guard);
  return app;
}

/**
 * Each route says in its own definition who may ask it (scoped.ts): `{ config: { scope: 'read' }, … }`,
 * with `read` for whatever only looks, `mint` for making and changing pixels, `admin` for all else, and
 * `none` for what anybody may have. The guard goes by that and by nothing else.
 */
function serveAll(app: Api, parts: ApiParts, guard: Guard): void {
  serveStatus(app, parts);
  serveSettings(app, parts);
  serveSession(app, guard);
  serveTokens(app, parts);
  serveMetrics(app, parts);
  serveDashboard(app, parts);
  serveDocument(app, parts.config);
  serveOwnBrowser(app, parts);
  serveTrackPixel(app, parts);
  serveMinting(app, parts, guard);
  servePixelList(app, parts);
  servePixels(app, parts);
  servePixelHits(app, parts);
  serveCampaigns(app, parts);
  serveClaims(app, parts);
  serveErasures(app, parts);
  serveRecipients(app, parts);
  serveOwnLinks(app, parts);
  serveReclassifications(app, parts);
  serveStatistics(app, parts);
  serveHits(app, parts);
  serveLive(app, parts);
  serveExports(app, parts);
}
