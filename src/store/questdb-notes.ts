// What was said about pixels, read from truepixel_notes: rows are notes in any order, of which the last word
// on each property holds.

import type { PixelMode } from '../config/config.ts';
import type { Note, PixelProperties, Recorded } from '../hit/event.ts';
import { noteOf } from '../hit/fields.ts';
import { propertiesOf, wordsIn } from './properties.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { textKey } from './questdb-lines.ts';
import { notes, places } from './questdb-query.ts';

/** Up to so many codes are looked up by their keys; more are found sooner by looking at every row. */
const KEYED_MAX = 300;
/** Codes that one query asks for. */
const ASKED_MAX = 5_000;

/** By code; pixels of which nothing is said, or all was taken back, may be left out. */
export async function readProperties(
  connections: Connections,
  codes: readonly string[],
  condition = 'true',
): Promise<ReadonlyMap<string, PixelProperties>> {
  const rows: Row[] = [];
  for (let from = 0; from < codes.length; from += ASKED_MAX) {
    const part = codes.slice(from, from + ASKED_MAX);
    const asked = `${condition} AND code IN (${places(1, part.length)})`;
    if (part.length > KEYED_MAX) {
      rows.push(...(await connections.query(notes(asked), part)));
      continue;
    }
    const keyed = `code_key IN (${places(1 + part.length, part.length)}) AND ${asked}`;
    rows.push(...(await connections.query(notes(keyed), [...part, ...part.map(textKey)])));
  }
  return merged(rows);
}

export async function readSentTimes(
  connections: Connections,
  codes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const properties = await readProperties(connections, codes, 'says_sent');
  return new Map(
    [...properties].flatMap(([code, { sentAt }]) =>
      typeof sentAt === 'number' ? [[code, sentAt]] : [],
    ),
  );
}

export async function readPixelsOf(
  connections: Connections,
  recipient: string,
): Promise<readonly string[]> {
  const rows = await connections.query(notes('recipient_key = $1'), [textKey(recipient)]);
  const once = [...merged(rows)].filter(([, properties]) => properties.recipient === recipient);
  const codes = once.map(([code]) => code);
  // Since then somebody may have named another recipient.
  const now = await readProperties(connections, codes);
  return codes.filter((code) => now.get(code)?.recipient === recipient);
}

/** Pixels with a mode of their own. */
export async function readModes(connections: Connections): Promise<ReadonlyMap<string, PixelMode>> {
  const rows = await connections.query(notes('says_mode'));
  return new Map([...merged(rows)].flatMap(([code, { mode }]) => (mode ? [[code, mode]] : [])));
}

function merged(rows: readonly Row[]): ReadonlyMap<string, PixelProperties> {
  const words = wordsIn(rows.flatMap((row) => toNote(row) ?? []));
  return new Map([...words].map(([code, said]) => [code, propertiesOf(said)]));
}

/** Minting says nothing that a change could not say; null for what this program cannot read. */
function toNote([at, writer, segment, position, code, said]: Row): Recorded<Note> | null {
  const event = noteOf('pixel-changed', Number(at), code ?? null, said ?? '');
  if (event === null) return null;
  return {
    id: { writer: writer ?? '', segment: Number(segment), position: Number(position) },
    event,
  };
}
