// What operators and their tools ask: is it up (`/health`), can it do its work (`/ready`), what has it done
// (`/metrics`); and TrackPixel's status line.

import type { Readiness } from '../telemetry/control.ts';
import { z } from 'zod';
import type { ApiParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import type { Api } from './schema.ts';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

const OPEN = { scope: 'none' } as const;

const Status = z.object({ data: z.string(), status: z.literal('success') });
const Health = z.object({ status: z.literal('ok') });
const Ready = z.object({
  status: z.literal('ready'),
  processes: z.record(z.string(), z.object({ ready: z.boolean(), reason: z.string().nullable() })),
});

/** The routes that anybody may ask. */
export function serveStatus(app: Api, parts: Pick<ApiParts, 'readiness'>): void {
  app.get('/v1/api/status', { config: OPEN, schema: { response: { 200: Status } } }, () => ({
    data: 'Pixel tracker API running smoothly',
    status: 'success' as const,
  }));

  app.get('/health', { config: OPEN, schema: { response: { 200: Health } } }, () => ({
    status: 'ok' as const,
  }));

  app.get('/ready', { config: OPEN, schema: { response: { 200: Ready } } }, async () => {
    const processes: Record<string, Readiness> = await parts.readiness();
    // The API stands and falls with its own process; how the collectors are is told beside.
    const own = processes['store'];
    if (own?.ready === true) return { status: 'ready' as const, processes };
    throw new Refusal(503, own?.reason ?? 'the store process does not answer', { processes });
  });
}

/**
 * `/metrics` of all processes in Prometheus' text format. It asks for the installation's token as collectors
 * do, who answer it on the public port and know no other.
 */
export function serveMetrics(app: Api, parts: Pick<ApiParts, 'config' | 'metrics'>): void {
  const scope = parts.config.metricsAuth === 'token' ? 'installation' : 'none';
  app.get('/metrics', { config: { scope } }, async (_request, reply) => {
    const text = await parts.metrics();
    return reply.type(PROMETHEUS_TEXT).send(text);
  });
}
