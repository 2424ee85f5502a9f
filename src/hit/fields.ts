// The fields of a record that have a form of their own: what stands for facts that are not kept, and what a
// note says. Both are text, read back with suspicion, as a journal outlives the program that wrote it.
//
// Withheld: reason, client, os, device, country, visitor and flags with a US (0x1f) between them; empty is
// null. Flags are `o` (ownAddress) and `m` (mailSecurity).

import type { PixelMode } from '../config/config.ts';
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

/** What a note says beside its kind, time and code; empty when that is all. */
export function noteText(note: Note): string {
  if (note.kind === 'pixel-erased') return JSON.stringify({ digest: note.digest });
  if (note.kind === 'hit-claimed') {
    return JSON.stringify({ hit: formatEventId(note.hit), hitAt: note.hitAt, own: note.own });
  }
  return note.properties === undefined ? '' : JSON.stringify(note.properties);
}

/** The reverse of {@link noteText}; null when it cannot be read. */
export function noteOf(
  kind: Note['kind'],
  at: number,
  code: string | null,
  said: string,
): Note | null {
  if (kind === 'pixel-minted' && said === '') return code === null ? null : { kind, at, code };
  const value = objectOf(said);
  if (value === null) return null;
  if (kind === 'hit-claimed') return claimOf(at, code, value);
  if (kind === 'pixel-erased') {
    const { digest } = value;
    return typeof digest === 'string' ? { kind, at, code: null, digest } : null;
  }
  const properties = propertiesOf(value);
  return code === null || properties === null ? null : { kind, at, code, properties };
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(said: string): Fields | null {
  try {
    const value: unknown = JSON.parse(said);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function claimOf(at: number, code: string | null, value: Fields): HitClaimed | null {
  const { hit: text, hitAt, own } = value;
  const hit = typeof text === 'string' ? parseEventId(text) : null;
  if (hit === null || !isWhole(hitAt) || typeof own !== 'boolean') return null;
  return { kind: 'hit-claimed', at, code, hit, hitAt, own };
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const MODES: readonly unknown[] = ['individual', 'aggregate', 'off'] satisfies PixelMode[];

/** What each property may be, besides null. Properties of a newer program are left out. */
const PROPERTY_IS: { readonly [Name in keyof PixelProperties]-?: (value: unknown) => boolean } = {
  mode: (value) => MODES.includes(value),
  sentAt: isWhole,
  recipient: isText,
  label: isText,
  campaign: isText,
  metadata: isText,
  request: isText,
};

function propertiesOf(value: Fields): PixelProperties | null {
  const found: Record<string, unknown> = {};
  for (const [name, isRight] of Object.entries(PROPERTY_IS)) {
    const property = value[name];
    if (property === undefined) continue;
    if (property !== null && !isRight(property)) return null;
    found[name] = property;
  }
  return found;
}
