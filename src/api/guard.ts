// Who may pass: looks at what a route says of itself (scoped.ts) and at what the request brings along, before
// anything of its body is read.

import type { FastifyRequest } from 'fastify';
import { bearerChallenge, bearerCheck } from '../telemetry/bearer.ts';
import { countRefusedTokens } from './metrics.ts';
import type { ApiParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import type { Api } from './schema.ts';

type Parts = Pick<ApiParts, 'config' | 'apiToken' | 'registry'>;

/** Refuses whoever may not ask a route. Routes that say no scope are for nobody but `admin`. */
export function guardRoutes(app: Api, parts: Parts): void {
  const demandToken = tokenDemand(parts);
  const isOpen = parts.config.apiAuth === 'none';
  app.addHook('onRequest', async (request) => {
    const { scope = 'admin' } = request.routeOptions.config;
    if (scope !== 'none' && !isOpen) demandToken(request);
  });
}

/** Lets only requests with the token pass. */
function tokenDemand(parts: Parts): (request: FastifyRequest) => void {
  const check = bearerCheck(parts.apiToken);
  const count = countRefusedTokens(parts.registry);
  return ({ raw }) => {
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
