// Finds the network that an address is in, among many: sorted ranges that do not overlap, in flat arrays, and
// a binary search. Of networks within networks the longest prefix wins, as in routing.

import { readAddress, type WordCount } from './address-words.ts';

/** The addresses of a network, first and last, as numbers. */
export interface Prefix {
  readonly count: WordCount;
  readonly start: bigint;
  readonly end: bigint;
}

interface Range<Value> {
  readonly start: bigint;
  readonly end: bigint;
  readonly value: Value;
}

export class PrefixTable<Value> {
  readonly size: number;
  readonly #v4: RangeTable<Value>;
  readonly #v6: RangeTable<Value>;
  readonly #words = new Uint32Array(4);

  constructor(rows: Iterable<readonly [Prefix, Value]>) {
    const v4: Range<Value>[] = [];
    const v6: Range<Value>[] = [];
    for (const [{ count, start, end }, value] of rows) {
      (count === 1 ? v4 : v6).push({ start, end, value });
    }
    this.size = v4.length + v6.length;
    this.#v4 = new RangeTable(1, v4);
    this.#v6 = new RangeTable(4, v6);
  }

  /** What stands for the network of an address in canonical form; null when it is in none. */
  find(address: string): Value | null {
    if (this.size === 0 || address === '') return null;
    const count = readAddress(address, this.#words);
    if (count === 0) return null;
    return (count === 1 ? this.#v4 : this.#v6).find(this.#words);
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
    this.#starts = wordsOf(
      count,
      ranges.map(({ start }) => start),
    );
    this.#ends = wordsOf(
      count,
      ranges.map(({ end }) => end),
    );
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
  let next = 0n;
  const emit = (end: bigint): void => {
    const inner = open.at(-1);
    if (inner !== undefined && next <= end) flat.push({ start: next, end, value: inner.value });
    if (end >= next) next = end + 1n;
  };
  const closeBefore = (start: bigint | null): void => {
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      if (start !== null && last.end >= start) break;
      emit(last.end);
      open.pop();
    }
  };
  for (const range of sorted) {
    closeBefore(range.start);
    emit(range.start - 1n);
    next = range.start;
    open.push(range);
  }
  closeBefore(null);
  return flat;
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));

function wordsOf(count: WordCount, numbers: readonly bigint[]): Uint32Array {
  const words = new Uint32Array(numbers.length * count);
  for (const [i, number] of numbers.entries()) {
    for (let word = 0; word < count; word++) {
      words[i * count + word] = Number((number >> BigInt(32 * (count - 1 - word))) & 0xffff_ffffn);
    }
  }
  return words;
}

/** Reads `192.0.2.0/24`, `2001:db8::/32`, or one address; null when it is none of these. */
export function parsePrefix(text: string): Prefix | null {
  const [address = '', length, ...rest] = text.trim().toLowerCase().split('/');
  const words = new Uint32Array(4);
  const count = readAddress(address, words);
  const bits = count * 32;
  const kept = length === undefined ? bits : Number(/^\d{1,3}$/.test(length) ? length : NaN);
  if (count === 0 || rest.length > 0 || !(kept >= 0 && kept <= bits)) return null;
  let start = 0n;
  for (let i = 0; i < count; i++) start = (start << 32n) | BigInt(words[i] as number);
  const host = (1n << BigInt(bits - kept)) - 1n;
  return { count, start: start & ~host, end: start | host };
}
