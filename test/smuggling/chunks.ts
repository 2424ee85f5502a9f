// Chunks that two servers would cut at different places: what stands behind a size, how a line ends, what a
// number is, and what a trailer may say.

import { API, HIT, image, post, read, refused, type Trick } from './trick.ts';

const FUNKY = 'Jeppe Bonde Weikop, Funky Chunks (2025)';
const GARDEN = 'The HTTP Garden, its list of bugs';
const NODE_2021 = 'CVE-2021-22960 in llhttp';
const T_REQS = 'T-Reqs (Jabiyev and others, 2021)';

const END = '0\r\n\r\n';

const BAD: readonly [name: string, from: string, chunks: string][] = [
  ['TERM.EXT: LF ends an extension', FUNKY, `5;\nhello\r\n${END}`],
  ['an extension goes on behind LF', FUNKY, `2;\nxx\r\n31\r\n${END}${API}`],
  ['EXT.TERM: an extension ends with CR', FUNKY, `5;\rhello\r\n${END}`],
  ['CR in an extension', FUNKY, `5;a\rX\r\nhello\r\n${END}`],
  ['LF in an extension', NODE_2021, `5;a\nxx\r\nhello\r\n${END}`],
  ['CRLF in a quoted extension', FUNKY, `5;a="b\r\nc"\r\nhello\r\n${END}`],
  ['NUL in an extension', GARDEN, `5;\0\r\nhello\r\n${END}`],
  ['TERM.SPILL: two bytes in place of the line end', FUNKY, `5\r\nhelloXX${END}`],
  ['SPILL.TERM: no line end behind a chunk', FUNKY, `5\r\nhello${END}`],
  ['ONE.TWO: LF alone behind a chunk', FUNKY, `5\r\nhello\n${END}`],
  ['TWO.ONE: CR CR LF behind a chunk', FUNKY, `5\r\nhello\r\r\n${END}`],
  ['LF for every line end', GARDEN, '5\nhello\n0\n\n'],
  ['CR behind a size', GARDEN, `5\rhello\r\n${END}`],
  ['a size in 0x', GARDEN, `0x5\r\nhello\r\n${END}`],
  ['a size with a plus', GARDEN, `+5\r\nhello\r\n${END}`],
  ['a size with a minus', GARDEN, `-5\r\nhello\r\n${END}`],
  ['a size with an underscore', GARDEN, `0_5\r\nhello\r\n${END}`],
  ['a blank before a size', GARDEN, ` 5\r\nhello\r\n${END}`],
  ['a blank behind a size', GARDEN, `5 \r\nhello\r\n${END}`],
  ['a tab behind a size', GARDEN, `5\t\r\nhello\r\n${END}`],
  ['a blank before an extension', T_REQS, `5 ;a\r\nhello\r\n${END}`],
  ['NUL behind a size', GARDEN, `5\0\r\nhello\r\n${END}`],
  ['a size that is none', T_REQS, `5g\r\nhello\r\n${END}`],
  ['no size', T_REQS, `\r\nhello\r\n${END}`],
  ['an extension of nothing', T_REQS, `;\r\nhello\r\n${END}`],
  ['a size past 64 bits that is 5 in 64', GARDEN, `10000000000000005\r\nhello\r\n${END}`],
  ['a size past 64 bits', GARDEN, `fffffffffffffffff0\r\nhello\r\n${END}`],
  ['a size that is 5 in 32 bits', GARDEN, `100000005\r\nhello\r\n${END}`],
  ['a chunk longer than it says', T_REQS, `4\r\nhello\r\n${END}`],
  ['a chunk shorter than it says', T_REQS, `6\r\nhello\r\n${END}`],
  ['LF behind the last size', 'errata 7633 of RFC 9112', '5\r\nhello\r\n0\n\r\n'],
  ['LF for the empty line', GARDEN, '5\r\nhello\r\n0\r\n\n'],
  ['CR and a byte for the empty line', 'CVE-2025-23167 in llhttp', '5\r\nhello\r\n0\r\n\rX'],
  ['a blank behind the last size', GARDEN, '5\r\nhello\r\n0 \r\n\r\n'],
  ['a trailer that ends with LF', T_REQS, '5\r\nhello\r\n0\r\nX: y\n\n'],
  ['a trailer without a colon', T_REQS, '5\r\nhello\r\n0\r\nno colon\r\n\r\n'],
  [
    'framing in a trailer',
    'RFC 9110 §6.5.1; The HTTP Garden',
    '5\r\nhello\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n',
  ],
];

const CHUNKED = 'Transfer-Encoding: chunked\r\n';

export const CHUNKS: readonly Trick[] = [
  ...BAD.map(([name, from, chunks]) => refused(name, from, post(CHUNKED, chunks + API))),
  // The image is answered before anybody looks at its body; that is its one answer.
  ...BAD.map(([name, from, chunks]) => brokenBehindImage(name, from, chunks)),
  refused(
    'an extension without end',
    'CVE-2024-22019 in Node.js',
    post(CHUNKED, `5;${'a'.repeat(20_000)}\r\nhello\r\n${END}`),
    413,
  ),
  refused(
    'a trailer without end',
    'CVE-2024-22019 in Node.js',
    post(CHUNKED, `0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
    431,
  ),
  read('an extension', T_REQS, post(CHUNKED, `5;a=b\r\nhello\r\n${END}`), 'hello'),
  read(
    'an extension of the last chunk',
    T_REQS,
    post(CHUNKED, '5\r\nhello\r\n0;a=b\r\n\r\n'),
    'hello',
  ),
  read('zeros before a size', GARDEN, post(CHUNKED, `0005\r\nhello\r\n000\r\n\r\n`), 'hello'),
  read('a trailer', T_REQS, post(CHUNKED, '5\r\nhello\r\n0\r\nX: y\r\n\r\n'), 'hello'),
  read(
    'another host in a trailer',
    GARDEN,
    post(CHUNKED, '5\r\nhello\r\n0\r\nHost: other\r\n\r\n'),
    'hello',
  ),
  read(
    'a chunk that looks like the end and a request',
    'James Kettle, HTTP Desync Attacks (2019)',
    post(CHUNKED, `${(END + API).length.toString(16)}\r\n${END}${API}\r\n${END}`),
    END + API,
  ),
];

function brokenBehindImage(name: string, from: string, chunks: string): Trick {
  return {
    name: `behind the head of an image: ${name}`,
    from,
    sent: [image(CHUNKED), chunks + HIT],
    replies: [200],
    goesOn: false,
    hits: ['http://outer/'],
  };
}
