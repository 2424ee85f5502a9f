// The search tree of a database in MaxMind's format, walked with the words of an address: mmdb-lib, which
// reads the rest of the file, splits the text of every address anew.
//
// The file begins with the tree. A node is two numbers of 24, 28 or 32 bits, for the next bit 0 and 1: below
// `nodeCount` another node, equal to it nothing, above it the place of a record. An IPv4 address is looked up
// behind 96 bits 0 in a tree of IPv6. https://maxmind.github.io/MaxMind-DB/

import type { Reader, Response } from 'mmdb-lib';
import type { AddressWords } from './address-words.ts';

/** IPv4's first bits, which are looked up at once. */
const JUMP_BITS = 16;

export class MmdbTree {
  readonly #bytes: Uint8Array;
  readonly #recordBits: number;
  readonly #nodeCount: number;
  readonly #hasIPv6: boolean;
  /** Where IPv4's addresses are after their first bits. */
  readonly #jumps = new Uint32Array(2 ** JUMP_BITS);

  constructor(
    bytes: Uint8Array,
    { nodeCount, recordSize, ipVersion }: Reader<Response>['metadata'],
  ) {
    this.#bytes = bytes;
    this.#recordBits = recordSize;
    this.#nodeCount = nodeCount;
    this.#hasIPv6 = ipVersion === 6;
    let root = 0;
    if (this.#hasIPv6) for (let bit = 0; bit < 96; bit++) root = this.#child(root, 0);
    const words = new Uint32Array(1);
    for (let high = 0; high < this.#jumps.length; high++) {
      words[0] = high << JUMP_BITS;
      this.#jumps[high] = this.#walk(words, root, 0, JUMP_BITS);
    }
  }

  /** A number that stands for the record of an address; 0 when there is none. */
  find({ count, words }: AddressWords): number {
    let place = 0;
    if (count === 1) {
      place = this.#walk(
        words,
        this.#jumps[(words[0] as number) >>> JUMP_BITS] as number,
        JUMP_BITS,
        32,
      );
    } else if (count === 4 && this.#hasIPv6) place = this.#walk(words, 0, 0, 128);
    return place > this.#nodeCount ? place : 0;
  }

  #walk(words: Uint32Array, from: number, firstBit: number, bits: number): number {
    let node = from;
    for (let bit = firstBit; bit < bits && node < this.#nodeCount; bit++) {
      node = this.#child(node, ((words[bit >> 5] as number) >>> (31 - (bit & 31))) & 1);
    }
    return node;
  }

  /** What is no node has no other child than itself. */
  #child(node: number, bit: number): number {
    if (node >= this.#nodeCount) return node;
    const bytes = this.#bytes;
    const size = this.#recordBits >> 2;
    const at = node * size;
    const byte = (i: number): number => bytes[at + i] as number;
    if (this.#recordBits === 28) {
      return bit === 0
        ? ((byte(3) & 0xf0) << 20) | (byte(0) << 16) | (byte(1) << 8) | byte(2)
        : ((byte(3) & 0x0f) << 24) | (byte(4) << 16) | (byte(5) << 8) | byte(6);
    }
    const first = bit === 0 ? 0 : size >> 1;
    const three = (byte(first) << 16) | (byte(first + 1) << 8) | byte(first + 2);
    return this.#recordBits === 24 ? three : three * 256 + byte(first + 3);
  }
}
