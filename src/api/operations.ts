// What operators and their tools ask: is it up (`/health`), can it do its work (`/ready`), what has it done
// (`/metrics`); and TrackPixel's status line.

import type { Readiness } from '../telemetry/control.ts';
import { z } from 'zod';
import type { About } from './about.ts';
import type { ApiParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import type { Api } from './schema.ts';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

const OPEN = { scope: 'none' } as const;

const Status = z.object({ data: z.string(), status: z.literal('success') });
const Health = z.object({ status: z.literal('ok') });
/** The API answers with its processes. On the public port a collector answers, in words for anybody. */
const Ready = z.object({
  status: z.literal('ready'),
  processes: z
    .record(z.string(), z.object({ ready: z.boolean(), reason: z.string().nullable() }))
    .optional()
    .describe('By name; only where the API has a port of its own.'),
  journal: z.string().optional().describe('The state of the collector’s journal.'),
  store: z.string().optional().describe('Whether the store process can do its work.'),
  relay: z.string().optional().describe('How the relay to other machines is, where there is one.'),
});

const STATUS: About = {
  id: 'readStatus',
  tag: 'TrackPixel',
  summary: 'Ask whether the API is there, as TrackPixel is asked',
  returns: 'That it is.',
};
const HEALTH: About = {
  id: 'readHealth',
  tag: 'Operation',
  summary: 'Ask whether the process is alive',
  returns: 'That it is.',
};
const READY: About = {
  id: 'readReadiness',
  tag: 'Operation',
  summary: 'Ask whether the processes can do their work',
  description:
    'On the public port a collector answers for what it keeps hits with, and tells of the store beside; on ' +
    'an `API_PORT` the API answers for itself, and tells of the others beside.',
  returns: 'That whoever answers can.',
  refuses: {
    503: 'It cannot. A collector says so as `application/json`, with `status: not ready`.',
  },
};
const METRICS: About = {
  id: 'readMetrics',
  tag: 'Operation',
  summary: 'Read the metrics of all processes',
  returns: 'The metrics.',
  media: { [PROMETHEUS_TEXT]: 'Prometheus’ text format.' },
};

/** The routes that anybody may ask. */
export function serveStatus(app: Api, parts: Pick<ApiParts, 'readiness'>): void {
  app.get(
    '/v1/api/status',
    { config: OPEN, schema: { about: STATUS, response: { 200: Status } } },
    () => ({
      data: 'Pixel tracker API running smoothly',
      status: 'success' as const,
    }),
  );

  app.get(
    '/health',
    { config: OPEN, schema: { about: HEALTH, response: { 200: Health } } },
    () => ({
      status: 'ok' as const,
    }),
  );

  app.get(
    '/ready',
    { config: OPEN, schema: { about: READY, response: { 200: Ready } } },
    async () => {
      const processes: Record<string, Readiness> = await parts.readiness();
      // The API stands and falls with its own process; how the collectors are is told beside.
      const own = processes['store'];
      if (own?.ready === true) return { status: 'ready' as const, processes };
      throw new Refusal(503, own?.reason ?? 'the store process does not answer', { processes });
    },
  );
}

/**
 * `/metrics` of all processes in Prometheus' text format. It asks for the installation's token as collectors
 * do, who answer it on the public port and know no other.
 */
export function serveMetrics(app: Api, parts: Pick<ApiParts, 'config' | 'metrics'>): void {
  const scope = parts.config.metricsAuth === 'token' ? 'installation' : 'none';
  app.get(
    '/metrics',
    { config: { scope }, schema: { about: METRICS } },
    async (_request, reply) => {
      const text = await parts.metrics();
      return reply.type(PROMETHEUS_TEXT).send(text);
    },
  );
}
