// "That was me": somebody's word on whose look a hit was. It outweighs every sign, is kept as an event of its
// own, and leaves the hit's facts as they are.

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { type JudgedHit, parseEventId } from '../hit/event.ts';
import { PROPERTIES_BODY_BYTES_MAX } from '../limits.ts';
import { catchUp } from './catch-up.ts';
import type { About } from './about.ts';
import { HitRow, hitRow } from './hit-row.ts';
import type { ApiParts } from './parts.ts';
import { CodeText, demandPossible } from './pixel.ts';
import { demandKept, Refusal } from './refusal.ts';
import { type Api, NoQuery } from './schema.ts';

const Body = z.strictObject(
  {
    own: z
      .boolean('must be true (that was me) or false (that was not me)')
      .describe('True: that was me. False: it was not, whatever the signs say.'),
  },
  'must be a JSON object',
);

const CLAIM: About = {
  id: 'claimHit',
  tag: 'Hits',
  summary: 'Say that a look was your own, or that it was not',
  description:
    'Outweighs every sign. The facts of the hit stay as they are, and the last word holds.',
  returns: 'The hit, as it counts now.',
  refuses: { 404: 'No hit of this pixel has this id.' },
};

type Parts = Pick<ApiParts, 'store' | 'keep' | 'barrier' | 'behind'>;

export function serveClaims(app: Api, parts: Parts): void {
  app.post(
    '/v1/pixels/:code/hits/:id/verdict',
    {
      config: { scope: 'admin' },
      bodyLimit: PROPERTIES_BODY_BYTES_MAX,
      schema: {
        about: CLAIM,
        params: z.object({ code: CodeText, id: z.string().describe('The `id` of the hit.') }),
        querystring: NoQuery,
        body: Body,
        response: { 200: HitRow },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async (request) => {
      const { code, id } = request.params;
      const { id: hit, event } = await hitNow(parts, code, id);
      const { own } = request.body;
      const claim = { code, hit, hitAt: event.at, own } as const;
      demandKept(
        await parts.keep({ kind: 'hit-claimed', at: nowMicros(), ...claim }),
        'what you say',
      );
      return hitRow(code, await hitNow(parts, code, id));
    },
  );
}

async function hitNow(parts: Parts, code: string, id: string): Promise<JudgedHit> {
  demandPossible(code);
  if (parseEventId(id) !== null) {
    await catchUp(parts);
    const hit = await parts.store.hit(code, id);
    if (hit !== null) return hit;
  }
  throw new Refusal(404, 'no hit of this pixel has this id');
}
