// The images as a browser would decode them, and the replies that carry them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import { IMAGES, ImageReplies } from './image.ts';

test('the GIF has 43 bytes and one pixel, and that pixel is the transparent one', () => {
  const gif = IMAGES.gif;
  assert.equal(gif.length, 43);
  assert.equal(gif.toString('latin1', 0, 6), 'GIF89a');
  assert.deepEqual([gif.readUInt16LE(6), gif.readUInt16LE(8)], [1, 1], 'the screen is 1×1');
  assert.equal(gif[10], 0x80, 'a global colour table of two colours');
  const control = gif.subarray(19, 27);
  assert.deepEqual([control[0], control[1], control[2]], [0x21, 0xf9, 4], 'graphic control');
  assert.equal((control[3] ?? 0) & 1, 1, 'a colour is transparent');
  const transparent = control[6];
  const image = gif.subarray(27);
  assert.equal(image[0], 0x2c);
  assert.deepEqual([image.readUInt16LE(5), image.readUInt16LE(7)], [1, 1], 'the image is 1×1');
  assert.equal(image[10], 2, 'codes start at 3 bits: 4 clears, 5 ends');
  const data = image.subarray(12, 12 + (image[11] ?? 0));
  const bits = data.readUInt16LE(0);
  assert.deepEqual([bits & 7, (bits >> 3) & 7, (bits >> 6) & 7], [4, transparent, 5]);
  assert.deepEqual([...image.subarray(14)], [0, 0x3b], 'block end and trailer');
});

test('the PNG has 68 bytes, right checksums, and one pixel whose alpha is zero', () => {
  const png = IMAGES.png;
  assert.equal(png.length, 68);
  assert.equal(png.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + 8);
    chunks.set(name, png.subarray(at + 8, at + 8 + length));
    const sum = crc32(png.subarray(at + 4, at + 8 + length));
    assert.equal(png.readUInt32BE(at + 8 + length), sum, `checksum of ${name}`);
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'IDAT', 'IEND']);
  const head = chunks.get('IHDR') ?? Buffer.alloc(13);
  assert.deepEqual([head.readUInt32BE(0), head.readUInt32BE(4)], [1, 1]);
  assert.deepEqual([...head.subarray(8)], [8, 6, 0, 0, 0], '8-bit RGBA, not interlaced');
  assert.deepEqual([...inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))], [0, 0, 0, 0, 0]);
});

test('a reply carries exactly the promised headers', () => {
  const replies = new ImageReplies(new Date(0));
  assert.equal(
    replies.of('png', 200, true).toString('latin1', 0, replies.of('png', 200, true).length - 68),
    [
      'HTTP/1.1 200 OK',
      'Content-Type: image/png',
      'Content-Length: 68',
      'Cache-Control: no-store, no-cache, must-revalidate, private, max-age=0',
      'Pragma: no-cache',
      'Expires: 0',
      'X-Content-Type-Options: nosniff',
      'Cross-Origin-Resource-Policy: cross-origin',
      'Access-Control-Allow-Origin: *',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Connection: keep-alive',
      'Keep-Alive: timeout=65',
      '\r\n',
    ].join('\r\n'),
  );
});

test('each of the eight replies is its own, and new ones leave old ones as they were', () => {
  const replies = new ImageReplies(new Date(0));
  const all = (): Buffer[] =>
    (['gif', 'png'] as const).flatMap((format) =>
      ([200, 503] as const).flatMap((status) =>
        [true, false].map((keepAlive) => replies.of(format, status, keepAlive)),
      ),
    );
  const before = all();
  const copies = before.map((reply) => Buffer.from(reply));
  assert.equal(new Set(before.map((reply) => reply.toString('latin1'))).size, 8);
  const refused = replies.of('gif', 503, false).toString('latin1');
  assert.match(refused, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  assert.match(refused, /\r\nConnection: close\r\n\r\nGIF89a/);
  replies.renew(new Date(1_000));
  assert.deepEqual(before, copies);
  assert.match(all()[0]?.toString('latin1') ?? '', /Date: Thu, 01 Jan 1970 00:00:01 GMT/);
});
