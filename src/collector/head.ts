// Reads one request head straight from the socket's bytes, and only if it is the one shape that nearly every
// image request has. Not a parser: whatever it does not recognise is left, untouched, to Node's.
//
// Recognised: one whole head, at most REQUEST_HEAD_BYTES_MAX, at hand in one piece:
//   GET SP a tracking image's target SP HTTP/1.1 CRLF
//   (token ":" OWS value OWS CRLF)…     at most REQUEST_HEADERS_MAX, none folded
//   CRLF
// with exactly one non-empty Host, at most one Connection (`keep-alive` or `close`), at most one of each
// header that a hit is made of, and no header that frames a body or changes the protocol.
//
// The rule for every change: accept only what Node's parser accepts, with the same meaning (head.test.ts
// compares the two). To refuse too much costs speed; to accept too much would be request smuggling.

import { REQUEST_HEAD_BYTES_MAX, REQUEST_HEADERS_MAX } from '../limits.ts';
import { holds } from './bytes.ts';
import { ABSENT, type PixelRequest, readTarget } from './request.ts';

/** Not a head that this file reads; nothing is said about what it is. */
export const NOT_OURS = -1;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const COMMA = 0x2c;

const GET = Buffer.from('GET ', 'latin1');
const VERSION = Buffer.from(' HTTP/1.1\r\n', 'latin1');

// What a byte may stand in, one bit each; a table look-up per byte is all the scanning there is.
const TARGET = 1;
const TOKEN = 2;
const VALUE = 4;
const CLASS = new Uint8Array(256);
// Printable ASCII but `#`, which no client sends and which Node would pass on.
for (let byte = 0x21; byte <= 0x7e; byte++) if (byte !== 0x23) CLASS[byte] = TARGET;
// RFC 9110 §5.6.2 tchar.
for (let byte = 0x21; byte <= 0x7e; byte++) {
  if (/[\w!#$%&'*+.^`|~-]/.test(String.fromCharCode(byte))) mark(byte, TOKEN);
}
// RFC 9110 §5.5 field-value with its blanks: everything but control characters.
for (let byte = 0x20; byte <= 0xff; byte++) if (byte !== 0x7f) mark(byte, VALUE);
mark(TAB, VALUE);

function mark(byte: number, flag: number): void {
  CLASS[byte] = (CLASS[byte] as number) | flag;
}

function is(byte: number | undefined, flag: number): boolean {
  return ((CLASS[byte as number] as number) & flag) !== 0;
}

/** What must be known of one head but is no part of the hit. One head at a time. */
const seen = { host: false, connection: false, dnt: false, gpc: false };

/**
 * Reads the head at `from` into `into`, and returns where it ends: the place of the next request, as there is
 * no body. {@link NOT_OURS} for everything else, an incomplete head included; then `into` means nothing.
 */
export function readHead(bytes: Buffer, from: number, into: PixelRequest): number {
  const end = Math.min(bytes.length, from + REQUEST_HEAD_BYTES_MAX);
  const target = from + GET.length;
  if (!holds(bytes, from, end, GET)) return NOT_OURS;
  let at = target;
  while (at < end && is(bytes[at], TARGET)) at++;
  if (!holds(bytes, at, end, VERSION) || !readTarget(bytes, target, at, into)) return NOT_OURS;
  at += VERSION.length;

  into.begin(bytes);
  seen.host = false;
  seen.connection = false;
  seen.dnt = false;
  seen.gpc = false;
  for (let headers = 0; headers <= REQUEST_HEADERS_MAX; headers++) {
    if (bytes[at] === CR) {
      return at + 1 < end && bytes[at + 1] === LF && seen.host ? at + 2 : NOT_OURS;
    }
    const name = at;
    while (at < end && is(bytes[at], TOKEN)) at++;
    const nameEnd = at;
    // A folded line begins with a blank, so it has no name.
    if (nameEnd === name || at >= end || bytes[at] !== COLON) return NOT_OURS;
    at++;
    while (at < end && isBlank(bytes[at])) at++;
    const value = at;
    while (at < end && is(bytes[at], VALUE)) at++;
    if (at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF) return NOT_OURS;
    let valueEnd = at;
    while (valueEnd > value && isBlank(bytes[valueEnd - 1])) valueEnd--;
    if (!readHeader(bytes, name, nameEnd, value, valueEnd, into)) return NOT_OURS;
    at += 2;
  }
  return NOT_OURS;
}

const DNT = Buffer.from('dnt');
const HOST = Buffer.from('host');
const X_MOZ = Buffer.from('x-moz');
const COOKIE = Buffer.from('cookie');
const EXPECT = Buffer.from('expect');
const PURPOSE = Buffer.from('purpose');
const REFERER = Buffer.from('referer');
const SEC_GPC = Buffer.from('sec-gpc');
const UPGRADE = Buffer.from('upgrade');
const CONNECTION = Buffer.from('connection');
const USER_AGENT = Buffer.from('user-agent');
const SEC_PURPOSE = Buffer.from('sec-purpose');
const CONTENT_LENGTH = Buffer.from('content-length');
const X_FORWARDED_FOR = Buffer.from('x-forwarded-for');
// Node's parser takes it for Connection.
const PROXY_CONNECTION = Buffer.from('proxy-connection');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');

/** Whether the head may still be ours after this header. Its name's length already excludes most of them. */
function readHeader(
  bytes: Buffer,
  name: number,
  nameEnd: number,
  value: number,
  valueEnd: number,
  into: PixelRequest,
): boolean {
  switch (nameEnd - name) {
    case HOST.length:
      if (!isName(bytes, name, HOST)) return true;
      if (seen.host || value === valueEnd) return false;
      seen.host = true;
      return true;
    case DNT.length:
      if (!isName(bytes, name, DNT)) return true;
      if (seen.dnt) return false;
      seen.dnt = true;
      return readWish(bytes, value, valueEnd, into);
    case COOKIE.length:
      if (isName(bytes, name, COOKIE)) {
        if (into.cookieStart !== ABSENT) return false;
        into.cookieStart = value;
        into.cookieEnd = valueEnd;
        return true;
      }
      return !isName(bytes, name, EXPECT);
    case REFERER.length:
      if (isName(bytes, name, REFERER)) {
        if (into.referrerStart !== ABSENT) return false;
        into.referrerStart = value;
        into.referrerEnd = valueEnd;
        return true;
      }
      if (isName(bytes, name, PURPOSE)) return readPurpose(value, valueEnd, into);
      if (isName(bytes, name, SEC_GPC)) {
        if (seen.gpc) return false;
        seen.gpc = true;
        return readWish(bytes, value, valueEnd, into);
      }
      return !isName(bytes, name, UPGRADE);
    case X_MOZ.length:
      return !isName(bytes, name, X_MOZ) || readPurpose(value, valueEnd, into);
    case SEC_PURPOSE.length:
      return !isName(bytes, name, SEC_PURPOSE) || readPurpose(value, valueEnd, into);
    case USER_AGENT.length:
      if (isName(bytes, name, USER_AGENT)) {
        if (into.agentStart !== ABSENT) return false;
        into.agentStart = value;
        into.agentEnd = valueEnd;
        return true;
      }
      return !isName(bytes, name, CONNECTION) || readConnection(bytes, value, valueEnd, into);
    case X_FORWARDED_FOR.length:
      if (!isName(bytes, name, X_FORWARDED_FOR)) return true;
      if (into.forwardedStart !== ABSENT) return false;
      into.forwardedStart = value;
      into.forwardedEnd = valueEnd;
      return true;
    case CONTENT_LENGTH.length:
      return !isName(bytes, name, CONTENT_LENGTH);
    case PROXY_CONNECTION.length:
      return !isName(bytes, name, PROXY_CONNECTION);
    case TRANSFER_ENCODING.length:
      return !isName(bytes, name, TRANSFER_ENCODING);
    default:
      return true;
  }
}

/** Three headers tell of a prefetch; which of two counts is for readMessage (request.ts) to say. */
function readPurpose(value: number, valueEnd: number, into: PixelRequest): boolean {
  if (into.purposeStart !== ABSENT) return false;
  into.purposeStart = value;
  into.purposeEnd = valueEnd;
  return true;
}

const ONE = 0x31;

/** DNT may have extensions behind its digit. A list that a proxy joined is left to readMessage. */
function readWish(bytes: Buffer, value: number, valueEnd: number, into: PixelRequest): boolean {
  if (value < valueEnd && bytes[value] === ONE) into.optedOut = true;
  return into.optedOut || !bytes.subarray(value, valueEnd).includes(COMMA);
}

const KEEP_ALIVE = Buffer.from('keep-alive');
const CLOSE = Buffer.from('close');

function readConnection(
  bytes: Buffer,
  value: number,
  valueEnd: number,
  into: PixelRequest,
): boolean {
  if (seen.connection) return false;
  seen.connection = true;
  into.keepAlive = !(valueEnd - value === CLOSE.length && isName(bytes, value, CLOSE));
  if (!into.keepAlive) return true;
  return valueEnd - value === KEEP_ALIVE.length && isName(bytes, value, KEEP_ALIVE);
}

/** Whether the token at `start` is `lower`, in any case: `| 0x20` mixes up no two token bytes but those. */
function isName(bytes: Buffer, start: number, lower: Buffer): boolean {
  for (let i = 0; i < lower.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== lower[i]) return false;
  }
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
