// What was said about a pixel, property by property: the last word on each counts, so that each is kept
// with the event that said it, and notes may be loaded in any order and again.

import type { Note, PixelProperties, Recorded } from '../hit/event.ts';
import { compareSpoken, type Spoken } from './last-word.ts';

const PROPERTIES = [
  'mode',
  'sentAt',
  'recipient',
  'label',
  'campaign',
  'metadata',
  'request',
] as const satisfies readonly (keyof PixelProperties)[];
export type Property = (typeof PROPERTIES)[number];

/** The last word on one property; a value that was taken back is null. */
export interface Word extends Spoken {
  readonly value: string | number | null;
}

export type Words = ReadonlyMap<Property, Word>;

/** What the notes say about each pixel, by its code; pixels of which they say nothing are left out. */
export function wordsIn(notes: readonly Recorded<Note>[]): ReadonlyMap<string, Words> {
  const said = new Map<string, Map<Property, Word>>();
  for (const { id, event } of notes) {
    if (event.kind !== 'pixel-minted' && event.kind !== 'pixel-changed') continue;
    for (const property of PROPERTIES) {
      const value = event.properties?.[property];
      if (value === undefined) continue;
      let words = said.get(event.code);
      if (words === undefined) said.set(event.code, (words = new Map()));
      hear(words, property, { at: event.at, id, value });
    }
  }
  return said;
}

/** Both together, the last word on each property. */
export function mergeWords(known: Words, news: Words): Words {
  const words = new Map(known);
  for (const [property, word] of news) hear(words, property, word);
  return words;
}

/** What holds now: without what was taken back. */
export function propertiesOf(words: Words): PixelProperties {
  const held = [...words].filter(([, { value }]) => value !== null);
  return Object.fromEntries(held.map(([property, { value }]) => [property, value]));
}

function hear(words: Map<Property, Word>, property: Property, word: Word): void {
  const before = words.get(property);
  if (before === undefined || compareSpoken(before, word) < 0) words.set(property, word);
}
