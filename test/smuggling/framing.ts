// Two ways to say how long a body is, or one way that only some understand: CL.TE, TE.CL, TE.TE, CL.CL, CL.0.

import { API, HIT, image, lengthOf, post, read, refused, type Trick } from './trick.ts';

const KETTLE_2019 = 'James Kettle, HTTP Desync Attacks (2019)';
const KETTLE_2022 = 'James Kettle, Browser-Powered Desync Attacks (2022)';
const LINHART = 'Linhart, Klein, Heled, Orrin, HTTP Request Smuggling (2005)';
const SMUGGLER = 'smuggler (defparam), its list of mutations';
const SCANNER = 'HTTP Request Smuggler (PortSwigger), its permutations';
const GARDEN = 'The HTTP Garden, its list of bugs';

/** By Content-Length one request, by chunks two. */
const TWO = `0\r\n\r\n${API}`;
const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** Lines that some take for `Transfer-Encoding: chunked` and others do not; here they are all refused. */
const CODINGS: readonly [line: string, from: string][] = [
  ['Transfer-Encoding : chunked', 'CVE-2021-22959 in llhttp'],
  ['Transfer-Encoding\t: chunked', SMUGGLER],
  [' Transfer-Encoding: chunked', KETTLE_2019],
  ['\tTransfer-Encoding: chunked', SMUGGLER],
  ['X: y\r\n Transfer-Encoding: chunked', SCANNER],
  ['Transfer-Encoding:\r\n chunked', 'CVE-2022-32215 in llhttp'],
  ['Transfer-Encoding:\n chunked', SMUGGLER],
  ['Transfer-Encoding: \r\n \r\n chunked', SCANNER],
  ['Transfer-Encoding:\x0bchunked', KETTLE_2019],
  ['Transfer-Encoding:\x0cchunked', SMUGGLER],
  ['Transfer-Encoding: chunked\x0b', SMUGGLER],
  ['Transfer-Encoding: xchunked', KETTLE_2019],
  ['Transfer-Encoding: chunkedx', 'CVE-2019-15605 in Node.js'],
  ['Transfer-Encoding: chunk', SMUGGLER],
  ['Transfer-Encoding: chunked, cow', SMUGGLER],
  ['Transfer-Encoding: cow, chunked', SMUGGLER],
  ['Transfer-Encoding: cow chunked bar', SMUGGLER],
  ['Transfer-Encoding: cow\r\nTransfer-Encoding: chunked', 'CVE-2020-8287 in Node.js'],
  ['Transfer-Encoding: chunked\r\nTransfer-Encoding: cow', KETTLE_2019],
  ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', GARDEN],
  ['Transfer-Encoding: identity', LINHART],
  ['Transfer-Encoding: chunked, identity', 'CVE-2022-32213 in llhttp'],
  ['Transfer-Encoding: "chunked"', SMUGGLER],
  ["Transfer-Encoding: 'chunked'", SMUGGLER],
  ['Transfer-Encoding: chunked;q=1', 'T-Reqs (Jabiyev and others, 2021)'],
  ['Transfer-Encoding: chunked,', GARDEN],
  ['Transfer-Encoding: ,chunked', GARDEN],
  ['Transfer-Encoding: ', GARDEN],
  ['Transfer-Encoding\0: chunked', SMUGGLER],
  ['\0Transfer-Encoding: chunked', SMUGGLER],
  ['Transfer-Encoding: chunked\0', SMUGGLER],
  ['Transfer\r-Encoding: chunked', SMUGGLER],
  ['Transfer-Encoding: chunked\r', SMUGGLER],
  ['Transfer-Encoding\r: chunked', SCANNER],
  ['X: y\rTransfer-Encoding: chunked', 'CVE-2023-30589 in llhttp'],
  ['X: y\nTransfer-Encoding: chunked', 'CVE-2022-32214 in llhttp'],
  ['X: y\r\n\rTransfer-Encoding: chunked', SCANNER],
  ['Transfer-Encoding: \xffchunked', SMUGGLER],
  ['Transfer-Encoding:\xa0chunked', SCANNER],
  ['Transfer-Encoding: ch\x96nked', SMUGGLER],
  ['Transf\x82r-Encoding: chunked', SMUGGLER],
  ['Transfer Encoding: chunked', SMUGGLER],
  ['Transfer-Encoding x: chunked', 'Amit Klein, HTTP Request Smuggling in 2020'],
  ['Transfer\\Encoding: chunked', 'Amit Klein, HTTP Request Smuggling in 2020'],
  ['Transfer-Encoding', GARDEN],
  ['Transfer-Encoding: =?utf-8?q?chunked?=', SCANNER],
];
/** These are plainly other headers. */
const NO_CODINGS: readonly [line: string, from: string][] = [
  ['Transfer_Encoding: chunked', SMUGGLER],
  ['Content-Encoding: chunked', SMUGGLER],
  ['X-Transfer-Encoding: chunked', SCANNER],
  ['Transfer-%45ncoding: chunked', SCANNER],
];

/** What is no length; if it were, the request behind it would be the body. */
const LENGTHS: readonly [lines: string, from: string][] = [
  ['Content-Length: 0\r\nContent-Length: 49', LINHART],
  ['Content-Length: 49\r\nContent-Length: 49', LINHART],
  ['Content-Length: 49, 49', GARDEN],
  ['Content-Length: 49,0', SCANNER],
  ['Content-Length: +49', 'Mattias Grenfeldt and Asta Olofsson (2021)'],
  ['Content-Length: -49', GARDEN],
  ['Content-Length: 0x31', GARDEN],
  ['Content-Length: 4_9', GARDEN],
  ['Content-Length: 4 9', 'CVE-2018-7159 in Node.js'],
  ['Content-Length: 49.0', SCANNER],
  ['Content-Length: 4e1', SCANNER],
  ['Content-Length: \xb2', GARDEN],
  ['Content-Length: "49"', GARDEN],
  ['Content-Length: 49;a=b', SCANNER],
  ['Content-Length:', GARDEN],
  ['Content-Length : 49', 'CVE-2021-22959 in llhttp'],
  [' Content-Length: 49', 'CVE-2024-27982 in Node.js'],
  ['\tContent-Length: 49', GARDEN],
  ['X: y\r\n Content-Length: 49', SCANNER],
  ['Content-Length: \r\n 49', SCANNER],
  ['Content-Length\0: 49', SCANNER],
  ['Content-Length: 49\0', SCANNER],
  ['Content-Length: 49\x0b', SCANNER],
  ['Content-Length\r: 49', SCANNER],
  ['X: y\rContent-Length: 49', 'CVE-2023-30589 in llhttp'],
  ['X: y\nContent-Length: 49', 'CVE-2022-35256 in llhttp'],
  ['Content-Length: 18446744073709551665', 'lengths past 64 bits, T-Reqs (2021)'],
];

const shown = (line: string): string => JSON.stringify(line).slice(1, -1);

export const FRAMING: readonly Trick[] = [
  refused('CL.TE: a length and chunks', KETTLE_2019, post(lengthOf(TWO) + CHUNKED, TWO)),
  refused('TE.CL: chunks and a length', KETTLE_2019, post(`${CHUNKED}Content-Length: 3\r\n`, TWO)),
  refused('CL.TE on an image', KETTLE_2019, image(lengthOf(TWO) + CHUNKED, TWO)),
  ...CODINGS.flatMap(([line, from]) => [
    refused(`a length and ${shown(line)}`, from, post(`${lengthOf(TWO)}${line}\r\n`, TWO)),
    refused(`only ${shown(line)}`, from, post(`${line}\r\n`, CHUNKS + API)),
    refused(`an image with ${shown(line)}`, from, image(`${line}\r\n`, CHUNKS + HIT)),
  ]),
  ...NO_CODINGS.map(([line, from]) =>
    read(`a length, ${shown(line)}`, from, post(`${lengthOf(TWO)}${line}\r\n`, TWO), TWO),
  ),
  ...LENGTHS.flatMap(([lines, from]) => [
    refused(shown(lines), from, post(`${lines}\r\n`, API)),
    refused(`an image with ${shown(lines)}`, from, image(`${lines}\r\n`, HIT)),
  ]),
  refused(
    'HTTP/1.0 with chunks',
    'RFC 9112 §6.1; The HTTP Garden',
    post(`Connection: keep-alive\r\n${CHUNKED}`, CHUNKS + API).replace('HTTP/1.1', 'HTTP/1.0'),
  ),
  read('a length with zeros before it', GARDEN, post('Content-Length: 005\r\n', 'hello'), 'hello'),
  read('a length behind a tab', SCANNER, post('Content-Length:\t5\r\n', 'hello'), 'hello'),
  read('chunks in capitals', SMUGGLER, post('TRANSFER-ENCODING: CHUNKED\r\n', CHUNKS), 'hello'),
  read('chunks behind a tab', SMUGGLER, post('Transfer-Encoding:\tchunked\r\n', CHUNKS), 'hello'),
  read(
    'a length that Connection names, so that a proxy drops it',
    'Nathan Davison, Abusing HTTP hop-by-hop request headers (2019)',
    post(`Connection: Content-Length\r\n${lengthOf(API)}`, API),
    API,
  ),
  read(
    'chunks that Connection names',
    SCANNER,
    post(`Connection: Transfer-Encoding\r\n${CHUNKED}`, CHUNKS),
    'hello',
  ),
  // No length, no body: what stands behind is a request of its own, for everybody.
  {
    name: 'Content_Length is no length, and what follows is a request',
    from: SCANNER,
    sent: post('Content_Length: 49\r\n', 'GET /v1/second HTTP/1.1\r\nHost: h\r\n\r\n'),
    replies: [200, 200],
    goesOn: true,
    passed: ['POST /v1/outer ', 'GET /v1/second '],
  },
  ...(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'TRACE'] as const).flatMap((method) =>
    [lengthOf(HIT), CHUNKED].map((framing) => withBody(method, framing)),
  ),
];

/** CL.0: a server that thinks an image can have no body would take it for the next request. */
function withBody(method: string, framing: string): Trick {
  const body = framing === CHUNKED ? `${HIT.length.toString(16)}\r\n${HIT}\r\n0\r\n\r\n` : HIT;
  const sent = image(framing, body).replace('GET', method);
  const status = { GET: 200, HEAD: 200, OPTIONS: 204 }[method] ?? 405;
  const name = `CL.0: ${method} for an image with a body, ${framing.trim()}`;
  const hits = method === 'GET' ? ['http://outer/'] : [];
  return { name, from: KETTLE_2022, sent, replies: [status], goesOn: true, hits };
}
