// Events for the store's contract suite, numbered so that each has an id, a time and a code of its own.

import type {
  Hit,
  HitClaimed,
  JudgedHit,
  PixelChanged,
  PixelMinted,
  PixelProperties,
  Recorded,
} from '../../src/hit/event.ts';
import type { Judgement } from '../../src/hit/verdict.ts';
import { EVERY_HIT } from '../../src/store/selection.ts';
import type { HitPage, HitPlace, Load, Store } from '../../src/store/store.ts';

/** 2026-06-01T00:00:00.000001Z: not a whole millisecond. */
export const BEGINNING = 1_780_272_000_000_001;

/** The code of hits that name no other. */
export const CODE = 'AAAAAAAAAAAAAAAA';

/** What hits are judged to be unless a test says otherwise: a person's look. */
export const JUDGEMENT: Judgement = {
  verdict: {
    class: 'human-browser',
    reason: 'browser-agent',
    client: 'Chrome',
    os: 'Windows',
    device: 'desktop',
    country: 'DE',
  },
  own: null,
  viewer: 'f1e2d3c4b5a69788',
};

export function someHit(
  number: number,
  facts: Partial<Hit> = {},
  judgement: Partial<Judgement> = {},
): JudgedHit {
  return {
    id: { writer: '00000000000000aa', segment: 1, position: 16 + number * 100 },
    event: {
      kind: 'open',
      at: BEGINNING + number,
      code: CODE,
      address: '192.0.2.1',
      referrer: null,
      agent: 'Mozilla/5.0',
      purpose: null,
      ...facts,
    },
    judgement: { ...JUDGEMENT, ...judgement },
  };
}

export function somePixel(number: number, facts: Partial<PixelMinted> = {}): Recorded<PixelMinted> {
  return {
    id: { writer: '00000000000000bb', segment: 1, position: 16 + number * 100 },
    event: { kind: 'pixel-minted', at: BEGINNING + number, code: `pixel${number}`, ...facts },
  };
}

export function someChange(
  number: number,
  properties: PixelProperties,
  facts: Partial<PixelChanged> = {},
): Recorded<PixelChanged> {
  return {
    id: { writer: '00000000000000cc', segment: 1, position: 16 + number * 100 },
    event: { kind: 'pixel-changed', at: BEGINNING + number, code: CODE, properties, ...facts },
  };
}

/** Somebody's word on a hit, said `number` microseconds after the beginning. */
export function someClaim(
  number: number,
  { id, event }: Recorded<Hit>,
  own: boolean,
): Recorded<HitClaimed> {
  return {
    id: { writer: '00000000000000dd', segment: 1, position: 16 + number * 100 },
    event: {
      kind: 'hit-claimed',
      at: BEGINNING + number,
      code: event.code,
      hit: id,
      hitAt: event.at,
      own,
    },
  };
}

/**
 * `count` hits and pixels behind the first `loaded`; its progress says how many the store must hold with
 * it.
 */
export function loadAfter(loaded: number, count: number): Load {
  const hits = Array.from({ length: count }, (_, i) => someHit(loaded + i));
  const notes = hits.map((_, i) => somePixel(loaded + i));
  return { hits, notes, progress: String(loaded + count) };
}

export function loadOf(parts: Partial<Load>): Load {
  return { hits: [], notes: [], progress: 'somewhere', ...parts };
}

/** The first hits of all, or those behind a place. */
export async function oldest(
  store: Pick<Store, 'hits'>,
  limit: number,
  place: HitPlace | null = null,
): Promise<readonly JudgedHit[]> {
  return (await store.hits({ selection: EVERY_HIT, order: 'oldest', place, limit })).hits;
}

export function newest(store: Store, code: string, limit: number): Promise<HitPage> {
  return store.pixelHits({ code, limit, before: null });
}
