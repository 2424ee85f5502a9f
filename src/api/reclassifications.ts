// Judging the whole history anew, after rules or networks changed: to begin it, and to see how far it is.

import { z } from 'zod';
import type { ReclassifyState } from '../delivery/reclassify.ts';
import type { About } from './about.ts';
import type { ApiParts } from './parts.ts';
import { refuseFullDisk } from './refusal.ts';
import { type Api, NoBody, NoQuery } from './schema.ts';
import { formatMicros, TimeText } from './times.ts';

const PATH = '/v1/reclassifications';

const BEGIN: About = {
  id: 'reclassify',
  tag: 'Hits',
  summary: 'Judge all hits anew',
  description:
    'After rules or networks changed. One runs at a time; asked again meanwhile, it goes on as it was.',
  returns: 'How far it is.',
  headers: { location: 'Where to read how far it is.' },
};
const STATE: About = {
  id: 'readReclassification',
  tag: 'Hits',
  summary: 'Read how far judging anew is',
  returns: 'How far it is, or how the last one ended.',
};

const State = z
  .object({
    state: z.enum(['idle', 'running', 'done']),
    judged: z.int(),
    /** Of these, how many have another verdict now. */
    changed: z.int(),
    /** Hits there were when it began; null until they are counted. */
    total: z.int().nullable(),
    started_at: TimeText.nullable(),
    finished_at: TimeText.nullable(),
    failure: z.string().nullable().describe('Why it waits and tries again; null when it does not.'),
  })
  .meta({ id: 'Reclassification', description: 'How far judging anew is.' });

export function serveReclassifications(app: Api, parts: Pick<ApiParts, 'reclassification'>): void {
  const { reclassification } = parts;
  const config = { scope: 'admin' } as const;
  app.post(
    PATH,
    {
      config,
      schema: { about: BEGIN, querystring: NoQuery, body: NoBody, response: { 202: State } },
    },
    async (_request, reply) => {
      await reclassification.start().catch(refuseFullDisk('that it was begun'));
      return reply.code(202).header('location', PATH).send(shown(reclassification.state));
    },
  );
  const asked = { about: STATE, querystring: NoQuery, response: { 200: State } };
  app.get(PATH, { config, schema: asked }, async () => shown(reclassification.state));
}

function shown(state: ReclassifyState): z.input<typeof State> {
  const { judged, changed, total, startedAt, finishedAt, failure } = state;
  return {
    state: state.state,
    judged,
    changed,
    total,
    started_at: startedAt === null ? null : formatMicros(startedAt),
    finished_at: finishedAt === null ? null : formatMicros(finishedAt),
    failure,
  };
}
