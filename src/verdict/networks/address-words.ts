// An address as 32-bit words: comparing numbers is what makes a search in 300,000 networks cheap.

/** IPv4 has one word, IPv6 four. */
export type WordCount = 1 | 4;

export interface AddressWords {
  /** 0: it is no address. */
  readonly count: WordCount | 0;
  /** The first `count` are the address's. */
  readonly words: Uint32Array;
}

const COLON = 58;

const last = { text: '', count: 0 as WordCount | 0, words: new Uint32Array(4) };

/**
 * The words of an address in canonical form, until another is asked for: a hit's address is looked up in one
 * table after the other, and read once.
 */
export function addressWords(text: string): AddressWords {
  if (text !== last.text) {
    last.text = text;
    last.count = readAddress(text, last.words);
  }
  return last;
}

/**
 * Reads an address in canonical form (hit/address.ts) into the first words of `into`. Returns how many they
 * are, 0 when it is no address.
 */
export function readAddress(text: string, into: Uint32Array): WordCount | 0 {
  return text.includes(':') ? readIPv6(text, into) : readIPv4(text, into);
}

function readIPv4(text: string, into: Uint32Array): WordCount | 0 {
  let word = 0;
  let part = 0;
  let parts = 1;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46 /* . */) {
      if (digits === 0 || parts === 4) return 0;
      word = word * 256 + part;
      part = 0;
      digits = 0;
      parts++;
    } else {
      if (code < 48 || code > 57 || digits === 3) return 0;
      part = part * 10 + code - 48;
      digits++;
      if (part > 255) return 0;
    }
  }
  if (parts !== 4 || digits === 0) return 0;
  into[0] = word * 256 + part;
  return 1;
}

function readIPv6(text: string, into: Uint32Array): WordCount | 0 {
  into.fill(0, 0, 4);
  const gap = text.indexOf('::');
  if (gap < 0) return readGroups(text, 0, text.length, into, 0) === 8 ? 4 : 0;
  const before = readGroups(text, 0, gap, into, 0);
  const after = countGroups(text, gap + 2);
  if (before < 0 || before + after > 7) return 0;
  return readGroups(text, gap + 2, text.length, into, 8 - after) < 0 ? 0 : 4;
}

function countGroups(text: string, from: number): number {
  if (from === text.length) return 0;
  let count = 1;
  for (let i = from; i < text.length; i++) if (text.charCodeAt(i) === COLON) count++;
  return count;
}

/** Writes groups from the `first` on; returns how many there were, −1 when one is none. */
function readGroups(
  text: string,
  from: number,
  to: number,
  into: Uint32Array,
  first: number,
): number {
  if (from === to) return 0;
  let at = first;
  let group = 0;
  let digits = 0;
  for (let i = from; i <= to; i++) {
    const code = i === to ? COLON : text.charCodeAt(i);
    if (code === COLON) {
      if (digits === 0 || at > 7) return -1;
      into[at >> 1] = at % 2 === 0 ? group * 65_536 : (into[at >> 1] as number) + group;
      group = 0;
      digits = 0;
      at++;
    } else {
      const digit = hexDigit(code);
      if (digit < 0 || digits === 4) return -1;
      group = group * 16 + digit;
      digits++;
    }
  }
  return at - first;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
