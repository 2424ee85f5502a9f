// What every store must make of what is said about pixels and hits, as parts of the contract suite in
// store.ts.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type JudgedHit,
  type Note,
  type PixelProperties,
  type Recorded,
} from '../../src/hit/event.ts';
import type { OwnSign } from '../../src/hit/verdict.ts';
import { codeDigest } from '../../src/store/erased.ts';
import type { Store } from '../../src/store/store.ts';
import { MemoryStore } from '../memory-store.ts';
import {
  BEGINNING,
  CODE,
  loadOf,
  oldest,
  newest,
  someChange,
  someClaim,
  someHit,
  somePixel,
} from './store-events.ts';

const SEED = 20_261_122;

const ALL: Required<PixelProperties> = {
  mode: 'aggregate',
  sentAt: BEGINNING + 7,
  recipient: "Zoë O'Hara <zoe@example.org>",
  label: 'null',
  campaign: '',
  metadata: '{"a":[1,"\\u0000\\n"],"b":"\u{1f4e7}"}',
  request: 'Zm9vYmFy',
};

export const NOTES: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'a pixel keeps every property exactly, and those alone that were said': async (store) => {
    const notes = [
      somePixel(1, { code: CODE, properties: ALL }),
      somePixel(2, { code: 'other', properties: { label: 'one' } }),
      somePixel(3, { code: 'none' }),
    ];
    await store.load(loadOf({ notes }));
    assert.deepEqual((await store.pixel(CODE))?.properties, ALL);
    assert.deepEqual((await store.pixel('other'))?.properties, { label: 'one' });
    assert.deepEqual((await store.pixel('none'))?.properties, {});
  },

  'the last word on each property counts, null takes it back, and ties go by id': async (store) => {
    const notes = [
      somePixel(1, { code: CODE, properties: ALL }),
      someChange(2, { mode: 'off', label: 'second' }),
      someChange(3, { recipient: null, label: 'third' }),
      someChange(4, { label: 'of a larger id' }, { at: BEGINNING + 3 }),
    ];
    const { recipient: _, ...rest } = { ...ALL, mode: 'off', label: 'of a larger id' };
    for (const order of [notes, notes.toReversed()]) {
      for (const note of order) await store.load(loadOf({ notes: [note] }));
      const pixel = await store.pixel(CODE);
      assert.deepEqual(pixel, { code: CODE, createdAt: BEGINNING + 1, properties: rest });
    }
  },

  'what is said before a pixel is minted holds, but makes it no pixel': async (store) => {
    await store.load(
      loadOf({ notes: [someChange(1, { mode: 'off', sentAt: 5, recipient: 'zoe' })] }),
    );
    assert.equal(await store.pixel(CODE), null);
    assert.equal((await store.totals()).pixels, 0);
    assert.deepEqual(await store.known([somePixel(2, { code: CODE })]), new Set());
    assert.deepEqual((await store.modes()).pixels, new Map([[CODE, 'off']]));
    assert.deepEqual(await store.sentTimes([CODE]), new Map([[CODE, 5]]));
    assert.deepEqual(await store.pixelsOf('zoe'), [CODE]);
    await store.load(loadOf({ notes: [somePixel(0, { code: CODE })] }));
    const properties = { mode: 'off', sentAt: 5, recipient: 'zoe' };
    assert.deepEqual(await store.pixel(CODE), { code: CODE, createdAt: BEGINNING, properties });
    assert.equal((await store.totals()).pixels, 1);
  },

  'modes, sent times and recipients are found, and only what holds now': async (store) => {
    const notes = [
      somePixel(1, { code: 'a', properties: { mode: 'individual', recipient: 'zoe' } }),
      somePixel(2, { code: 'b', properties: { sentAt: 0, recipient: 'zoe' } }),
      somePixel(3, { code: 'c', properties: { mode: 'off', sentAt: BEGINNING, recipient: 'Zoe' } }),
      somePixel(4, { code: 'd' }),
      someChange(5, { mode: null, recipient: null }, { code: 'a' }),
      someChange(6, { sentAt: null }, { code: 'c' }),
    ];
    await store.load(loadOf({ notes: notes.slice(0, 4) }));
    await store.load(loadOf({ notes: notes.slice(4) }));
    assert.deepEqual(await store.modes(), { pixels: new Map([['c', 'off']]), erased: [] });
    const codes = ['a', 'b', 'c', 'd', 'nobody minted this', "'"];
    assert.deepEqual(await store.sentTimes(codes), new Map([['b', 0]]));
    assert.deepEqual(await store.sentTimes([]), new Map());
    assert.deepEqual(await store.pixelsOf('zoe'), ['b']);
    assert.deepEqual(await store.pixelsOf('Zoe'), ['c']);
    assert.deepEqual(await store.pixelsOf(''), []);
  },

  'sent times of thousands of pixels come at once': async (store) => {
    const count = 3_000;
    const notes = Array.from({ length: count }, (_, i) =>
      somePixel(i, i % 3 === 0 ? { properties: { sentAt: BEGINNING + i } } : {}),
    );
    await store.load(loadOf({ notes }));
    const times = await store.sentTimes(notes.map(({ event }) => event.code));
    assert.equal(times.size, count / 3);
    assert.equal(times.get('pixel2997'), BEGINNING + 2_997);
  },

  'notes come to the same in any order, cut into any loads, and again': async (store) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(someNotes(), async ({ notes, order, cut }) => {
        const code = `run${run++}`;
        const named = (index: number): Recorded<Note> => withCode(notes[index], code);
        const reference = new MemoryStore();
        await reference.load(loadOf({ notes: notes.map((_, i) => named(i)) }));
        const shuffled = order.map((i) => named(i % notes.length));
        await store.load(loadOf({ notes: shuffled.slice(0, cut) }));
        await store.load(
          loadOf({ notes: [...shuffled.slice(cut), ...notes.map((_, i) => named(i))] }),
        );
        assert.deepEqual(await store.pixel(code), await reference.pixel(code));
        assert.deepEqual(await store.sentTimes([code]), await reference.sentTimes([code]));
        const [mine, its] = [await store.modes(), await reference.modes()];
        assert.equal(mine.pixels.get(code), its.pixels.get(code));
      }),
      { numRuns: 25, seed: SEED },
    );
  },

  'somebody’s word is the hit’s own sign, before it or after it, the last one by time': async (
    store,
  ) => {
    const hits = [0, 1, 2, 3].map((i) => someHit(i, {}, { own: i === 3 ? 'address' : null }));
    const [first, second, third, fourth] = hits as [JudgedHit, JudgedHit, JudgedHit, JudgedHit];
    await store.load(loadOf({ hits: [first], notes: [someClaim(10, second, true)] }));
    await store.load(
      loadOf({ hits: [second, third, fourth], notes: [someClaim(11, third, true)] }),
    );
    await store.load(loadOf({ notes: [someClaim(12, first, true), someClaim(12, fourth, false)] }));
    assert.deepEqual(await ownSigns(store), ['claimed', 'claimed', 'claimed', 'disclaimed']);
    await store.load(
      loadOf({ notes: [someClaim(15, first, false), someClaim(14, second, false)] }),
    );
    await store.load(loadOf({ notes: [someClaim(13, first, true), someClaim(10, second, true)] }));
    assert.deepEqual(await ownSigns(store), ['disclaimed', 'disclaimed', 'claimed', 'disclaimed']);
  },

  'a claim on a visit, or on a hit that never comes, does no harm': async (store) => {
    const visit = someHit(1, { kind: 'visit', code: null });
    const notes = [someClaim(5, visit, true), someClaim(6, someHit(2), true)];
    await store.load(loadOf({ hits: [visit], notes }));
    const [found] = await oldest(store, 10);
    assert.equal(found?.judgement.own, 'claimed');
    assert.deepEqual(await store.totals(), { pixels: 0, opens: 0, visits: 1 });
  },

  'a pixel that a note erases is gone, with what was said of it, and stays so': async (store) => {
    const note = erasure(9, CODE);
    const minted = [
      somePixel(1, { code: CODE, properties: { mode: 'off', recipient: 'zoe', sentAt: 1 } }),
      somePixel(2, { code: 'other', properties: { mode: 'off' } }),
    ];
    const hits = [
      someHit(1),
      someHit(2, { code: 'other' }),
      someHit(3, { code: null, kind: 'visit' }),
    ];
    await store.load(loadOf({ hits, notes: minted }));
    await store.load(loadOf({ notes: [note], hits: [someHit(4), someHit(5, { code: 'other' })] }));
    await store.load(loadOf({ notes: [note, ...minted], hits: [someHit(6)] }));
    assert.equal(await store.pixel(CODE), null);
    assert.equal(await store.countOpens(CODE), 0);
    assert.deepEqual(await newest(store, CODE, 10), { hits: [], next: null });
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 2, visits: 1 });
    assert.deepEqual(await store.pixelsOf('zoe'), []);
    assert.deepEqual(await store.sentTimes([CODE]), new Map());
    const modes = { pixels: new Map([['other', 'off']]), erased: [codeDigest(CODE)] };
    assert.deepEqual(await store.modes(), modes);
    assert.equal((await oldest(store, 10)).length, 3);
  },

  'a note of a pixel that was erased already, or that never was, changes nothing': async (
    store,
  ) => {
    await store.load(loadOf({ hits: [someHit(1), someHit(2, { code: 'other' })] }));
    await store.erasePixel(CODE);
    await store.load(loadOf({ notes: [erasure(5, CODE), erasure(6, 'nobody minted this')] }));
    assert.deepEqual(await store.totals(), { pixels: 0, opens: 1, visits: 0 });
    const digests = [codeDigest(CODE), codeDigest('nobody minted this')];
    assert.deepEqual((await store.modes()).erased.toSorted(), digests.toSorted());
  },
};

interface Place {
  readonly open: (dir: string) => Promise<Store>;
  readonly newDir: () => Promise<string>;
}

export const NOTES_REOPENED: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  'what was said, claimed and erased outlives the process': async ({ open, newDir }) => {
    const dir = await newDir();
    const first = await open(dir);
    const notes = [
      somePixel(1, { code: CODE, properties: ALL }),
      someClaim(2, someHit(1), true),
      erasure(3, 'erased'),
    ];
    await first.load(loadOf({ notes }));
    await first.close();
    const second = await open(dir);
    const hits = [someHit(1), someHit(2, { code: 'erased' })];
    await second.load(loadOf({ hits, notes: [someChange(0, { label: 'said earlier' })] }));
    assert.deepEqual((await second.pixel(CODE))?.properties, ALL);
    assert.deepEqual(await ownSigns(second), ['claimed']);
    assert.equal(await second.countOpens('erased'), 0);
    assert.deepEqual((await second.modes()).erased, [codeDigest('erased')]);
    await second.close();
  },
};

async function ownSigns(store: Store): Promise<(OwnSign | null)[]> {
  const { hits } = await newest(store, CODE, 10);
  return hits.map(({ judgement }) => judgement.own);
}

function erasure(number: number, code: string): Recorded<Note> {
  const id = { writer: '00000000000000ee', segment: 1, position: number };
  const digest = codeDigest(code);
  return { id, event: { kind: 'pixel-erased', at: BEGINNING + number, code: null, digest } };
}

function someNotes(): fc.Arbitrary<{
  notes: Recorded<Note>[];
  order: number[];
  cut: number;
}> {
  const text = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
  const properties = fc.record(
    {
      mode: fc.constantFrom('individual', 'aggregate', 'off', null),
      sentAt: fc.option(fc.nat(9), { nil: null }),
      recipient: text,
      label: text,
    },
    { requiredKeys: [] },
  );
  const note = fc.record({ at: fc.nat(4), minted: fc.boolean(), properties });
  const notes = fc.array(note, { minLength: 1, maxLength: 8 }).map((all) =>
    all.map(({ at, minted, properties: said }, i): Recorded<Note> => {
      const when = { at: BEGINNING + at };
      return minted ? somePixel(i, { ...when, properties: said }) : someChange(i, said, when);
    }),
  );
  return fc.record({ notes, order: fc.array(fc.nat(), { maxLength: 12 }), cut: fc.nat(12) });
}

function withCode(note: Recorded<Note> | undefined, code: string): Recorded<Note> {
  if (note === undefined || note.event.code === null) throw new Error('no note of a pixel');
  return { id: note.id, event: { ...note.event, code } };
}
