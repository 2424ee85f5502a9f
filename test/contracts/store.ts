// What every store must do, run against each adapter. An adapter is a module with `open(dir)`; it is named
// by its URL because one test opens it in another process, to kill that.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NOT_JUDGED } from '../../src/hit/verdict.ts';
import type { Store } from '../../src/store/store.ts';
import { ERASED_THEN_REOPENED, ERASURE } from './erasure.ts';
import {
  BEGINNING,
  CODE,
  loadAfter,
  loadOf,
  oldest,
  newest,
  someHit,
  somePixel,
} from './store-events.ts';
import { HITS } from './store-hits.ts';
import { JUDGEMENTS } from './store-judgements.ts';
import { LISTING } from './store-listing.ts';
import { KNOWN } from './store-known.ts';
import { NOTES, NOTES_REOPENED } from './store-notes.ts';
import { STATISTICS } from './store-statistics.ts';

const KILLS = 8;

interface Adapter {
  /** Which of the two ways of store.ts: `atomic`, or `repeatable` when the same load may be done again. */
  readonly loads: 'atomic' | 'repeatable';
  readonly open: (dir: string) => Promise<Store>;
}

/** Each is given a new store, which is closed afterwards. */
const ONE_STORE: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'a new store has no progress, no pixels and no hits': async (store) => {
    assert.equal(await store.progress(), null);
    assert.equal(await store.pixel(CODE), null);
    assert.equal(await store.countOpens(CODE), 0);
    assert.deepEqual(await newest(store, CODE, 10), { hits: [], next: null });
    assert.deepEqual(await store.totals(), { pixels: 0, opens: 0, visits: 0 });
  },

  'a hit comes back exactly as it was loaded': async (store) => {
    const hit = someHit(1, {
      address: '2001:db8::1',
      referrer: 'https://site.example/page?a=1|2',
      agent: null,
      purpose: 'prefetch',
    });
    await store.load(loadOf({ hits: [hit] }));
    assert.deepEqual((await newest(store, CODE, 10)).hits, [hit]);
  },

  'times keep their microseconds, from 1970 to 2255': async (store) => {
    const times = [0, 1, 999_999, BEGINNING, BEGINNING + 1, 8_999_999_999_999_999];
    const hits = times.map((at, i) => someHit(i, { at }));
    await store.load(loadOf({ hits, notes: [somePixel(1, { at: BEGINNING, code: CODE })] }));
    assert.deepEqual((await newest(store, CODE, 10)).hits, hits);
    assert.deepEqual(await store.pixel(CODE), { code: CODE, createdAt: BEGINNING, properties: {} });
  },

  'ids keep every bit, to the largest segment and position': async (store) => {
    const ids = [
      { writer: 'ffffffffffffffff', segment: 4_294_967_295, position: 4_294_967_295 },
      { writer: '0000000000000000', segment: 0, position: 0 },
    ];
    const hits = ids.map((id, i) => ({ ...someHit(i), id }));
    await store.load(loadOf({ hits }));
    assert.deepEqual((await newest(store, CODE, 10)).hits, hits);
  },

  'strange strings come back unchanged': async (store) => {
    const strings = [
      '',
      "'; DROP TABLE hits; --",
      '"double" \\ back\\slash $1 ? %s {} ',
      'tab\tnewline\r\nbell\u0007delete\u007fnext\u0085line\u2028',
      'na\u00efve caf\u00e9 \u00ff',
      '\u{1f4e7}\u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u202eright to left',
      'null',
      'x'.repeat(4096),
      '\u{1f4e7}'.repeat(1024),
    ];
    const hits = strings.map((text, i) =>
      someHit(i, { referrer: text, agent: text, purpose: text }),
    );
    await store.load(loadOf({ hits }));
    assert.deepEqual((await newest(store, CODE, 100)).hits, hits);
  },

  'an empty string is not a missing one': async (store) => {
    const hits = [
      someHit(1, { referrer: '', agent: null }),
      someHit(2, { referrer: null, agent: '' }),
    ];
    await store.load(loadOf({ hits }));
    assert.deepEqual((await newest(store, CODE, 10)).hits, hits);
  },

  'SQL in a code is a code that nobody minted': async (store) => {
    await store.load(loadOf({ hits: [someHit(1)], notes: [somePixel(1, { code: CODE })] }));
    const codes = [
      "' OR 1=1 --",
      "AAAA'; DROP TABLE pixels; --",
      '%',
      '_'.repeat(16),
      '',
      '$1',
      '?',
      'A\\',
    ];
    for (const code of codes) {
      assert.equal(await store.pixel(code), null, code);
      assert.equal(await store.countOpens(code), 0, code);
      assert.deepEqual(await newest(store, code, 10), { hits: [], next: null }, code);
    }
    const hostile = codes.map((code, i) => someHit(10 + i, { code }));
    await store.load(loadOf({ hits: hostile, notes: [somePixel(2, { code: "x' OR 'x'='x" })] }));
    for (const hit of hostile) {
      assert.deepEqual((await newest(store, hit.event.code ?? '', 10)).hits, [hit]);
    }
    assert.equal((await store.pixel("x' OR 'x'='x"))?.createdAt, BEGINNING + 2);
    assert.equal(await store.countOpens(CODE), 1);
  },

  'a code is found by every character, upper and lower case apart': async (store) => {
    const codes = ['abc', 'ABC', 'abC', 'abc ', ' abc', 'ab', 'abcd'];
    await store.load(loadOf({ hits: codes.map((code, i) => someHit(i, { code })) }));
    for (const code of codes) assert.equal(await store.countOpens(code), 1, code);
  },

  'visits belong to no pixel and are counted apart': async (store) => {
    const visit = someHit(1, { kind: 'visit', code: null, referrer: 'https://site.example/' });
    await store.load(loadOf({ hits: [visit, someHit(2)], notes: [somePixel(1)] }));
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 1, visits: 1 });
  },

  'what was asked before there was an answer is answered rightly afterwards': async (store) => {
    const visit = someHit(1, { kind: 'visit', code: null });
    const ask = async (): Promise<unknown> => [
      (await store.totals()).opens,
      await store.countOpens(CODE),
      (await store.counts(CODE, 0)).hits,
      (await newest(store, CODE, 10)).hits.length,
      (await oldest(store, 10)).length,
      (await store.sentTimes([CODE])).size,
      (await store.modes()).pixels.size,
      await store.hasUnjudged(),
    ];
    await store.load(loadOf({ hits: [visit], notes: [somePixel(1)] }));
    const first = [0, 0, 0, 0, 1, 0, 0, false];
    // More than one reader, each with statements of its own.
    assert.deepEqual(await Promise.all([ask(), ask()]), [first, first]);
    const notes = [somePixel(2, { code: CODE, properties: { sentAt: 1, mode: 'off' } })];
    await store.load(loadOf({ hits: [someHit(2), someHit(3, {}, NOT_JUDGED)], notes }));
    const second = [2, 2, 2, 2, 3, 1, 1, true];
    assert.deepEqual(await Promise.all([ask(), ask()]), [second, second]);
  },

  'a pixel that was minted twice is one pixel, with its earlier time': async (store) => {
    const at = [BEGINNING + 5, BEGINNING + 3, BEGINNING + 4];
    await store.load(
      loadOf({ notes: at.map((time, i) => somePixel(i, { at: time, code: CODE })) }),
    );
    await store.load(loadOf({ notes: [somePixel(9, { at: BEGINNING + 9, code: CODE })] }));
    assert.deepEqual(await store.pixel(CODE), {
      code: CODE,
      createdAt: BEGINNING + 3,
      properties: {},
    });
    await store.load(loadOf({ notes: [somePixel(10, { at: BEGINNING, code: CODE })] }));
    assert.deepEqual(await store.pixel(CODE), { code: CODE, createdAt: BEGINNING, properties: {} });
    assert.equal((await store.totals()).pixels, 1);
  },

  'each of many pixels has its own hits': async (store) => {
    const pixels = 300;
    const code = (i: number): string => `code-${i % pixels}`;
    const hits = Array.from({ length: 4_000 }, (_, i) => someHit(i, { code: code(i) }));
    await store.load(
      loadOf({
        hits,
        notes: hits.slice(0, pixels).map((_, i) => somePixel(i, { code: code(i) })),
      }),
    );
    for (const i of [0, 1, 99, 100, 299]) {
      const own = hits.filter((hit) => hit.event.code === code(i));
      assert.equal(await store.countOpens(code(i)), own.length);
      assert.deepEqual((await newest(store, code(i), 100)).hits, own);
    }
    assert.deepEqual(await store.totals(), { pixels, opens: 4_000, visits: 0 });
  },

  'reads that run beside loads see whole loads only': async (store) => {
    const loads = (async () => {
      for (let i = 0; i < 20; i++) {
        const hits = Array.from({ length: 50 }, (_, k) => someHit(i * 50 + k));
        await store.load(loadOf({ hits, progress: String(i) }));
      }
    })();
    const counts: number[] = [];
    for (let i = 0; i < 40; i++) counts.push(await store.countOpens(CODE));
    await loads;
    assert.ok(counts.every((count) => count % 50 === 0));
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    assert.equal(await store.countOpens(CODE), 1_000);
  },
};

/** For a store whose loads are `repeatable`. */
const REPEATABLE: typeof ONE_STORE = {
  'a load that is done again changes nothing': async (store) => {
    const visit = someHit(900, { kind: 'visit', code: null });
    const hits = [...Array.from({ length: 500 }, (_, i) => someHit(i)), visit];
    const load = loadOf({ hits, notes: [somePixel(1)] });
    await store.load(load);
    await store.load(load);
    await store.load({ ...load, hits: [...hits.slice(250), someHit(500)] });
    assert.deepEqual(await store.totals(), { pixels: 1, opens: 501, visits: 1 });
    assert.equal(await store.countOpens(CODE), 501);
    const found = (await newest(store, CODE, 1_000)).hits;
    assert.deepEqual(found, [...hits.slice(0, 500), someHit(500)]);
  },
};

interface Place extends Adapter {
  /** The adapter's URL. */
  readonly adapter: string;
  readonly newDir: () => Promise<string>;
}

/** Each opens its stores itself, more than once. */
const REOPENED: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  'events and progress outlive the process': async ({ open, newDir }) => {
    const dir = await newDir();
    const first = await open(dir);
    await first.load(
      loadOf({ hits: [someHit(1)], notes: [somePixel(1)], progress: '{"a":"\u00e9|"}' }),
    );
    await first.load(loadOf({ progress: 'second' }));
    await first.close();
    const second = await open(dir);
    assert.equal(await second.progress(), 'second');
    assert.deepEqual((await newest(second, CODE, 10)).hits, [someHit(1)]);
    await second.load(loadOf({ hits: [someHit(2)], progress: 'third' }));
    assert.equal(await second.countOpens(CODE), 2);
    await second.close();
  },

  'a closed store refuses, for good': async ({ open, newDir }) => {
    const store = await open(await newDir());
    await store.close();
    await store.close();
    await assert.rejects(store.countOpens(CODE), { name: 'StoreError', retryable: false });
    await assert.rejects(store.load(loadOf({})), { name: 'StoreError', retryable: false });
  },

  [`kills lose nothing and double nothing (${KILLS} of them)`]: async ({
    open,
    newDir,
    adapter,
    loads,
  }) => {
    const dir = await newDir();
    let loaded = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const size = [1, 40, 3_000][kill % 3] as number;
      await killWhileLoading(adapter, dir, size, 20 + Math.random() * 150);
      const store = await open(dir);
      const before = loaded;
      loaded = Number((await store.progress()) ?? 0);
      assert.ok(loaded >= before, 'what was once committed is still there');
      if (loads === 'repeatable') {
        // Events of one load may be there already; that load is done again, as the loader would.
        const { opens } = await store.totals();
        assert.ok(opens >= loaded && opens <= loaded + size, `${opens} of ${loaded} hits`);
        await store.load(loadAfter(loaded, size));
        loaded += size;
      }
      assert.deepEqual(await store.totals(), { pixels: loaded, opens: loaded, visits: 0 });
      const [last] = (await newest(store, CODE, 1)).hits;
      assert.equal(last?.event.at, loaded === 0 ? undefined : BEGINNING + loaded - 1);
      await store.close();
    }
    assert.ok(loaded > 0, 'the child loaded something before it was killed');
  },
};

const MORE = {
  ...KNOWN,
  ...ERASURE,
  ...NOTES,
  ...JUDGEMENTS,
  ...HITS,
  ...LISTING,
  ...STATISTICS,
};

export function storeContract(name: string, adapter: string): void {
  describe(`the store contract: ${name}`, async () => {
    const { open, loads } = (await import(adapter)) as Adapter;
    const dirs: string[] = [];
    const newDir = async (): Promise<string> => {
      const dir = await mkdtemp(join(tmpdir(), 'truepixel-store-'));
      dirs.push(dir);
      return dir;
    };
    after(async () => {
      for (const dir of dirs) await rm(dir, { recursive: true, force: true });
    });
    const extra = loads === 'repeatable' ? REPEATABLE : {};
    for (const [title, body] of Object.entries({ ...ONE_STORE, ...MORE, ...extra })) {
      test(title, async () => {
        const store = await open(await newDir());
        try {
          await body(store);
        } finally {
          await store.close();
        }
      });
    }
    for (const [title, body] of Object.entries({
      ...REOPENED,
      ...ERASED_THEN_REOPENED,
      ...NOTES_REOPENED,
    })) {
      test(title, () => body({ open, loads, adapter, newDir }));
    }
  });
}

async function killWhileLoading(
  adapter: string,
  dir: string,
  hitsPerLoad: number,
  milliseconds: number,
): Promise<void> {
  const child = fork(new URL('./store-child.ts', import.meta.url), [
    adapter,
    dir,
    String(hitsPerLoad),
  ]);
  const ended = once(child, 'exit');
  await Promise.race([once(child, 'message'), ended]);
  assert.equal(child.exitCode, null, 'the child opened the store');
  await sleep(milliseconds);
  child.kill('SIGKILL');
  await ended;
}
