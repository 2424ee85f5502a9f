// What is admitted, and that being right once is remembered while being wrong is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodeAuthority } from '../hit/code.ts';
import { Admission, imageStatus, OUTCOMES } from './admission.ts';
import { Recent } from './recent.ts';
import { PixelRequest, readTarget } from './request.ts';

function requestFor(target: string): PixelRequest {
  const request = new PixelRequest();
  const bytes = Buffer.from(target, 'latin1');
  request.begin(bytes);
  assert.ok(readTarget(bytes, 0, bytes.length, request));
  return request;
}

test('our codes and visits are admitted; other codes are unknown, other words malformed', () => {
  const codes = new CodeAuthority(Buffer.alloc(32, 7));
  const admission = new Admission(codes, 'mac');
  const stranger = new CodeAuthority(Buffer.alloc(32, 8)).mint();
  assert.equal(admission.refusal(requestFor(`/image/${codes.mint()}.png`)), null);
  assert.equal(admission.refusal(requestFor('/track')), null);
  assert.equal(admission.refusal(requestFor(`/image/${stranger}`)), 'code-unknown');
  assert.equal(admission.refusal(requestFor('/image/brought-from-elsewhere')), 'code-unknown');
  assert.equal(admission.refusal(requestFor('/image/a%00b')), 'code-malformed');
});

test('with the check off every well-formed code is admitted, and still no malformed one', () => {
  const admission = new Admission({ verify: () => false }, 'off');
  assert.equal(admission.refusal(requestFor('/image/brought-from-elsewhere')), null);
  assert.equal(admission.refusal(requestFor('/image/a.b')), 'code-malformed');
});

test('a right code is verified once, a wrong one each time', () => {
  const asked: string[] = [];
  const verify = (code: string): boolean => {
    asked.push(code);
    return code === 'right';
  };
  const admission = new Admission({ verify }, 'mac');
  for (let i = 0; i < 3; i++) {
    admission.refusal(requestFor('/image/right'));
    admission.refusal(requestFor('/image/wrong'));
  }
  assert.deepEqual(asked, ['right', 'wrong', 'wrong', 'wrong']);
});

test('only a hit that should have been kept and was not is a 503', () => {
  const images = OUTCOMES.filter(
    (outcome) =>
      outcome !== 'head-not-counted' &&
      outcome !== 'options-not-counted' &&
      outcome !== 'method-refused',
  );
  const refused = images.filter((outcome) => imageStatus(outcome) === 503);
  assert.deepEqual(refused, ['journal-busy', 'journal-full', 'journal-down', 'commit-failed']);
});

test('the cache keeps its bound, and keeps what is asked for again', () => {
  const recent = new Recent<number>(100);
  recent.set('favourite', 1);
  for (let i = 0; i < 10_000; i++) {
    recent.set(`passing ${i}`, i);
    assert.ok(recent.size <= 100);
    if (i % 10 === 0) assert.equal(recent.get('favourite'), 1);
  }
  assert.equal(recent.get('passing 0'), undefined);
});
