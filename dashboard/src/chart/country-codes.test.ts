// Every country of the map and of the hits: that the two know each other by the right codes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { lettersOf } from './country-codes.ts';

interface Outline {
  readonly id?: string;
  readonly properties: { readonly name: string };
}

const file = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json');
const atlas = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly objects: { readonly countries: { readonly geometries: readonly Outline[] } };
};
const outlines = atlas.objects.countries.geometries;
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
/** What Unicode names beside ISO's official codes: unions, islands, former countries, tests. */
const UNOFFICIAL = new Set(
  (
    'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT QO QU RH SF SU TA TP UK UN VD XA XB XK YD YU ' +
    'ZR ZZ'
  ).split(' '),
);

const byNumber = (number: number): string | null => lettersOf(String(number).padStart(3, '0'), '');

test('every outline has its letters, but for the territories that have none', () => {
  const without = outlines.filter(({ id, properties }) => lettersOf(id, properties.name) === null);
  assert.deepEqual(without.map(({ properties }) => properties.name).toSorted(), [
    'N. Cyprus',
    'Somaliland',
  ]);
  assert.equal(outlines.length, 177);
});

test('an outline is called what its letters are called', () => {
  // As many as the two sources spell alike; a table that is off by one has next to none.
  const alike = outlines.filter(({ id, properties }) => {
    const letters = lettersOf(id, properties.name);
    return letters !== null && regions.of(letters) === properties.name;
  });
  assert.ok(alike.length > 140, `${alike.length} are`);
  const letters = (name: string): string | null => {
    const found = outlines.find(({ properties }) => properties.name === name);
    return lettersOf(found?.id, name);
  };
  assert.deepEqual(
    ['Germany', 'Dem. Rep. Congo', 'Congo', 'Niger', 'Nigeria', 'Kosovo', 'Taiwan'].map(letters),
    ['DE', 'CD', 'CG', 'NE', 'NG', 'XK', 'TW'],
  );
});

test('every official code has one number, and every number one code', () => {
  const codes = Array.from({ length: 1_000 }, (_, number) => byNumber(number)).filter(
    (code) => code !== null,
  );
  assert.equal(new Set(codes).size, codes.length);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const official = alphabet
    .flatMap((first) => alphabet.map((second) => first + second))
    .filter((code) => regions.of(code) !== undefined && !UNOFFICIAL.has(code));
  assert.deepEqual(codes.toSorted(), official.toSorted());
  assert.deepEqual(
    [byNumber(4), byNumber(276), byNumber(840), byNumber(894)],
    ['AF', 'DE', 'US', 'ZM'],
  );
});
