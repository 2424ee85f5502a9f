// The fields of a record that have a form of their own: what stands for facts that are not kept, and what a
// note says. Both are text, read back with suspicion, as a journal outlives the program that wrote it.
//
// Withheld: reason, client, os, device, country, visitor and flags with a US (0x1f) between them; empty is
// null. Flags are `o` (ownAddress) and `m` (mailSecurity).

import { z } from 'zod';
import {
  formatEventId,
  type HitClaimed,
  type Note,
  parseEventId,
  type PixelProperties,
  type Withheld,
} from './event.ts';
import { CLASS_OF_REASON, type Device, DEVICES, type Reason } from './verdict.ts';

const SEPARATOR = '\x1f';

export function formatWithheld({ verdict, visitor, ownAddress, mailSecurity }: Withheld): string {
  const { reason, client, os, device, country } = verdict;
  const flags = (ownAddress ? 'o' : '') + (mailSecurity ? 'm' : '');
  return [reason, client, os, device, country, visitor, flags].join(SEPARATOR);
}

/** Null when there is none; a verdict that this program does not know is `not-judged`. */
export function parseWithheld(text: string | undefined): Withheld | null {
  if (text === undefined) return null;
  const [reason, client, os, device, country, visitor, flags = ''] = text.split(SEPARATOR);
  const known: Reason =
    reason !== undefined && Object.hasOwn(CLASS_OF_REASON, reason)
      ? (reason as Reason)
      : 'not-judged';
  return {
    verdict: {
      class: CLASS_OF_REASON[known],
      reason: known,
      client: client || null,
      os: os || null,
      device: DEVICES.includes(device as Device) ? (device as Device) : null,
      country: country || null,
    },
    visitor: visitor || null,
    ownAddress: flags.includes('o'),
    mailSecurity: flags.includes('m'),
  };
}

const text = z.string().nullable().exactOptional();
const PropertiesText: z.ZodType<PixelProperties> = z.object({
  mode: z.enum(['individual', 'aggregate', 'off']).nullable().exactOptional(),
  sentAt: z.int().nullable().exactOptional(),
  recipient: text,
  label: text,
  campaign: text,
  metadata: text,
});
const ErasedText = z.object({ digest: z.string() });
const ClaimText = z.object({
  hit: z.string().transform(parseEventId),
  hitAt: z.int(),
  own: z.boolean(),
});

/** What a note says beside its kind, time and code; empty when that is all. */
export function noteText(note: Note): string {
  switch (note.kind) {
    case 'pixel-minted':
      return note.properties === undefined ? '' : JSON.stringify(note.properties);
    case 'pixel-changed':
      return JSON.stringify(note.properties);
    case 'pixel-erased':
      return JSON.stringify({ digest: note.digest });
    case 'hit-claimed':
      return JSON.stringify({ hit: formatEventId(note.hit), hitAt: note.hitAt, own: note.own });
  }
}

/** The reverse of {@link noteText}; null when it cannot be read. */
export function noteOf(
  kind: Note['kind'],
  at: number,
  code: string | null,
  said: string,
): Note | null {
  if (kind === 'pixel-minted' && said === '') return code === null ? null : { kind, at, code };
  let value: unknown;
  try {
    value = JSON.parse(said);
  } catch {
    return null;
  }
  if (kind === 'pixel-erased') {
    const erased = ErasedText.safeParse(value).data;
    return erased === undefined ? null : { kind, at, code: null, ...erased };
  }
  if (kind === 'hit-claimed') return claimOf(at, code, value);
  const properties = PropertiesText.safeParse(value).data;
  return code === null || properties === undefined ? null : { kind, at, code, properties };
}

function claimOf(at: number, code: string | null, value: unknown): HitClaimed | null {
  const claim = ClaimText.safeParse(value).data;
  if (claim === undefined || claim.hit === null) return null;
  return { kind: 'hit-claimed', at, code, hit: claim.hit, hitAt: claim.hitAt, own: claim.own };
}
