// Request heads as a grammar: near the one shape that the fast lane takes, with every header that could
// change what a request means, at sizes up to the limits and past them. Damage is done elsewhere
// (damage.ts).

import { CODE_BYTES_MAX, REQUEST_HEAD_BYTES_MAX, REQUEST_HEADERS_MAX } from '../../src/limits.ts';
import type { Chance } from '../torture/random.ts';

/** Of so many heads one is near a limit of size: they cost what a hundred others do. */
const ONE_LONG_OF = 400;
/** How far past a limit, or below it, sizes are tried. */
const LIMIT_MARGIN = 3;

const METHODS = { GET: 60, HEAD: 2, POST: 2, OPTIONS: 1, other: 1 } as const;
const OTHER_METHODS = ['get', 'GETT', 'G ET', 'CONNECT', 'PRI', 'TRACE', 'M-SEARCH', '', 'GET\t'];
const VERSIONS = { 'HTTP/1.1': 80, 'HTTP/1.0': 2, other: 1 } as const;
const OTHER_VERSIONS = [
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/01.1',
  'HTTP/1.10',
  'ICE/1.0',
  'RTSP/1.0',
  '',
];

const TARGETS = [
  '/track',
  '/track.gif',
  '/track?',
  '/track.gif?a=b&c=%00',
  '/image/AbCdEf0123456789.png',
  '/image/AbCdEf0123456789.gif?x=/image/y',
  '/image/AbCdEf0123456789',
  '/image/',
  '/image/.png',
  '/image/../x',
  '/image/a/b.gif',
  '/image/%00',
  '/image/a?b?c',
  '/image/"<>\\^`{|}',
];
/** Of another path, another form, or none at all. */
const STRANGE_TARGETS = [
  '/',
  '*',
  '',
  '/image',
  '//image/a.png',
  '/track/',
  '/tracker',
  '/TRACK',
  '/v1/api/status',
  'http://pixels.example/track',
  'HTTP://pixels.example/image/a.png',
  'https://a@b/track?c',
  'http:///track',
  'track',
  'pixels.example:443',
  '/track#fragment',
  '/track HTTP/1.1',
  '/image/\xe4',
  '/image/\xc3\xa4.gif',
];

/** What a hit is made of, and what is nothing to anybody. */
const HARMLESS_NAMES = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Referer',
  'User-Agent',
  'X-Forwarded-For',
  'Cookie',
  'DNT',
  'Sec-GPC',
  'Sec-Purpose',
  'Purpose',
  'X-Moz',
  'Connection',
  'Keep-Alive',
  'Cache-Control',
  'If-None-Match',
  'Range',
  'Sec-Fetch-Dest',
];
/** What changes where a request ends or what it is, and its look-alikes. */
const GRAVE_NAMES = [
  'Content-Length',
  'Transfer-Encoding',
  'Proxy-Connection',
  'Expect',
  'Upgrade',
  'Host',
  'Connection',
  'HTTP2-Settings',
  'TE',
  'Trailer',
  'Content-Encoding',
  'Content_Length',
  'Transfer_Encoding',
  'Transfer-Encodin',
  'X-Transfer-Encoding',
  'Content-Length-',
  'Via',
  '__proto__',
  'constructor',
  'toString',
];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  connection: [
    'keep-alive',
    'Keep-Alive',
    'close',
    'CLOSE',
    'close, keep-alive',
    'upgrade',
    'close ',
    'keep-alive,',
    'te, close',
    // As long as `keep-alive`, or as `close`.
    'close, abc',
    'abc, close',
    ',close,,,,',
    'cloze',
    '',
  ],
  'content-length': ['0', '5', '00', '+5', '-1', '5, 5', '5 5', '0x5', '18446744073709551616', ''],
  'transfer-encoding': [
    'chunked',
    'Chunked',
    'identity',
    'gzip, chunked',
    'chunked, identity',
    'xchunked',
    '\x0bchunked',
    'chunked;a=b',
    '"chunked"',
  ],
  expect: ['100-continue', '100-Continue', 'x 100-continue', 'foo', ''],
  upgrade: ['websocket', 'h2c', 'TLS/1.0', ''],
  host: ['pixels.example', 'a:80', '', 'a, b', 'a b', '[::1]', '\xff', 'a@b', 'a/b'],
  dnt: ['1', '0', 'null', '1x', '0, 1', ' 1', '', '01', ',1'],
  referer: ['http://a.example/b?c|"d"', 'about:blank', '\xe4\xf6', '%0d%0a', ''],
  'user-agent': ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101', 'curl/8', '', '\t'],
  'x-forwarded-for': ['192.0.2.1', '192.0.2.1, ::1', 'unknown', ',', ''],
  cookie: ['a=1', 'a=1; b=2', 'truepixel-own=x', ';', ''],
  purpose: ['prefetch', 'prefetch;anonymous-client-ip', 'preview', ''],
};
const ANY_VALUES = [
  'x',
  '0',
  '1',
  'chunked',
  'close',
  'a,b',
  'a:b',
  '"',
  '',
  '\t x \t',
  '\x80\xff',
];
const SEPARATORS = { ': ': 90, ':': 5, ':\t': 2, ':  ': 2 } as const;
const TOKEN = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";

/** One request head, whole, well formed or nearly so. */
export function makeHead(chance: Chance): string {
  const method = chance.weighted(METHODS);
  const version = chance.weighted(VERSIONS);
  const line = [
    method === 'other' ? pick(chance, OTHER_METHODS) : method,
    makeTarget(chance),
    version === 'other' ? pick(chance, OTHER_VERSIONS) : version,
  ].join(' ');
  const headers: string[] = [];
  for (let left = chance.between(0, 7); left > 0; left--) headers.push(makeHeader(chance));
  const hosts = chance.next() < 0.97 ? 1 : chance.between(0, 2);
  for (let i = 0; i < hosts; i++) {
    headers.splice(chance.between(0, headers.length), 0, makeHost(chance));
  }
  if (chance.between(1, ONE_LONG_OF) === 1) lengthen(chance, line.length, headers);
  return `${line}\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
}

function makeTarget(chance: Chance): string {
  const draw = chance.next();
  if (draw < 0.6) return pick(chance, TARGETS);
  if (draw < 0.66) return pick(chance, STRANGE_TARGETS);
  const code = text(chance, TOKEN, 1, draw < 0.9 ? 20 : CODE_BYTES_MAX + LIMIT_MARGIN);
  return `/image/${code}${pick(chance, ['', '.gif', '.png', '.PNG', '.jpg', '?', '.gif?a'])}`;
}

function makeHost(chance: Chance): string {
  return chance.next() < 0.95 ? 'Host: pixels.example' : `host:${valueOf(chance, 'host')}`;
}

function makeHeader(chance: Chance): string {
  const draw = chance.next();
  let name = pick(chance, draw < 0.04 ? GRAVE_NAMES : HARMLESS_NAMES);
  if (draw > 0.94) name = text(chance, TOKEN, 1, 20);
  const value = valueOf(chance, name.toLowerCase());
  const spelling = chance.next();
  if (spelling < 0.1) name = name.toLowerCase();
  else if (spelling < 0.2) name = name.toUpperCase();
  return `${name}${chance.weighted(SEPARATORS)}${value}`;
}

function valueOf(chance: Chance, name: string): string {
  const own = VALUES[/purpose|moz/.test(name) ? 'purpose' : name === 'sec-gpc' ? 'dnt' : name];
  const draw = chance.next();
  if (own !== undefined && draw < 0.85) return pick(chance, own);
  if (draw < 0.95) return pick(chance, ANY_VALUES);
  return text(chance, VALUE_BYTES, 0, 24);
}

const VALUE_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  .filter((byte) => /[\t -~\x80-\xff]/.test(byte))
  .join('');

/** Brings a head to a limit: of its bytes, or of its headers' number. */
function lengthen(chance: Chance, lineLength: number, headers: string[]): void {
  const off = chance.between(-LIMIT_MARGIN, LIMIT_MARGIN);
  if (chance.next() < 0.5) {
    while (headers.length < REQUEST_HEADERS_MAX + off) headers.push('A: b');
    return;
  }
  const length = headers.reduce((sum, header) => sum + header.length + 2, lineLength + 4);
  const isName = chance.next() < 0.3;
  const missing = REQUEST_HEAD_BYTES_MAX + off - length - ': \r\n'.length - 1;
  if (missing < 1) return;
  headers.push(isName ? `${'n'.repeat(missing)}: v` : `n: ${'v'.repeat(missing)}`);
}

/** From `least` to `most` characters of `alphabet`. */
function text(chance: Chance, alphabet: string, least: number, most: number): string {
  let made = '';
  for (let left = chance.between(least, most); left > 0; left--) {
    made += alphabet[chance.between(0, alphabet.length - 1)];
  }
  return made;
}

export function pick<T>(chance: Chance, choices: readonly T[]): T {
  return choices[chance.between(0, choices.length - 1)] as T;
}
