// One visit as a line of the visit log, in the form that tracking-system wrote:
//
//   2023-12-10T22:22:43.7936205+00:00|https://site/page|Mozilla/5.0 ...|10.0.0.1
//
// time|referrer|agent|address and LF. UTC with seven digits of a second (the last is 0: we know
// microseconds); `null` for a missing referrer or agent, and nothing at all for one that was sent empty
// (`Referer:`); `-` for an address that the address policy did not keep.
//
// What a client sent can forge neither a line nor a field, and every value can be read back: a `|`, a
// control character (C0, DEL, C1) and the line ends U+2028 and U+2029 are written as `%` and the two
// upper-case hexadecimal digits of each of their UTF-8 bytes; a value that is the text `null` as `%6Eull`.
// A `%` itself is written `%25` only where what follows it would read as one of these escapes, so that the
// `%20` of an ordinary URL stays as it was. To read a value back, replace exactly the escapes named here,
// once, from left to right.

import type { Hit } from '../hit/event.ts';

const MISSING = 'null';
const LITERAL_NULL = '%6Eull';
const NO_ADDRESS = '-';

/** What must not stand in a value as it is, and a `%` before what would read as an escape. */
const TO_ESCAPE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[|\u0000-\u001f\u007f-\u009f\u2028\u2029]|%(?=[01][0-9a-f]|7[cf]|25|6e|c2%[89][0-9a-f]|e2%80%a[89])/gi;

/** The line of a visit, with its line end. */
export function visitLine({ at, referrer, agent, address }: Hit): string {
  return `${visitTime(at)}|${value(referrer)}|${value(agent)}|${escape(address) || NO_ADDRESS}\n`;
}

function value(text: string | null): string {
  if (text === null) return MISSING;
  return text === MISSING ? LITERAL_NULL : escape(text);
}

function escape(text: string): string {
  return text.replace(TO_ESCAPE, (character) => {
    let escaped = '';
    for (const byte of Buffer.from(character)) {
      escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }
    return escaped;
  });
}

let second = Number.NaN;
let secondText = '';

/** Visits come in runs of the same second: its text is made once. */
function visitTime(at: number): string {
  const whole = Math.floor(at / 1_000_000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1_000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  }
  const micros = String(at - whole * 1_000_000).padStart(6, '0');
  return `${secondText}.${micros}0+00:00`;
}
