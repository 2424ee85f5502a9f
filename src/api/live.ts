// Hits as they come, as server-sent events: what the store has a moment after the reply, every stream is told
// (live-stream.ts), in the same words as in every other answer.

import { z } from 'zod';
import { LIVE_STALL_MS_MAX, LIVE_STREAMS_MAX } from '../limits.ts';
import type { About } from './about.ts';
import { HIT_SELECTION } from './hits.ts';
import { readMark } from './live-mark.ts';
import { LiveStream } from './live-stream.ts';
import { showUnderWay } from './metrics.ts';
import { outflow } from './outflow.ts';
import type { ApiParts } from './parts.ts';
import { tryAgain } from './refusal.ts';
import type { Api } from './schema.ts';
import { OPEN_FILTERS, readFilters } from './selection-query.ts';

const EVENT_STREAM = 'text/event-stream';
const LiveQuery = z.strictObject({
  kind: HIT_SELECTION.kind,
  pixel: OPEN_FILTERS.pixel,
  campaign: OPEN_FILTERS.campaign,
});

const LiveHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .exactOptional()
    .describe('The `id` of the last event that came: the stream goes on behind it.'),
});

const LIVE: About = {
  id: 'watchHits',
  tag: 'Hits',
  summary: 'Watch hits as they come',
  description: `Server-sent events, to be read with \`EventSource\`, which comes back by itself and says where
it was in \`Last-Event-ID\`: what came meanwhile is told first, nothing lost and nothing twice, as long as it
is not too much (docs/api.md).

* \`hit\`: a hit with its verdict, and \`label\` and \`campaign\` of its pixel.
* \`skipped\`: \`{"count": n}\` hits came too fast to be told each.
* \`gap\`: \`{"missed": n}\` hits, at most, could not be told; \`null\` when nobody knows how many, if any.`,
  returns: 'A stream without an end.',
  media: { [EVENT_STREAM]: 'Events.' },
};

type Parts = Pick<ApiParts, 'store' | 'live' | 'registry' | 'log'>;

export function serveLive(app: Api, { store, live, registry, log }: Parts): void {
  const streams = new Set<LiveStream>();
  showUnderWay(registry, 'live_streams', () => streams.size);
  // Clients come back to whoever is there then; without this the server would wait for them for ever.
  app.addHook('preClose', async () => live.close());
  app.get(
    '/v1/live',
    {
      config: { scope: 'read' },
      // It would not end.
      exposeHeadRoute: false,
      schema: { about: LIVE, querystring: LiveQuery, headers: LiveHeaders },
    },
    async ({ query, headers }, reply) => {
      if (streams.size >= LIVE_STREAMS_MAX) {
        throw tryAgain(`${LIVE_STREAMS_MAX} clients watch already`);
      }
      const last = headers['last-event-id'];
      const stream = new LiveStream({
        feed: live,
        store,
        selection: { kind: query.kind ?? null, from: null, to: null, where: readFilters(query) },
        from: last === undefined ? null : (readMark(last) ?? 'unknown'),
      });
      streams.add(stream);
      reply.raw.once('close', () => stream.end());
      const ended = (): void => void streams.delete(stream);
      const body = outflow(reply, stream.pieces(), { stallMsMax: LIVE_STALL_MS_MAX, ended });
      body.once('error', (error) => log.warn({ err: error }, 'a live stream was broken off'));
      return (
        reply
          .type(EVENT_STREAM)
          // nginx would keep events back until it has a buffer full of them.
          .header('x-accel-buffering', 'no')
          .send(body)
      );
    },
  );
}
