// Counts what the API answers, to whom it does not, and how long that takes.

import { Counter, Histogram, type Registry } from 'prom-client';
import type { Api } from './schema.ts';

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

/** Counts requests that were turned away for want of the token. */
export function countRefusedTokens(registry: Registry): (reason: string) => void {
  const refused = new Counter({
    name: 'truepixel_api_unauthorized_total',
    help: 'API requests without the right token, by what was wrong',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of ['missing', 'malformed', 'wrong']) refused.inc({ reason }, 0);
  return (reason) => refused.inc({ reason });
}
