// Which targets are tracking images, by table; what is under `/image/` is never anything else.

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { PixelRequest, readMessage, readTarget } from './request.ts';

const CODE = 'AbCdEf0123456789';

function read(target: string): string {
  const request = new PixelRequest();
  const bytes = Buffer.from(`??${target}??`, 'latin1');
  request.bytes = bytes;
  if (!readTarget(bytes, 2, bytes.length - 2, request)) return 'no image';
  if (request.kind === 'visit') return `visit ${request.format}`;
  const code = bytes.toString('latin1', request.codeStart, request.codeEnd);
  return `open ${request.format} ${request.codeOk ? code : 'malformed'}`;
}

const TARGETS: readonly [target: string, meaning: string][] = [
  [`/image/${CODE}`, `open gif ${CODE}`],
  [`/image/${CODE}.gif`, `open gif ${CODE}`],
  [`/image/${CODE}.png`, `open png ${CODE}`],
  [`/image/${CODE}.png?`, `open png ${CODE}`],
  [`/image/${CODE}.png?x=.gif&/image/y`, `open png ${CODE}`],
  [`/image/${'x'.repeat(64)}.png`, `open png ${'x'.repeat(64)}`],
  [`/image/${'x'.repeat(65)}.png`, 'open png malformed'],
  [`/image/${'x'.repeat(10_000)}`, 'open gif malformed'],
  ['/image/550e8400-e29b-41d4_a716', 'open gif 550e8400-e29b-41d4_a716'],
  ['/image/', 'open gif malformed'],
  ['/image/?x', 'open gif malformed'],
  ['/image/.png', 'open png malformed'],
  ['/image/png', 'open gif png'],
  [`/image/${CODE}.PNG`, 'open gif malformed'],
  [`/image/${CODE}.jpg`, 'open gif malformed'],
  [`/image/${CODE}.png.png`, 'open png malformed'],
  [`/image/${CODE}/`, 'open gif malformed'],
  [`/image/a/${CODE}.png`, 'open png malformed'],
  [`/image/../${CODE}`, 'open gif malformed'],
  ['/image/../v1/api/status', 'open gif malformed'],
  [`/image/%41${CODE}`, 'open gif malformed'],
  [`/image/${CODE}%00.png`, 'open png malformed'],
  [`/image/' OR 1=1 --`, 'open gif malformed'],
  ['/track', 'visit gif'],
  ['/track?p=/image/x.png', 'visit gif'],
  ['/track.gif', 'visit gif'],
  ['/track.gif?1', 'visit gif'],
  ['/track.png', 'no image'],
  ['/track/', 'no image'],
  ['/tracker', 'no image'],
  ['/trac', 'no image'],
  ['/Track', 'no image'],
  ['//track', 'no image'],
  ['/image', 'no image'],
  [`//image/${CODE}`, 'no image'],
  [`/./image/${CODE}`, 'no image'],
  [`/%69mage/${CODE}`, 'no image'],
  [`image/${CODE}`, 'no image'],
  ['/?/track', 'no image'],
  ['?/track', 'no image'],
  ['/', 'no image'],
  ['', 'no image'],
];

for (const [target, meaning] of TARGETS) {
  test(`${target.slice(0, 60) || 'an empty target'} is ${meaning.slice(0, 60)}`, () =>
    assert.equal(read(target), meaning));
}

test('one wish not to be tracked is enough, whatever other lines say', () => {
  const table: [headers: Record<string, string>, optedOut: boolean][] = [
    [{ dnt: '0, 1' }, true],
    [{ dnt: '1, 0' }, true],
    [{ dnt: '0', 'sec-gpc': '0,1' }, true],
    [{ dnt: '0, 01' }, false],
    [{ dnt: '0, 0', 'sec-gpc': '' }, false],
  ];
  for (const [headers, optedOut] of table) {
    const request = new PixelRequest();
    assert.ok(readMessage({ headers } as unknown as IncomingMessage, '/track', request));
    assert.equal(request.optedOut, optedOut, JSON.stringify(headers));
  }
});
