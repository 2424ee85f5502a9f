// What the collector needs of one request for a tracking image, as places in a buffer: nothing is decoded.
// Both lanes fill the same object, so the two cannot disagree about what a hit is.
//
//   /image/CODE, /image/CODE.gif, /image/CODE.png    an open      a query is allowed and means nothing
//   /track, /track.gif                               a visit      likewise
//
// Everything under `/image/` is answered with the image, so that nobody can enumerate codes; what stands
// there is the code as it came on the wire, never percent-decoded, never resolved (`/image/../x` is a
// malformed code). The path's ending decides the format. Any other path, `//image/…` and `/track/`
// included, is not an image.

import type { IncomingMessage } from 'node:http';
import type { HitKind } from '../hit/event.ts';
import { CODE_BYTES_MAX } from '../limits.ts';
import { holds } from './bytes.ts';
import type { ImageFormat } from './image.ts';

/** The start of a header that did not come. */
export const ABSENT = -1;

/**
 * One request at a time: filled, looked at, and filled again. Places count bytes in `bytes`, ends
 * excluded.
 */
export class PixelRequest {
  bytes: Buffer = Buffer.alloc(0);
  kind: HitKind = 'visit';
  format: ImageFormat = 'gif';
  /** What stands where a code belongs; `codeOk` says whether it looks like one. */
  codeStart = 0;
  codeEnd = 0;
  codeOk = false;
  referrerStart = ABSENT;
  referrerEnd = 0;
  agentStart = ABSENT;
  agentEnd = 0;
  purposeStart = ABSENT;
  purposeEnd = 0;
  /** X-Forwarded-For, several lines joined by commas. */
  forwardedStart = ABSENT;
  forwardedEnd = 0;
  /** Never kept: looked at for the one cookie that marks an own browser. */
  cookieStart = ABSENT;
  cookieEnd = 0;
  /** A value of `Sec-GPC` or `DNT` begins with `1`. */
  optedOut = false;
  /** Whether the client wants the connection kept. */
  keepAlive = true;

  /** Forgets the request before; the target's fields are set by {@link readTarget}. */
  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.referrerStart = ABSENT;
    this.agentStart = ABSENT;
    this.purposeStart = ABSENT;
    this.forwardedStart = ABSENT;
    this.cookieStart = ABSENT;
    this.optedOut = false;
    this.keepAlive = true;
  }
}

const IMAGE = Buffer.from('/image/', 'latin1');
const TRACK = Buffer.from('/track', 'latin1');
const GIF_ENDING = Buffer.from('.gif', 'latin1');
const PNG_ENDING = Buffer.from('.png', 'latin1');
const QUESTION_MARK = 0x3f;

/** Whether the request target at `start` is a tracking image's; then its kind, format and code are set. */
export function readTarget(bytes: Buffer, start: number, end: number, into: PixelRequest): boolean {
  let pathEnd = start;
  while (pathEnd < end && bytes[pathEnd] !== QUESTION_MARK) pathEnd++;
  if (holds(bytes, start, pathEnd, IMAGE)) {
    into.kind = 'open';
    readCode(bytes, start + IMAGE.length, pathEnd, into);
    return true;
  }
  if (!holds(bytes, start, pathEnd, TRACK)) return false;
  const afterTrack = start + TRACK.length;
  const isTrack = pathEnd === afterTrack;
  const isTrackGif =
    pathEnd === afterTrack + GIF_ENDING.length && holds(bytes, afterTrack, pathEnd, GIF_ENDING);
  if (!isTrack && !isTrackGif) return false;
  into.kind = 'visit';
  into.format = 'gif';
  return true;
}

function readCode(bytes: Buffer, start: number, pathEnd: number, into: PixelRequest): void {
  const nameEnd = pathEnd - PNG_ENDING.length;
  const isPng = nameEnd >= start && holds(bytes, nameEnd, pathEnd, PNG_ENDING);
  const isGif = nameEnd >= start && holds(bytes, nameEnd, pathEnd, GIF_ENDING);
  const end = isPng || isGif ? nameEnd : pathEnd;
  into.format = isPng ? 'png' : 'gif';
  into.codeStart = start;
  into.codeEnd = end;
  into.codeOk = end > start && end - start <= CODE_BYTES_MAX;
  for (let i = start; into.codeOk && i < end; i++) {
    into.codeOk = CODE_BYTE[bytes[i] as number] === 1;
  }
}

/**
 * Our codes are [A-Za-z0-9]; those that are brought from elsewhere may have `-` and `_` (base64url,
 * UUIDs).
 */
const CODE_BYTE = new Uint8Array(256);
for (const byte of Buffer.from('-_')) CODE_BYTE[byte] = 1;
for (let i = 0; i < 26; i++) CODE_BYTE[0x41 + i] = CODE_BYTE[0x61 + i] = 1;
for (let i = 0; i < 10; i++) CODE_BYTE[0x30 + i] = 1;

/**
 * The same from a request that Node's parser has read; `target` is in origin form. False when it is no
 * tracking image. Node keeps the first of several Referer or User-Agent lines and joins those of the
 * others.
 */
export function readMessage(message: IncomingMessage, target: string, into: PixelRequest): boolean {
  const { headers } = message;
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-moz'];
  // Node's strings are Latin-1: a character is the byte that came.
  const parts = [
    target,
    headers.referer,
    headers['user-agent'],
    purpose,
    headers['x-forwarded-for'],
    headers.cookie,
  ].map((part) => (Array.isArray(part) ? part.join(', ') : part));
  const bytes = Buffer.from(parts.join(''), 'latin1');
  if (!readTarget(bytes, 0, target.length, into)) return false;
  into.begin(bytes);
  let end = target.length;
  const place = (part: string | undefined): [start: number, end: number] => {
    if (part === undefined) return [ABSENT, 0];
    const start = end;
    end += part.length;
    return [start, end];
  };
  [into.referrerStart, into.referrerEnd] = place(parts[1]);
  [into.agentStart, into.agentEnd] = place(parts[2]);
  [into.purposeStart, into.purposeEnd] = place(parts[3]);
  [into.forwardedStart, into.forwardedEnd] = place(parts[4]);
  [into.cookieStart, into.cookieEnd] = place(parts[5]);
  into.optedOut = optsOut(headers['sec-gpc']) || optsOut(headers['dnt']);
  return true;
}

/** One wish of several is enough: Node joins lines with commas. */
function optsOut(value: string | string[] | undefined): boolean {
  return typeof value === 'string' && /(?:^|,)[ \t]*1/.test(value);
}
