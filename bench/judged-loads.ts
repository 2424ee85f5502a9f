// Made-up traffic as the loader hands it to a store: with judgements, in loads, spread over some days, and
// with the pixels that it belongs to.

import type { Hit, JudgedHit, Note, Recorded } from '../src/hit/event.ts';
import { Judge } from '../src/verdict/judge.ts';
import { PrefixTable } from '../src/verdict/networks/prefix-table.ts';
import { viewerOf } from '../src/verdict/viewer.ts';
import type { Traffic } from './traffic.ts';

/** A load of the loader has about as many, at some 100 journal bytes a hit. */
const HITS_PER_LOAD = 60_000;
export const HITS_PER_PIXEL = 20;
const DAY_MICROS = 86_400_000_000;
/** This share of the opens is of one pixel. */
const LARGE_SHARE = 0.05;
export const LARGE = 'TheLargePixel000';

export interface BenchLoad {
  readonly hits: JudgedHit[];
  readonly notes: Recorded<Note>[];
  readonly progress: string;
}

/** What is different from plain traffic. */
export interface Mix {
  readonly hit: (hit: Hit, number: number) => Hit;
  readonly judged: (hit: JudgedHit, number: number) => JudgedHit;
  readonly campaignOf: (pixel: number) => string;
}

/** The same hits every time, in the order of their times, over so many days. */
export function* judgedLoads(
  traffic: Traffic,
  hits: number,
  days: number,
  mix: Mix | null = null,
): Generator<BenchLoad> {
  const minted = traffic.minted();
  const begin = traffic.hit().at;
  for (let done = 0; done < hits; done += HITS_PER_LOAD) {
    const count = Math.min(HITS_PER_LOAD, hits - done);
    const load: BenchLoad = { hits: [], notes: [], progress: String(done) };
    for (let i = 0; i < count; i++) {
      const number = done + i;
      const id = { writer: '00000000000000be', segment: 1, position: number };
      const plain = traffic.hit();
      const at = begin + Math.floor((number / hits) * days * DAY_MICROS);
      const large = plain.kind === 'open' && number % Math.round(1 / LARGE_SHARE) === 0;
      const placed = { ...plain, at, code: large ? LARGE : plain.code };
      const hit = judged({ id, event: mix === null ? placed : mix.hit(placed, number) });
      load.hits.push(mix === null ? hit : mix.judged(hit, number));
      if (i % HITS_PER_PIXEL !== 0) continue;
      const next = minted.next();
      if (next.done) continue;
      const campaign = mix?.campaignOf(Math.floor(number / HITS_PER_PIXEL));
      const properties = campaign === undefined ? {} : { properties: { campaign } };
      load.notes.push({ id, event: { ...next.value, at, ...properties } });
    }
    yield load;
  }
}

const judge = new Judge({
  apple: new PrefixTable<string>([]),
  scanners: new PrefixTable<never>([]),
  countries: null,
});

function judged({ id, event }: Recorded<Hit>): JudgedHit {
  const verdict = judge.judge(event);
  return { id, event, judgement: { verdict, own: null, viewer: viewerOf(event, verdict) } };
}

export interface Times {
  readonly median: number;
  readonly worst: number;
}

/** Milliseconds. */
export async function timed(questions: number, work: () => Promise<void>): Promise<Times> {
  const times: number[] = [];
  for (let i = 0; i < questions; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { median: times[questions >> 1] ?? NaN, worst: times.at(-1) ?? NaN };
}
