// One hit as answers show it: TrackPixel's three keys, the other facts, and what it is believed to be.

import { z } from 'zod';
import { formatEventId, type JudgedHit } from '../hit/event.ts';
import { CLASS_OF_REASON, DEVICES, type Reason } from '../hit/verdict.ts';
import { formatMicros, TimeText } from './times.ts';

export const HitRow = z.object({
  uri: z.string(),
  time_stamp: TimeText,
  /** Empty when it is not kept. */
  ip_address: z.string(),
  user_agent: z.string().nullable(),
  referrer: z.string().nullable(),
  id: z.string(),
  class: z.enum([...new Set(Object.values(CLASS_OF_REASON))]),
  reason: z.enum(Object.keys(CLASS_OF_REASON) as Reason[]),
  client: z.string().nullable(),
  os: z.string().nullable(),
  device: z.enum(DEVICES).nullable(),
  country: z.string().nullable(),
  /** How it is known whether this was the operator's own look; `disclaimed`: somebody said it was not. */
  own: z.enum(['address', 'browser', 'claimed', 'disclaimed']).nullable(),
});

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
