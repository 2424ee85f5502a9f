// Finds the network that an address is in, among many: sorted ranges that do not overlap, in flat arrays, and
// a binary search. Of networks within networks the longest prefix wins, as in routing.

import { addressWords, readAddress, type WordCount } from './address-words.ts';

/** A number as 32-bit words, the highest first: far quicker to compare and to split than a bigint. */
type Words = readonly number[];

/** The addresses of a network, first and last: one word each for IPv4, four for IPv6. */
export interface Prefix {
  readonly start: Words;
  readonly end: Words;
}

const WORD_MAX = 0xffff_ffff;

interface Range<Value> extends Prefix {
  readonly value: Value;
}

export class PrefixTable<Value> {
  readonly size: number;
  readonly #v4: RangeTable<Value>;
  readonly #v6: RangeTable<Value>;

  constructor(rows: Iterable<readonly [Prefix, Value]>) {
    const v4: Range<Value>[] = [];
    const v6: Range<Value>[] = [];
    for (const [{ start, end }, value] of rows) {
      (start.length === 1 ? v4 : v6).push({ start, end, value });
    }
    this.size = v4.length + v6.length;
    this.#v4 = new RangeTable(1, v4);
    this.#v6 = new RangeTable(4, v6);
  }

  /** What stands for the network of an address in canonical form; null when it is in none. */
  find(address: string): Value | null {
    if (this.size === 0 || address === '') return null;
    const { count, words } = addressWords(address);
    if (count === 0) return null;
    return (count === 1 ? this.#v4 : this.#v6).find(words);
  }
}

class RangeTable<Value> {
  readonly #count: WordCount;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #values: readonly Value[];

  constructor(count: WordCount, nested: Range<Value>[]) {
    const ranges = flatten(nested);
    this.#count = count;
    this.#starts = new Uint32Array(count * ranges.length);
    this.#ends = new Uint32Array(count * ranges.length);
    for (const [i, { start, end }] of ranges.entries()) {
      this.#starts.set(start, count * i);
      this.#ends.set(end, count * i);
    }
    this.#values = ranges.map(({ value }) => value);
  }

  find(words: Uint32Array): Value | null {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#starts, middle * this.#count, words, this.#count) <= 0) low = middle + 1;
      else high = middle;
    }
    const found = low - 1;
    if (found < 0 || compare(this.#ends, found * this.#count, words, this.#count) < 0) return null;
    return this.#values[found] ?? null;
  }
}

/** Below 0 when the number at `at` is the smaller one. */
function compare(table: Uint32Array, at: number, words: Uint32Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const difference = (table[at + i] as number) - (words[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Nested ranges as a row of disjoint ones, in order; of two equal ones the later wins. */
function flatten<Value>(nested: Range<Value>[]): Range<Value>[] {
  const sorted = nested.toSorted((a, b) => order(a.start, b.start) || order(b.end, a.end));
  const flat: Range<Value>[] = [];
  const open: Range<Value>[] = [];
  let next: Words = sorted[0]?.start ?? [];
  // Up to `end` it is the innermost open one; `next` is of no use when none is left around that.
  const emit = ({ value }: Range<Value>, end: Words): void => {
    if (order(next, end) > 0) return;
    flat.push({ start: next, end, value });
    if (open.length > 1) next = after(end);
  };
  const closeBefore = (start: Words | null): void => {
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      if (start !== null && order(last.end, start) >= 0) break;
      emit(last, last.end);
      open.pop();
    }
  };
  for (const range of sorted) {
    closeBefore(range.start);
    const around = open.at(-1);
    if (around !== undefined) emit(around, before(range.start));
    next = range.start;
    open.push(range);
  }
  closeBefore(null);
  return flat;
}

function order(a: Words, b: Words): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** One more; the highest word may then have 33 bits, which still compares. */
function after(words: Words): Words {
  const sum = [...words];
  let i = sum.length - 1;
  for (; i > 0 && sum[i] === WORD_MAX; i--) sum[i] = 0;
  sum[i] = (sum[i] as number) + 1;
  return sum;
}

/** One less; the highest word may then be −1. */
function before(words: Words): Words {
  const difference = [...words];
  let i = difference.length - 1;
  for (; i > 0 && difference[i] === 0; i--) difference[i] = WORD_MAX;
  difference[i] = (difference[i] as number) - 1;
  return difference;
}

/** Reads `192.0.2.0/24`, `2001:db8::/32`, or one address; null when it is none of these. */
export function parsePrefix(text: string): Prefix | null {
  const [address = '', length, ...rest] = text.trim().toLowerCase().split('/');
  const words = new Uint32Array(4);
  const count = readAddress(address, words);
  const bits = count * 32;
  const kept = length === undefined ? bits : Number(/^\d{1,3}$/.test(length) ? length : NaN);
  if (count === 0 || rest.length > 0 || !(kept >= 0 && kept <= bits)) return null;
  const start: number[] = [];
  const end: number[] = [];
  for (const [i, word] of words.subarray(0, count).entries()) {
    const hostBits = Math.min(Math.max(32 * (i + 1) - kept, 0), 32);
    const host = 2 ** hostBits - 1;
    start.push((word & ~host) >>> 0);
    end.push((word | host) >>> 0);
  }
  return { start, end };
}
