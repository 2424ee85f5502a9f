// What goes wrong with request heads on their way, or is made to: single bytes, line ends, whole lines, cuts,
// and pieces of one head in another.

import type { Chance } from '../torture/random.ts';
import { pick } from './heads.ts';

/** Bytes at which parsers part ways. */
const GRAVE_BYTES = [
  '\r',
  '\n',
  '\r\n',
  '\r\r\n',
  '\n\r',
  ' ',
  '\t',
  '\r\n ',
  '\r\n\t',
  '\0',
  '\x0b',
  '\x0c',
  '\x1f',
  '\x7f',
  '\x85',
  '\xa0',
  '\xff',
  ':',
  ',',
  ';',
  '#',
  '?',
  '\r\n\r\n',
  '\r\n\rX',
];
/** Lines that frame a body, or are nearly such lines. */
const GRAVE_LINES = [
  'Content-Length: 5',
  'Content-Length : 5',
  ' Content-Length: 5',
  '\tContent-Length: 5',
  'Content-Length\r: 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding\t: chunked',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding:\n chunked',
  'Transfer\r-Encoding: chunked',
  'Foo: bar\nTransfer-Encoding: chunked',
  'Foo: bar\rContent-Length: 5',
  'Foo: bar\r\n Content-Length: 5',
  'Expect: 100-continue',
  'Connection: upgrade\r\nUpgrade: h2c',
  'Connection: close',
  'Connection: keep-alive',
  'Host: other.example',
  'Referer: http://other.example/',
  'User-Agent: other',
  'DNT: 1',
  '__proto__: x',
  'NoColon',
  ': no name',
  '',
];
const BODIES = ['hello', '5\r\nhello\r\n0\r\n\r\n', '0\r\n\r\n', 'GET /x HTTP/1.1\r\n\r\n', '\0'];

type Damage = (chance: Chance, head: string, other: string) => string;

const DAMAGES: readonly Damage[] = [
  // One byte, anything.
  (chance, head) => put(chance, head, 1, String.fromCharCode(chance.between(0, 255))),
  (chance, head) => put(chance, head, 0, String.fromCharCode(chance.between(0, 255))),
  (chance, head) => put(chance, head, chance.between(1, 3), ''),
  (chance, head) => put(chance, head, chance.between(0, 1), pick(chance, GRAVE_BYTES)),
  (chance, head) => put(chance, head, chance.between(0, 2), pick(chance, GRAVE_BYTES)),
  // One bit.
  (chance, head) => {
    const at = chance.between(0, Math.max(0, head.length - 1));
    const flipped = (head.charCodeAt(at) || 0) ^ (1 << chance.between(0, 7));
    return head.slice(0, at) + String.fromCharCode(flipped & 0xff) + head.slice(at + 1);
  },
  // One line end.
  (chance, head) =>
    atOne(chance, head, '\r\n', pick(chance, ['\n', '\r', '\r\r\n', '\r\n ', ' \r\n', ''])),
  (chance, head) =>
    atOne(chance, head, ':', pick(chance, [' :', '\t:', '', '::', ': \t', '\r\n:', '\0:'])),
  // Whole lines.
  (chance, head) => withLines(chance, head, (lines, at) => lines.splice(at, 1)),
  (chance, head) =>
    withLines(chance, head, (lines, at) => lines.splice(at, 0, pick(chance, GRAVE_LINES))),
  (chance, head) =>
    withLines(chance, head, (lines, at) => lines.splice(at, 0, pick(chance, lines))),
  (chance, head) => withLines(chance, head, (lines, at) => lines.push(...lines.splice(at, 1))),
  (chance, head, other) =>
    withLines(chance, head, (lines, at) => lines.splice(at, 0, pick(chance, other.split('\r\n')))),
  // Cuts, joins, and what stands before and behind.
  (chance, head) => head.slice(0, chance.between(0, head.length)),
  (chance, head, other) =>
    head.slice(0, chance.between(0, head.length)) + other.slice(chance.between(0, other.length)),
  (chance, head) => pick(chance, ['\r\n', '\n', ' ', '\0', '\r\n\r\n']) + head,
  (chance, head) => head + pick(chance, BODIES),
];

/** `head` with so many damages; `other` is where foreign pieces come from. */
export function damage(chance: Chance, head: string, other: string, times: number): string {
  let damaged = head;
  for (let i = 0; i < times; i++) damaged = pick(chance, DAMAGES)(chance, damaged, other);
  return damaged;
}

function put(chance: Chance, head: string, removed: number, added: string): string {
  const at = chance.between(0, head.length);
  return head.slice(0, at) + added + head.slice(at + removed);
}

/** Replaces one of the places where `what` stands. */
function atOne(chance: Chance, head: string, what: string, by: string): string {
  const parts = head.split(what);
  if (parts.length < 2) return head;
  const at = chance.between(1, parts.length - 1);
  return parts.slice(0, at).join(what) + by + parts.slice(at).join(what);
}

function withLines(
  chance: Chance,
  head: string,
  change: (lines: string[], at: number) => unknown,
): string {
  const lines = head.split('\r\n');
  change(lines, chance.between(0, lines.length - 1));
  return lines.join('\r\n');
}
