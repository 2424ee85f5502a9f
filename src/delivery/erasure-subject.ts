// What an erasure is about, and which of the journal's records are part of it.

import type { Edit } from '../hit/encoding.ts';
import { isHit, type Note, type Recorded } from '../hit/event.ts';
import type { Subject } from '../journal/erase.ts';
import { ERASURE_NEEDLES_MAX } from '../limits.ts';

/** As a caller names it: a pixel by its code, all pixels of a recipient, or the hits of an address. */
export type ErasureSubject =
  | { readonly pixel: string }
  | { readonly recipient: string }
  /** In canonical form (hit/address.ts). */
  | { readonly address: string };

/** The subject with the codes of its pixels (none for an address), as the journal is searched for it. */
export function recordsOf(subject: ErasureSubject, codes: readonly string[]): Subject {
  const address = 'address' in subject ? subject.address : null;
  const pixels = new Set(codes);
  const edit = ({ event }: Recorded): Edit => {
    if (event.code !== null && pixels.has(event.code)) return 'erase';
    return isHit(event) && address !== null && event.address === address ? 'erase' : 'keep';
  };
  return { edit, needles: needlesOf([...codes, ...(address === null ? [] : [address])]) };
}

/**
 * What names the recipient besides: notes on pixels that were somebody else's since. The pixels stay, but no
 * note says any more whose they were before. Only for notes from before the recipient's pixels were looked
 * up: those after may be of a new pixel, which stays the recipient's.
 */
export function mentionsOf(recipient: string): Subject {
  const edit = ({ event }: Recorded): Edit =>
    isHit(event) ? 'keep' : withoutRecipient(event, recipient);
  // As a note's JSON has it, which is always UTF-8.
  return { edit, needles: [Buffer.from(JSON.stringify(recipient))] };
}

function withoutRecipient(note: Note, recipient: string): Edit {
  if (note.kind !== 'pixel-minted' && note.kind !== 'pixel-changed') return 'keep';
  if (note.properties?.recipient !== recipient) return 'keep';
  // Nor does a digest of them and of little else.
  const { recipient: _, request: __, ...properties } = note.properties;
  return { ...note, properties };
}

function needlesOf(texts: readonly string[]): Buffer[] | null {
  // oxlint-disable-next-line no-control-regex -- a code may stand in the journal as Latin-1 or as UTF-8
  const certain = texts.every((text) => /^[\x00-\x7f]+$/.test(text));
  if (!certain || texts.length > ERASURE_NEEDLES_MAX) return null;
  return texts.map((text) => Buffer.from(text));
}
