// Tells the visitors of one day apart without knowing them: nobody can get back from a visitor to an address,
// least of all when the day's salt is destroyed (visitor-salts.ts).

import { Hmac } from './hmac.ts';

const VISITOR_CHARS = 16;
/** Separates the parts, since an agent may hold any other character. */
const SEPARATOR = '\0';

/** 16 hexadecimal digits. `site` is the referrer's host for visits, and empty for opens. */
export function visitorOf(
  salt: Uint8Array,
  address: string,
  agent: string | null,
  site: string,
): string {
  const parts = [address, agent ?? '', site].join(SEPARATOR);
  return new Hmac(salt).digest(parts).toString('hex', 0, VISITOR_CHARS / 2);
}
