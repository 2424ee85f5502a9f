// What was said about pixels, read from truepixel_notes: rows are notes in any order, of which the last word
// on each property holds.

import type { PixelMode } from '../config/config.ts';
import type { Note, PixelProperties, Recorded } from '../hit/event.ts';
import { noteOf } from '../hit/fields.ts';
import { propertiesOf, wordsIn } from './properties.ts';
import type { Connections, Row } from './questdb-connection.ts';
import { DEFAULT_MODE, textKey } from './questdb-lines.ts';
import { notes, places } from './questdb-query.ts';
import type { PixelNames } from './store.ts';

/** Up to so many codes are looked up by their keys; more are found sooner by looking at every row. */
const KEYED_MAX = 300;
/** Codes that one query asks for. */
const ASKED_MAX = 5_000;

/** Which columns of a note are read, and what they say; null when this program cannot read it. */
interface Aspect {
  readonly columns: string;
  readonly condition: string;
  readonly properties: (columns: Row) => PixelProperties | null;
}

const EVERYTHING: Aspect = {
  columns: 'said',
  condition: 'true',
  properties: ([said]) => saidIn(said ?? ''),
};

function saidIn(text: string): PixelProperties | null {
  const note = noteOf('pixel-changed', 0, '', text);
  return note?.kind === 'pixel-changed' ? note.properties : null;
}

/** Of a row of the catalogue. */
export const readSaid = (text: string): PixelProperties => saidIn(text) ?? {};

/** By code, of rows that {@link notes} gives of the column `said`. */
export const propertiesIn = (rows: readonly Row[]): ReadonlyMap<string, PixelProperties> =>
  merged(rows, EVERYTHING);

/** Without parsing every note. */
const MODE: Aspect = {
  columns: 'mode',
  condition: 'mode IS NOT NULL',
  properties: ([mode]) => ({ mode: mode === DEFAULT_MODE ? null : (mode as PixelMode) }),
};
const SENT: Aspect = {
  columns: 'cast(sent_at AS long)',
  condition: 'says_sent',
  properties: ([sentAt]) => ({ sentAt: typeof sentAt === 'string' ? Number(sentAt) : null }),
};

export async function readProperties(
  connections: Connections,
  code: string,
): Promise<PixelProperties> {
  return (await ofPixels(connections, EVERYTHING, [code])).get(code) ?? {};
}

/** Of pixels of which something was said. */
export async function readAllProperties(
  connections: Connections,
  codes: readonly string[],
): Promise<ReadonlyMap<string, PixelProperties>> {
  return await ofPixels(connections, EVERYTHING, codes);
}

export async function readSentTimes(
  connections: Connections,
  codes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const sent = await ofPixels(connections, SENT, codes);
  return new Map(
    [...sent].flatMap(([code, { sentAt }]) => (typeof sentAt === 'number' ? [[code, sentAt]] : [])),
  );
}

/** See Store.names. */
export async function readNames(
  connections: Connections,
  codes: readonly string[],
): Promise<ReadonlyMap<string, PixelNames>> {
  const said = await ofPixels(connections, EVERYTHING, codes);
  return new Map(
    [...said].flatMap(([code, { label = null, campaign = null }]) =>
      label === null && campaign === null ? [] : [[code, { label, campaign }]],
    ),
  );
}

/** The campaigns of all pixels that have one, by their codes. */
export async function readCampaigns(
  connections: Connections,
): Promise<ReadonlyMap<string, string>> {
  const rows = await connections.query(notes(EVERYTHING.columns, `said LIKE '%campaign%'`));
  return new Map(
    [...merged(rows, EVERYTHING)].flatMap(([code, { campaign }]) =>
      campaign ? [[code, campaign]] : [],
    ),
  );
}

export async function readPixelsOf(
  connections: Connections,
  recipient: string,
): Promise<readonly string[]> {
  const named = notes(EVERYTHING.columns, 'recipient_key = $1');
  const rows = await connections.query(named, [textKey(recipient)]);
  const once = [...merged(rows, EVERYTHING)].filter(([, said]) => said.recipient === recipient);
  const codes = once.map(([code]) => code);
  // Since then somebody may have named another one.
  const now = await ofPixels(connections, EVERYTHING, codes);
  return codes.filter((code) => now.get(code)?.recipient === recipient);
}

/** Pixels with a mode of their own. */
export async function readModes(connections: Connections): Promise<ReadonlyMap<string, PixelMode>> {
  const rows = await connections.query(notes(MODE.columns, MODE.condition));
  return new Map(
    [...merged(rows, MODE)].flatMap(([code, { mode }]) => (mode ? [[code, mode]] : [])),
  );
}

async function ofPixels(
  connections: Connections,
  aspect: Aspect,
  codes: readonly string[],
): Promise<ReadonlyMap<string, PixelProperties>> {
  const rows: Row[] = [];
  for (let from = 0; from < codes.length; from += ASKED_MAX) {
    const part = codes.slice(from, from + ASKED_MAX);
    const isKeyed = part.length <= KEYED_MAX;
    const keys = isKeyed ? part.map(textKey) : [];
    const keyed = isKeyed ? ` AND code_key IN (${places(1 + part.length, keys.length)})` : '';
    const asked = `${aspect.condition} AND code IN (${places(1, part.length)})${keyed}`;
    const found = await connections.query(notes(aspect.columns, asked), [...part, ...keys]);
    for (const row of found) rows.push(row);
  }
  return merged(rows, aspect);
}

function merged(
  rows: readonly Row[],
  { properties }: Aspect,
): ReadonlyMap<string, PixelProperties> {
  const said: Recorded<Note>[] = [];
  for (const [at, writer, segment, position, code, ...columns] of rows) {
    const what = properties(columns);
    if (what === null) continue;
    said.push({
      id: { writer: writer ?? '', segment: Number(segment), position: Number(position) },
      // Minting says nothing that a change could not say.
      event: { kind: 'pixel-changed', at: Number(at), code: code ?? '', properties: what },
    });
  }
  return new Map([...wordsIn(said)].map(([code, words]) => [code, propertiesOf(words)]));
}
