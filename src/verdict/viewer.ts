// Who counts as one. Hits of a pixel with the same viewer are looks of one person, or of one provider's proxy
// that fetches for any number of people: repeats and unique opens are counted by it (docs/counting.md).

import type { Hit } from '../hit/event.ts';
import { isPerson, type Verdict } from '../hit/verdict.ts';

const HALF_CHARS = 8;

/** Separates the parts, since an agent may hold any other character. */
const SEPARATOR = '\0';

/**
 * 16 hexadecimal digits. A person is known by address and agent, or by the visitor that the collector made
 * of them where they are not kept; everybody else, and a person who is not to be told apart, by the
 * kind of client.
 */
export function viewerOf(hit: Hit, verdict: Verdict): string {
  if (!isPerson(verdict.class)) return digest('client', verdict.class, verdict.client);
  const { withheld } = hit;
  if (withheld === undefined) return digest('person', hit.address, hit.agent);
  return withheld.visitor ?? digest('client', verdict.class, verdict.client);
}

/**
 * 64 bits, the same in every process (cyrb64, public domain, by bryc). SHA-256 would take five times as long and
 * hide no more, as address and agent are kept beside it. Among a million viewers of one pixel two are taken for
 * one with a chance of 3 in 100 million; who makes it happen gains what sending another's agent would.
 */
function digest(...parts: readonly (string | null)[]): string {
  const text = parts.join(SEPARATOR);
  let a = 0xdead_beef;
  let b = 0x41c6_ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e37_79b1);
    b = Math.imul(b ^ code, 0x5f35_6495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85eb_ca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2_ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85eb_ca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2_ae35);
  return half(b) + half(a);
}

const half = (word: number): string => (word >>> 0).toString(16).padStart(HALF_CHARS, '0');
