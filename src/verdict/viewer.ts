// Who counts as one. Hits of a pixel with the same viewer are looks of one person, or of one provider's proxy
// that fetches for any number of people: repeats and unique opens are counted by it (docs/counting.md).

import { hash } from 'node:crypto';
import type { Hit } from '../hit/event.ts';
import { isPerson, type Verdict } from '../hit/verdict.ts';

const VIEWER_CHARS = 16;

/** Separates the parts, since an agent may hold any other character. */
const SEPARATOR = '\0';

/**
 * 16 hexadecimal digits. A person is known by address and agent, or by the visitor that the collector made
 * of them where they are not kept, or by what is kept if no collector made one; everybody else, and a
 * person who is not to be told apart, by the kind of client.
 */
export function viewerOf(hit: Hit, verdict: Verdict): string {
  if (!isPerson(verdict.class)) return digest('client', verdict.class, verdict.client);
  const { withheld } = hit;
  if (withheld !== undefined && withheld.visitor !== null) return withheld.visitor;
  if (withheld !== undefined && hit.agent === null) {
    return digest('client', verdict.class, verdict.client);
  }
  return digest('person', hit.address, hit.agent);
}

function digest(...parts: readonly (string | null)[]): string {
  return hash('sha256', parts.join(SEPARATOR), 'hex').slice(0, VIEWER_CHARS);
}
