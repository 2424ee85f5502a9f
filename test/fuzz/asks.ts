// Requests of every kind that a collector knows, each with all that must come of it. Every one names
// itself, in the referrer of its hit or the path at the store, so that nothing can be taken for anything
// else.

import { IMAGES } from '../../src/collector/image.ts';
import type { HitKind } from '../../src/hit/event.ts';
import { CODES } from '../collector.fixture.ts';
import type { Chance } from '../torture/random.ts';
import { fateOf } from './collector-rig.ts';
import { pick } from './heads.ts';
import type { Reply } from './replies.ts';
import { answerTo, type Passed } from './telling-store.ts';

export interface Ask {
  readonly bytes: string;
  /** The interim one too, where there is one. */
  readonly replies: readonly Reply[];
  /** Whether its reply is a head alone. */
  readonly bodyless: boolean;
  /** The hit that is kept, by its referrer; null when none is. */
  readonly hit: { readonly kind: HitKind; readonly code: string | null; referrer: string } | null;
  /** What the store process must get. */
  readonly passes: Passed | null;
}

const MINTED = Array.from({ length: 16 }, () => CODES.mint());
const BROWSER =
  'Host: pixels.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\r\n' +
  'Accept: image/avif,image/webp,*/*\r\nAccept-Language: en\r\n';

/** What sends a request to Node's lane without making it another request. */
const DETOURS = ['Upgrade: no\r\n', 'Expect: the-best\r\n', 'Connection: keep-alive, te\r\n'];

type Make = (chance: Chance, name: string) => Ask;

/** Those after which a connection goes on. */
const GOING_ON: readonly [weight: number, make: Make][] = [
  [10, (_, name) => image(name, 'GET /track HTTP/1.1', '')],
  [4, (_, name) => image(name, 'GET /track.gif?a=b HTTP/1.1', 'Connection: keep-alive\r\n')],
  [8, (chance, name) => open(name, pick(chance, MINTED), pick(chance, ['.png', '.gif', '']))],
  [4, (chance, name) => noise(name, pick(chance, ['nope.png', 'AbCdEf0123456789', '../x', '']))],
  [3, (chance, name) => image(name, 'GET /track HTTP/1.1', pick(chance, DETOURS))],
  [1, (_, name) => image(name, 'GET http://pixels.example/track HTTP/1.1', '')],
  [1, (_, name) => image(name, '\r\nGET /track HTTP/1.1', '')],
  [1, (_, name) => image(name, 'GET /track HTTP/1.0', 'Connection: keep-alive\r\n')],
  [1, (_, name) => image(name, 'GET /track HTTP/1.1', 'Content-Length: 7\r\n', 'ignored')],
  [1, (_, name) => unkept(name, 'HEAD', 200)],
  [1, (_, name) => unkept(name, 'OPTIONS', 204)],
  [1, (_, name) => unkept(name, 'POST', 405, 'Content-Length: 33\r\n', SMUGGLED)],
  [1, (_, name) => health(name)],
  [2, (_, name) => api(name, 'GET', '', '', '')],
  [1, (_, name) => api(name, 'GET', 'chunked', '', '')],
  [2, (chance, name) => post(chance, name)],
  [2, (chance, name) => postChunked(chance, name)],
  [1, (_, name) => api(name, 'PUT', '', 'Content-Length: 0\r\n', '')],
];
const SMUGGLED = 'GET /track?s HTTP/1.1\r\nHost: h\r\n\r\n';

/** Those that end it; nothing behind them may be looked at. */
const ENDING: readonly Make[] = [
  (_, name) => image(name, 'GET /track HTTP/1.1', 'Connection: close\r\n'),
  (_, name) => image(name, 'GET /track HTTP/1.1', 'Upgrade: no\r\nConnection: Close\r\n'),
  (_, name) => image(name, 'GET /track HTTP/1.0', ''),
  () => malformed('GET /track HTTP/1.1\r\nHost : h\r\n\r\n', 400),
  () => malformed('GET /track HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400),
  () => malformed('\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n', 400),
  () => malformed('GET /track HTTP/2.0\r\nHost: h\r\n\r\n', 505),
];
const TOTAL = GOING_ON.reduce((sum, [weight]) => sum + weight, 0);

/** One request called `name`, after which the connection goes on. */
export function makeAsk(chance: Chance, name: string): Ask {
  let left = chance.next() * TOTAL;
  for (const [weight, make] of GOING_ON) {
    left -= weight;
    if (left < 0) return make(chance, name);
  }
  return image(name, 'GET /track HTTP/1.1', '');
}

/** One after which it ends. */
export function makeLastAsk(chance: Chance, name: string): Ask {
  return pick(chance, ENDING)(chance, name);
}

/** Each kind once, in order. */
export function everyAsk(chance: Chance): Ask[] {
  return GOING_ON.map(([, make], i) => make(chance, `every-${i}`));
}

function image(name: string, line: string, headers: string, body = ''): Ask {
  return hitBy(name, 'visit', null, `${line}\r\n${BROWSER}${headers}`, body);
}

function open(name: string, code: string, ending: string): Ask {
  return hitBy(name, 'open', code, `GET /image/${code}${ending} HTTP/1.1\r\n${BROWSER}`, '');
}

function hitBy(name: string, kind: HitKind, code: string | null, head: string, body: string): Ask {
  const referrer = `http://${name}/`;
  const fate = fateOf(referrer);
  const format = head.includes('.png ') ? 'png' : 'gif';
  const keepAlive = !/connection: close|HTTP\/1\.0\r\n(?![^]*keep-alive)/i.test(head);
  const reply = {
    status: fate === 'kept' ? 200 : 503,
    keepAlive,
    body: IMAGES[format].toString('latin1'),
  };
  return {
    bytes: `${head}Referer: ${referrer}\r\n\r\n${body}`,
    replies: [reply],
    bodyless: false,
    hit: fate === 'kept' ? { kind, code, referrer } : null,
    passes: null,
  };
}

/** What asks for an image by a code that is none of ours. */
function noise(name: string, file: string): Ask {
  const body = IMAGES[file.endsWith('.png') ? 'png' : 'gif'].toString('latin1');
  const bytes = `GET /image/${file} HTTP/1.1\r\n${BROWSER}Referer: http://${name}/\r\n\r\n`;
  return answered(bytes, { status: 200, keepAlive: true, body });
}

function unkept(name: string, method: string, status: number, headers = '', body = ''): Ask {
  const bytes = `${method} /track HTTP/1.1\r\n${BROWSER}Referer: http://${name}/\r\n${headers}\r\n${body}`;
  return { ...answered(bytes, { status, keepAlive: true, body: '' }), bodyless: true };
}

function health(name: string): Ask {
  const bytes = `GET /health?${name} HTTP/1.1\r\n${BROWSER}\r\n`;
  return answered(bytes, { status: 200, keepAlive: true, body: '{"status":"ok"}' });
}

function malformed(bytes: string, status: number): Ask {
  return answered(bytes, { status, keepAlive: false, body: '' });
}

function answered(bytes: string, reply: Reply): Ask {
  return { bytes, replies: [reply], bodyless: false, hit: null, passes: null };
}

function post(chance: Chance, name: string): Ask {
  const body = makeBody(chance);
  const expect = chance.next() < 0.3 ? 'Expect: 100-continue\r\n' : '';
  return api(name, 'POST', '', `${expect}Content-Length: ${body.length}\r\n`, body);
}

function postChunked(chance: Chance, name: string): Ask {
  const body = makeBody(chance);
  const chunks: string[] = [];
  for (let at = 0; at < body.length;) {
    const chunk = body.slice(at, at + chance.between(1, 60));
    const extension = chance.next() < 0.2 ? ';a=b' : '';
    chunks.push(`${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`);
    at += chunk.length;
  }
  const trailer = chance.next() < 0.2 ? 'X-Trailer: GET /\r\n' : '';
  const wire = `${chunks.join('')}0\r\n${trailer}\r\n`;
  return api(name, 'POST', 'chunked', 'Transfer-Encoding: chunked\r\n', body, wire);
}

/** Bodies that look like requests, so that nobody can take one for one and get away with it. */
function makeBody(chance: Chance): string {
  const body = pick(chance, [SMUGGLED, `0\r\n\r\n${SMUGGLED}`, '\r\n\r\n', '\0\xff', '{"a":1}']);
  return body.repeat(chance.next() < 0.05 ? 500 : chance.between(1, 3));
}

function api(
  name: string,
  method: string,
  query: string,
  headers: string,
  body: string,
  wire: string = body,
): Ask {
  const url = `/v1/${name}?${query}`;
  const passes = { method, url, body };
  const reply = { status: 200, keepAlive: true, body: answerTo(passes) };
  const interim = { status: 100, keepAlive: true, body: '' };
  return {
    bytes: `${method} ${url} HTTP/1.1\r\n${BROWSER}${headers}\r\n${wire}`,
    replies: headers.includes('100-continue') ? [interim, reply] : [reply],
    bodyless: false,
    hit: null,
    passes,
  };
}
