// One hit as answers show it: TrackPixel's three keys, the other facts, and what it is believed to be.

import { z } from 'zod';
import { formatEventId, type JudgedHit } from '../hit/event.ts';
import { CLASS_OF_REASON, DEVICES, type Reason } from '../hit/verdict.ts';
import { formatMicros, TimeText } from './times.ts';

export const HitRow = z
  .object({
    uri: z.string().describe('The code of the pixel.'),
    time_stamp: TimeText,
    ip_address: z.string().describe('Empty when it is not kept.'),
    user_agent: z.string().nullable(),
    referrer: z.string().nullable(),
    id: z.string().describe('Names the hit for good.'),
    class: z
      .enum([...new Set(Object.values(CLASS_OF_REASON))])
      .meta({ id: 'Class', description: 'What a hit is believed to be (docs/verdicts.md).' }),
    reason: z
      .enum(Object.keys(CLASS_OF_REASON) as Reason[])
      .meta({ id: 'Reason', description: 'Why it is believed to be that.' }),
    client: z.string().nullable(),
    os: z.string().nullable(),
    device: z.enum(DEVICES).nullable(),
    country: z.string().nullable().describe('ISO 3166-1, two letters.'),
    own: z
      .enum(['address', 'browser', 'claimed', 'disclaimed'])
      .nullable()
      .describe(
        'How it is known that this was your own look; `disclaimed`: somebody said it was not.',
      ),
  })
  .meta({ id: 'Hit', description: 'One request for a tracking image, with its verdict.' });

/** Where hits of several pixels, and visits, stand side by side. */
export const ListedHitRow = HitRow.extend({
  kind: z.enum(['open', 'visit']),
  uri: z.string().nullable().describe('The code of the pixel; null for a visit.'),
}).meta({ id: 'ListedHit', description: 'A hit of whichever kind, with its verdict.' });

export function listedHitRow(hit: JudgedHit): z.input<typeof ListedHitRow> {
  const { kind, code } = hit.event;
  return { kind, ...hitRow(code ?? '', hit), uri: code };
}

export function hitRow(code: string, { id, event, judgement }: JudgedHit): z.input<typeof HitRow> {
  const { verdict, own } = judgement;
  return {
    uri: code,
    time_stamp: formatMicros(event.at),
    ip_address: event.address,
    user_agent: event.agent,
    referrer: event.referrer,
    id: formatEventId(id),
    class: verdict.class,
    reason: verdict.reason,
    client: verdict.client,
    os: verdict.os,
    device: verdict.device,
    country: verdict.country,
    own,
  };
}
