// Who may pass: looks at what a route says of itself (scoped.ts) and at what the request brings along, before
// anything of its body is read.

import type { FastifyRequest } from 'fastify';
import type { Access, Caller, Denial } from '../access/access.ts';
import { allows } from '../access/scope.ts';
import { INSTALLATION } from '../access/token-list.ts';
import { TrustedProxies } from '../hit/trusted-proxies.ts';
import { bearerChallenge } from '../telemetry/bearer.ts';
import { clientAddress, valuesOf } from './client.ts';
import { countRefused } from './metrics.ts';
import type { ApiParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import { type Provenance, provenanceOf } from './same-origin.ts';
import type { Api } from './schema.ts';
import type { RouteScope } from './scoped.ts';
import { Underway } from './underway.ts';
import { readCookies, type SessionCookie, sessionCookie } from './session-cookie.ts';

type Parts = Pick<ApiParts, 'access' | 'registry'> & {
  readonly config: Pick<
    ApiParts['config'],
    'baseUrl' | 'apiPort' | 'trustedProxies' | 'corsOrigins'
  >;
};

const DETAILS: Readonly<Record<Exclude<Denial['reason'], 'limited'>, string>> = {
  missing: 'this needs a token (Authorization: Bearer …), or a browser that is signed in',
  malformed: 'Authorization must be one header with the scheme Bearer and one token',
  wrong: 'this is no token of this server, or it was revoked',
  'no-session': 'this browser is not signed in any more',
  'no-link': 'this link was used already, or is too old: truepixel token link prints another',
};

export class Guard {
  readonly access: Access;
  readonly cookie: SessionCookie;
  readonly #proxies: TrustedProxies;
  readonly #publicOrigin: string | null;
  readonly #corsOrigins: ReadonlySet<string>;
  readonly #count: ReturnType<typeof countRefused>;

  constructor({ access, registry, config }: Parts) {
    this.access = access;
    this.cookie = sessionCookie(config);
    this.#proxies = new TrustedProxies(config.trustedProxies);
    // An API with a port of its own is not what BASE_URL leads to.
    this.#publicOrigin = config.apiPort === null ? new URL(config.baseUrl).origin : null;
    this.#corsOrigins = new Set(config.corsOrigins);
    this.#count = countRefused(registry, () => access.attempts.networks);
  }

  /** Who asks a route that says `scope`; refuses whoever may not. */
  demand(request: FastifyRequest, scope: Exclude<RouteScope, 'none'>): Caller {
    const caller = this.identify(request);
    const { kind, name, scopes, tokenId } = caller;
    const isAllowed =
      scope === 'installation'
        ? tokenId === INSTALLATION || kind === 'open'
        : allows(scopes, scope);
    if (isAllowed) {
      this.#refuseForeign(request, kind, scope);
      return caller;
    }
    this.#count.forbidden('scope');
    const detail =
      scope === 'installation'
        ? 'this needs the installation’s own token (API_TOKEN)'
        : `this needs a token with the scope ${scope}; ${name} has ${scopes.join(', ')}`;
    // RFC 6750 §3.1
    const challenge = `${bearerChallenge('missing')}, error="insufficient_scope", scope="${scope}"`;
    throw new Refusal(403, detail, { scope }, { 'www-authenticate': challenge });
  }

  /** Who a request is of. Throws 401, and 429 for an address that has sent too many wrong tokens. */
  identify(request: FastifyRequest): Caller {
    const caller = this.access.identify({
      authorization: valuesOf(request, 'authorization'),
      cookies: this.cookies(request),
      address: this.address(request),
    });
    if ('reason' in caller) throw this.refusal(caller);
    return caller;
  }

  refusal(denial: Denial): Refusal {
    const { reason } = denial;
    this.#count.unauthorized(reason);
    if (reason !== 'limited') {
      const isNoToken = reason === 'no-session' || reason === 'no-link';
      const challenge = bearerChallenge(isNoToken ? 'missing' : reason);
      return new Refusal(401, DETAILS[reason], {}, { 'www-authenticate': challenge });
    }
    const seconds = String(Math.ceil(denial.waitMs / 1_000));
    const detail = `too many wrong tokens came from this address: try again in ${seconds} s`;
    return new Refusal(429, detail, {}, { 'retry-after': seconds });
  }

  cookies({ headers }: FastifyRequest): string[] {
    return readCookies(this.cookie, headers.cookie);
  }

  address(request: FastifyRequest): string | null {
    return clientAddress(request, this.#proxies);
  }

  /** Lets a request through when it comes from where it may come from; 403 else. */
  demandProvenance(request: FastifyRequest, ...allowed: readonly Provenance[]): void {
    const provenance = provenanceOf(request, this.#publicOrigin);
    if (allowed.includes(provenance)) return;
    this.#count.forbidden('foreign');
    const detail =
      provenance === 'foreign'
        ? 'this came from a page of another origin; behind a proxy, BASE_URL must say which one is ours'
        : 'a signed-in browser must say where this came from (Origin); programs send a token instead';
    throw new Refusal(403, detail);
  }

  /**
   * A browser sends its cookie, and reaches an API that asks nobody who they are, without being asked to by
   * the person before it: so what such a request changes must come from a page of ours.
   */
  #refuseForeign(request: FastifyRequest, kind: Caller['kind'], scope: RouteScope): void {
    if (kind === 'token') return;
    // TrackPixel's gen-image mints by a GET.
    const changes = scope === 'mint' || !['GET', 'HEAD'].includes(request.method);
    if (kind === 'session') {
      this.demandProvenance(request, 'own', ...(changes ? [] : (['silent'] as const)));
    } else if (changes && !this.#corsOrigins.has(request.headers.origin ?? '')) {
      this.demandProvenance(request, 'own', 'silent');
    }
  }
}

/** Refuses whoever may not ask a route. One that says no scope is for nobody but `admin`. */
export function guardRoutes(app: Api, guard: Guard): void {
  const underway = new Underway(guard.access);
  app.addHook('onClose', async () => underway.close());
  app.addHook('onRequest', async (request, reply) => {
    const { scope = 'admin' } = request.routeOptions.config;
    if (scope !== 'none') underway.add(reply.raw, guard.demand(request, scope));
  });
}
