// Made-up traffic that compresses as real traffic does: few agents seen often, many pages, a pixel opened a
// few times around the same day. Deterministic, so that two runs measure the same.

import type { Hit, PixelMinted } from '../src/hit/event.ts';

const VISIT_SHARE = 0.3;
const AGENTS = 400;
const PAGES = 5_000;
/** 2026-06-01T00:00:00Z, and a hit every 10 ms from there on average. */
const BEGINNING = 1_780_272_000_000_000;
const GAP_MICROS = 20_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const CODE_LENGTH = 16;

export class Traffic {
  readonly pixels: number;
  #state = 0x9e3779b9;
  #at = BEGINNING;

  constructor(pixels: number) {
    this.pixels = pixels;
  }

  *minted(): Generator<PixelMinted> {
    for (let i = 0; i < this.pixels; i++) {
      yield { kind: 'pixel-minted', at: BEGINNING + i, code: codeOf(i) };
    }
  }

  hit(): Hit {
    this.#at += Math.floor(this.#random() * GAP_MICROS);
    const address = `${10 + this.#below(200)}.${this.#below(256)}.${this.#below(256)}.${this.#below(256)}`;
    // Squared: some agents and pages are much more common than others.
    const agent = agentOf(Math.floor(this.#random() ** 2 * AGENTS));
    const common = { at: this.#at, address, agent, purpose: null };
    if (this.#random() < VISIT_SHARE) {
      const page = Math.floor(this.#random() ** 2 * PAGES);
      const referrer = `https://www.example.org/articles/${page}?utm_source=newsletter`;
      return { ...common, kind: 'visit', code: null, referrer };
    }
    return { ...common, kind: 'open', code: this.someCode(), referrer: null };
  }

  someCode(): string {
    return codeOf(this.#below(this.pixels));
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** xorshift32: fast, and good enough to spread load. */
  #random(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 2 ** 32;
  }
}

function codeOf(pixel: number): string {
  let x = Math.imul(pixel + 1, 0x9e3779b1);
  let code = '';
  for (let i = 0; i < CODE_LENGTH; i++) {
    x = Math.imul(x ^ (x >>> 15), 0x85ebca77) + pixel;
    code += ALPHABET[(x >>> 8) % ALPHABET.length];
  }
  return code;
}

function agentOf(number: number): string {
  const systems = [
    'Windows NT 10.0; Win64; x64',
    'Macintosh; Intel Mac OS X 10_15_7',
    'X11; Linux x86_64',
  ];
  const version = `${100 + Math.floor(number / 3)}.0.0.0`;
  const engine = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  return `Mozilla/5.0 (${systems[number % 3]}) ${engine} Chrome/${version} Safari/537.36`;
}
