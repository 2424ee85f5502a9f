// An address as 32-bit words: comparing numbers is what makes a search in 300,000 networks cheap.

/** IPv4 has one word, IPv6 four. */
export type WordCount = 1 | 4;

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
  const gap = text.indexOf('::');
  const head = gap < 0 ? text : text.slice(0, gap);
  const tail = gap < 0 ? '' : text.slice(gap + 2);
  into.fill(0, 0, 4);
  const before = readGroups(head, into, 0);
  const after = tail === '' ? 0 : countGroups(tail);
  if (before < 0 || (gap < 0 ? before !== 8 : before + after > 7)) return 0;
  return readGroups(tail, into, 8 - after) < 0 ? 0 : 4;
}

function countGroups(text: string): number {
  let count = 1;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 58 /* : */) count++;
  return count;
}

/** Writes groups from the `first` on; returns how many there were, −1 when one is none. */
function readGroups(text: string, into: Uint32Array, first: number): number {
  if (text === '') return 0;
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    const at = first + i;
    if (at > 7 || !/^[0-9a-f]{1,4}$/i.test(group)) return -1;
    const value = parseInt(group, 16);
    const word = into[at >> 1] ?? 0;
    into[at >> 1] = at % 2 === 0 ? value * 65_536 + (word & 0xffff) : word + value;
  }
  return groups.length;
}
