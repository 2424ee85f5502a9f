// Every route says in its definition whom it answers: `{ config: { scope: 'read' }, schema: … }`. The type
// demands it of our routes, and an application with a route that does not say so never becomes ready.

import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifyTypeProvider,
  RawReplyDefaultExpression as RawReply,
  RawRequestDefaultExpression as RawRequest,
  RawServerDefault as RawServer,
  RouteGenericInterface,
  RouteHandlerMethod,
  RouteShorthandOptions,
} from 'fastify';
import type { Scope } from '../access/scope.ts';

/**
 * A scope: whoever has it. `none`: everybody. `installation`: only who has the installation's own token,
 * which is all that collectors know (`/metrics`, which they answer too).
 */
export type RouteScope = Scope | 'none' | 'installation';

export interface ScopedRoute {
  readonly url: string;
  readonly method: string | string[];
  readonly config?: { readonly scope?: RouteScope };
  readonly schema?: FastifySchema;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: RouteScope;
  }
  interface FastifyInstance {
    /** Every route there is, by what was said of it. */
    scopedRoutes: readonly ScopedRoute[];
  }
}

type Plain<Types extends FastifyTypeProvider> = FastifyInstance<
  RawServer,
  RawRequest,
  RawReply,
  FastifyBaseLogger,
  Types
>;

interface ScopedMethod<Types extends FastifyTypeProvider> {
  <const Schema extends FastifySchema>(
    path: string,
    options: RouteShorthandOptions<
      RawServer,
      RawRequest,
      RawReply,
      RouteGenericInterface,
      unknown,
      Schema,
      Types
    > & { readonly config: { readonly scope: RouteScope } },
    handler: RouteHandlerMethod<
      RawServer,
      RawRequest,
      RawReply,
      RouteGenericInterface,
      unknown,
      Schema,
      Types
    >,
  ): unknown;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Unscoped = Method | 'head' | 'options' | 'all' | 'trace' | 'propfind' | 'route';

/** A Fastify instance whose routes must say their scope. */
export type Scoped<Types extends FastifyTypeProvider> = Omit<Plain<Types>, Unscoped> &
  Readonly<Record<Method, ScopedMethod<Types>>>;

/**
 * Makes an application with a route that says no scope fail to become ready. A package's plugin whose routes
 * cannot say it is registered in a plugin of ours that first adds an `onRoute` hook which says it for them.
 */
export function demandScopes(app: Pick<FastifyInstance, 'addHook' | 'decorate'>): void {
  const routes: ScopedRoute[] = [];
  app.decorate('scopedRoutes', routes);
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => {
    // Looked at this late, since a plugin's own hooks run after ours.
    const open = routes.filter(({ config }) => config?.scope === undefined);
    if (open.length === 0) return;
    const names = open.map(({ method, url }) => `${[method].flat().join(' ')} ${url}`);
    throw new Error(`these routes say no scope (src/api/scoped.ts): ${names.join(', ')}`);
  });
}
