// "That was me": somebody's word on whose look a hit was. It outweighs every sign, is kept as an event of its
// own, and leaves the hit's facts as they are.

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { type JudgedHit, parseEventId } from '../hit/event.ts';
import { PROPERTIES_BODY_BYTES_MAX } from '../limits.ts';
import { catchUp } from './catch-up.ts';
import { HitRow, hitRow } from './hit-row.ts';
import type { ApiParts } from './parts.ts';
import { demandPossible } from './pixel.ts';
import { demandKept, Refusal } from './refusal.ts';
import { type Api, NoQuery } from './schema.ts';

const Body = z.strictObject(
  { own: z.boolean('must be true (that was me) or false (that was not me)') },
  'must be a JSON object',
);

type Parts = Pick<ApiParts, 'store' | 'keep' | 'barrier' | 'behind'>;

export function serveClaims(app: Api, parts: Parts): void {
  app.post(
    '/v1/pixels/:code/hits/:id/verdict',
    {
      config: { scope: 'admin' },
      bodyLimit: PROPERTIES_BODY_BYTES_MAX,
      schema: {
        params: z.object({ code: z.string(), id: z.string() }),
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
