// Where a line ends, what a name is, and which of two wins: every line here hides a second one from somebody.

import { HIDDEN_REFERRER, hit, image, post, refused, type Trick } from './trick.ts';

const RFC = 'RFC 9112 §2.2 and §5';
const GARDEN = 'The HTTP Garden, its list of bugs';
const KETTLE_2025 = 'James Kettle, HTTP/1.1 Must Die (2025)';
const SCANNER = 'HTTP Request Smuggler (PortSwigger), its permutations';

const BAD: readonly [lines: string, from: string][] = [
  ['X: y\n', 'CVE-2022-32214 in llhttp'],
  ['X: y\r', 'CVE-2023-30589 in llhttp'],
  ['X: y\n\n', SCANNER],
  ['X: y\r\r', SCANNER],
  ['X: y\r\n\r', 'CVE-2025-23167 in llhttp'],
  ['X: y\r\n\rX', 'CVE-2025-23167 in llhttp'],
  ['X: y\r\r\n', GARDEN],
  ['X: \ry\r\n', GARDEN],
  ['\nX: y\r\n', GARDEN],
  ['\rX: y\r\n', GARDEN],
  ['X\r\n', RFC],
  ['X\r\nY: z\r\n', SCANNER],
  [': y\r\n', SCANNER],
  [' X: y\r\n', KETTLE_2025],
  ['\tX: y\r\n', KETTLE_2025],
  ['X : y\r\n', KETTLE_2025],
  ['X\t: y\r\n', KETTLE_2025],
  ['X: y\r\n z\r\n', RFC],
  ['X: y\r\n\tz\r\n', RFC],
  ['X: y\r\n \r\n', SCANNER],
  ['X: a\0b\r\n', GARDEN],
  ['X: a\x01b\r\n', GARDEN],
  ['X: a\x0bb\r\n', GARDEN],
  ['X: a\x7fb\r\n', GARDEN],
  ['X\x80: y\r\n', GARDEN],
  ['X(: y\r\n', GARDEN],
  ['"X": y\r\n', GARDEN],
  ['X@y: z\r\n', GARDEN],
  ['X y: z\r\n', SCANNER],
];
/** Odd, and of one meaning. */
const GOOD: readonly [lines: string, from: string][] = [
  ['X: a\x80b\r\n', GARDEN],
  ['X: a\x85b\r\n', SCANNER],
  ['X:\r\n', RFC],
  ['X:y\r\n', RFC],
  ['X: \t y \t \r\n', RFC],
  ['__proto__: x\r\n', 'CVE-2026-21710 in Node.js'],
  ['__proto__: x\r\n__proto__: y\r\n', 'CVE-2026-21710 in Node.js'],
  ['constructor: x\r\nhasOwnProperty: y\r\ntoString: z\r\n', 'CVE-2026-21710 in Node.js'],
];

const shown = (lines: string): string => JSON.stringify(lines).slice(1, -1);
const EMPTY = 'Content-Length: 0\r\n';

export const LINES: readonly Trick[] = [
  ...BAD.flatMap(([lines, from]) => [
    refused(`an image with ${shown(lines)}`, from, image(lines)),
    refused(`a request to the store with ${shown(lines)}`, from, post(lines + EMPTY, '')),
  ]),
  ...GOOD.flatMap(([lines, from]): Trick[] => [
    hit(`an image with ${shown(lines)}`, from, image(lines)),
    hit(`an image by Node’s lane with ${shown(lines)}`, from, image(`Upgrade: no\r\n${lines}`)),
    {
      name: `a request to the store with ${shown(lines)}`,
      from,
      sent: post(lines + EMPTY, ''),
      replies: [200],
      goesOn: true,
      passed: ['POST /v1/outer '],
    },
  ]),
  hit('the first of two referrers counts', RFC, image(`Referer: ${HIDDEN_REFERRER}\r\n`)),
  {
    name: 'an empty line ends the head, and what follows is no request',
    from: 'HTTP Request Smuggler (PortSwigger), its early bodies',
    sent: image('\r\nX: y\r\n'),
    replies: [200, 400],
    goesOn: false,
    hits: ['http://outer/'],
  },
];
