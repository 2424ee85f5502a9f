// Pixels with all that can be said of them, and hits of every kind; and whatever can be asked of a list of
// them.

import fc from 'fast-check';
import type { JudgedHit, Note, PixelProperties, Recorded } from '../../src/hit/event.ts';
import { CLASS_OF_REASON, impersonal, type OwnSign, type Reason } from '../../src/hit/verdict.ts';
import type { PixelFilter, PixelsQuery } from '../../src/store/listing.ts';
import type { Load } from '../../src/store/store.ts';
import { BEGINNING, loadOf, someChange, someHit, somePixel } from './store-events.ts';

const SECOND = 1_000_000;
export const PIXELS = 60;
export const PIXEL_SORTS = ['createdAt', 'sentAt', 'label', 'recipient', 'campaign'] as const;

/** Of every kind that could be ordered, spelt or matched wrongly. */
const TEXTS = [
  'Zebra',
  'apple',
  'Apple',
  'äpfel',
  'ÄPFEL',
  '100%',
  '100 percent',
  'a_b',
  'aXb',
  "O'Hara",
  '\\d',
  '"',
  '',
  ' ',
  '\u{1f4e7} mail',
  '\uffee',
  'é',
  'e\u0301',
  '%',
  '_',
  'null',
  '$1',
  '.*',
  'x'.repeat(500),
];

/** Pixels with and without each property, some minted in one instant, with hits of every kind. */
export function manyPixels(): Load {
  const notes: Recorded<Note>[] = [];
  const hits: JudgedHit[] = [];
  const reasons = Object.keys(CLASS_OF_REASON) as Reason[];
  const signs: (OwnSign | null)[] = [null, null, null, 'claimed', 'disclaimed'];
  for (let i = 0; i < PIXELS; i++) {
    const code = `${i % 3 === 0 ? 'Code' : 'code'}${String((i * 37) % PIXELS).padStart(2, '0')}`;
    const text = (every: number): string | undefined =>
      i % every === 0 ? undefined : pick(TEXTS, i);
    notes.push(
      somePixel(i, {
        at: BEGINNING + Math.floor(i / 3) * SECOND,
        code,
        properties: without({
          label: text(4),
          recipient: i % 5 === 0 ? undefined : `Reader${i % 7}@mail.example`,
          campaign: i % 6 === 0 ? undefined : pick(['Autumn', 'Äpfel', 'a_b', '100%', ''], i),
          mode: pick([undefined, 'aggregate', 'off', 'individual'] as const, i),
          sentAt: i % 2 === 0 ? undefined : BEGINNING + ((i * 13) % 10) * SECOND,
        }),
      }),
    );
    for (let n = 0; n < i % 5; n++) {
      const reason = pick(reasons, i * 3 + n);
      hits.push(
        someHit(
          hits.length,
          { at: BEGINNING + i * SECOND + n * pick([1, 9, 11], i) * SECOND, code },
          {
            verdict: impersonal(reason, null),
            own: pick(signs, i + n),
            viewer: String(i % 2).padStart(16, '0'),
          },
        ),
      );
    }
  }
  const changes = [3, 8, 13].map((i) => {
    const code = notes[i]?.event.code ?? '';
    return someChange(
      i,
      { label: null, campaign: 'changed' },
      { at: BEGINNING + 99 * SECOND, code },
    );
  });
  const visit = someHit(5_000, { kind: 'visit', code: null });
  return loadOf({ notes: [...notes, ...changes], hits: [...hits, visit] });
}

function pick<T>(all: readonly T[], i: number): T {
  return all[i % all.length] as T;
}

function without(all: {
  readonly [Name in keyof PixelProperties]: PixelProperties[Name] | undefined;
}) {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function someQuery(): fc.Arbitrary<PixelsQuery> {
  const time = fc.nat(PIXELS / 3).map((n) => BEGINNING + n * SECOND);
  const filter: fc.Arbitrary<PixelFilter> = fc.record(
    {
      search: fc.constantFrom(
        'a',
        'A',
        'ä',
        'CODE0',
        'reader',
        '@mail',
        '%',
        '_',
        ' ',
        'o',
        'zzz',
        "'",
      ),
      campaign: fc.constantFrom('Autumn', '100%', '', null, 'changed', 'nowhere'),
      recipient: fc.constantFrom('Reader1@mail.example', null),
      modes: fc.subarray([null, 'individual', 'aggregate', 'off'] as const),
      opened: fc.boolean(),
      createdFrom: time,
      createdTo: time,
    },
    { requiredKeys: [] },
  );
  return fc.record({
    filter: fc.oneof(filter, filter, fc.constant({})),
    sort: fc.constantFrom(...PIXEL_SORTS),
    order: fc.constantFrom('ascending', 'descending'),
    place: fc.constant(null),
    limit: fc.constantFrom(1, 5, 100),
    repeatSeconds: fc.constantFrom(0, 10),
  });
}
