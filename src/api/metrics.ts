// Counts what the API answers, to whom it does not, and how long that takes.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Denial } from '../access/access.ts';
import { gauge } from '../telemetry/metrics.ts';
import type { Api } from './schema.ts';

const UNAUTHORIZED: readonly Denial['reason'][] = [
  'missing',
  'malformed',
  'wrong',
  'no-session',
  'no-link',
  'limited',
];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures every request of `app`. Routes stand as patterns, so that nobody can invent labels. */
export function measureRequests(app: Api, registry: Registry): void {
  const requests = new Counter({
    name: 'truepixel_api_requests_total',
    help: 'API requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'truepixel_api_request_seconds',
    help: "Time from the end of an API request's head to the end of its answer",
    labelNames: ['route'],
    buckets: SECONDS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method: request.method, route, status: reply.statusCode });
    seconds.observe({ route }, reply.elapsedTime / 1000);
  });
}

interface RefusedCounters {
  unauthorized(reason: Denial['reason']): void;
  forbidden(reason: 'scope' | 'foreign'): void;
}

/** Counts requests that were turned away for who they are of; `networks` have sent wrong tokens lately. */
export function countRefused(registry: Registry, networks: () => number): RefusedCounters {
  const unauthorized = new Counter({
    name: 'truepixel_api_unauthorized_total',
    help: 'API requests without a right token or session, by what was wrong',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of UNAUTHORIZED) unauthorized.inc({ reason }, 0);
  const forbidden = new Counter({
    name: 'truepixel_api_forbidden_total',
    help: 'API requests that a scope does not allow, or that a foreign page sent',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of ['scope', 'foreign']) forbidden.inc({ reason }, 0);
  gauge(
    registry,
    'api_failing_networks',
    'Networks whose wrong tokens are counted, of which too many are refused',
    networks,
  );
  return {
    unauthorized: (reason) => unauthorized.inc({ reason }),
    forbidden: (reason) => forbidden.inc({ reason }),
  };
}

/** Shows how many live streams or exports are under way. */
export function showUnderWay(
  registry: Registry,
  what: 'live_streams' | 'exports',
  count: () => number,
): void {
  const gauge: Gauge = new Gauge({
    name: `truepixel_api_${what}`,
    help: `${what === 'exports' ? 'Exports' : 'Live streams'} under way`,
    registers: [registry],
    collect: () => gauge.set(count()),
  });
}
