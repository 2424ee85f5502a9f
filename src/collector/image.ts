// The two images and the whole replies that carry them. A reply is made once a second, when its Date changes,
// and then only handed out, so that answering costs the hot path one pointer.

import { STATUS_CODES } from 'node:http';
import { KEEP_ALIVE_MS_MAX } from '../limits.ts';

export type ImageFormat = 'gif' | 'png';
/** 503: the image came through, its hit did not. */
export type ImageStatus = 200 | 503;

/** 1×1, GIF89a, its only pixel transparent by a graphic control extension. 43 bytes. */
const GIF = Buffer.from(
  '47494638396101000100800100' + // GIF89a, 1×1, a colour table of two, background 0, no aspect
    '000000ffffff' + // the colour table
    '21f9040100000100' + // graphic control: colour 1 is transparent
    '2c000000000100010000' + // image at 0,0, 1×1, no table of its own
    '02024c01003b', // LZW with codes of 2 bits: clear, 1, end; trailer
  'hex',
);

/** 1×1, 8-bit RGBA, its only pixel all zero. 68 bytes. */
const PNG = Buffer.from(
  '89504e470d0a1a0a' + // signature
    '0000000d49484452000000010000000108060000001f15c489' + // IHDR: 1×1, 8 bits, RGBA
    '0000000b4944415478da636000020000050001e9fadcd8' + // IDAT: filter 0 and four zero bytes, deflated
    '0000000049454e44ae426082', // IEND
  'hex',
);

export const IMAGES: Readonly<Record<ImageFormat, Buffer>> = { gif: GIF, png: PNG };

/** Names and values in turn, as writeHead takes them: the same for every verdict, and for a refusal. */
export const IMAGE_HEADERS: Readonly<Record<ImageFormat, string[]>> = {
  gif: imageHeaders('gif'),
  png: imageHeaders('png'),
};

function imageHeaders(format: ImageFormat): string[] {
  const headers: [name: string, value: string][] = [
    ['Content-Type', `image/${format}`],
    ['Content-Length', String(IMAGES[format].length)],
    ['Cache-Control', 'no-store, no-cache, must-revalidate, private, max-age=0'],
    ['Pragma', 'no-cache'],
    ['Expires', '0'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Cross-Origin-Resource-Policy', 'cross-origin'],
    ['Access-Control-Allow-Origin', '*'],
  ];
  return headers.flat();
}

/** The prebuilt replies, byte for byte what Node's own http server writes for the same request. */
export class ImageReplies {
  #replies: readonly Buffer[] = [];

  constructor(now: Date) {
    this.renew(now);
  }

  /** To be called once a second. New buffers, as a socket may still be sending the old ones. */
  renew(now: Date): void {
    const date = now.toUTCString();
    const replies: Buffer[] = [];
    for (const format of ['gif', 'png'] as const) {
      for (const status of [200, 503] as const) {
        for (const keepAlive of [true, false]) {
          replies[place(format, status, keepAlive)] = reply(format, status, keepAlive, date);
        }
      }
    }
    this.#replies = replies;
  }

  of(format: ImageFormat, status: ImageStatus, keepAlive: boolean): Buffer {
    return this.#replies[place(format, status, keepAlive)] as Buffer;
  }
}

function place(format: ImageFormat, status: ImageStatus, keepAlive: boolean): number {
  return (format === 'png' ? 4 : 0) + (status === 503 ? 2 : 0) + (keepAlive ? 1 : 0);
}

function reply(format: ImageFormat, status: ImageStatus, keepAlive: boolean, date: string): Buffer {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`];
  const headers = IMAGE_HEADERS[format];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  lines.push(`Date: ${date}`);
  if (keepAlive) lines.push('Connection: keep-alive', `Keep-Alive: timeout=${KEEP_ALIVE_SECONDS}`);
  else lines.push('Connection: close');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, IMAGES[format]]);
}

const KEEP_ALIVE_SECONDS = Math.floor(KEEP_ALIVE_MS_MAX / 1_000);
