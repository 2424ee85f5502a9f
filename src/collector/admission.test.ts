// What is admitted, and that being right once is remembered while being wrong is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PixelMode } from '../config/config.ts';
import { CodeAuthority, type Minted } from '../hit/code.ts';
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

const SETTINGS = { codeCheck: 'mac', pixelMode: 'individual' } as const;

/** What the file of modes says; changed with {@link say}. */
class Modes {
  readonly said = new Map<string, PixelMode>();
  onChange: (() => void) | null = null;

  find(code: string): PixelMode | null {
    return this.said.get(code) ?? null;
  }

  say(code: string, mode: PixelMode): void {
    this.said.set(code, mode);
    this.onChange?.();
  }
}

test('our codes and visits are admitted; other codes are unknown, other words malformed', () => {
  const codes = new CodeAuthority(Buffer.alloc(32, 7));
  const admission = new Admission({ codes, modes: new Modes(), config: SETTINGS });
  const stranger = new CodeAuthority(Buffer.alloc(32, 8)).mint();
  const table: [target: string, admitted: string][] = [
    [`/image/${codes.mint()}.png`, 'individual'],
    ['/track', 'individual'],
    [`/image/${stranger}`, 'code-unknown'],
    ['/image/brought-from-elsewhere', 'code-unknown'],
    ['/image/a%00b', 'code-malformed'],
  ];
  for (const [target, admitted] of table) {
    assert.equal(admission.admit(requestFor(target)), admitted, target);
  }
});

test('with the check off every well-formed code is admitted, and still no malformed one', () => {
  const codes = new CodeAuthority(Buffer.alloc(32, 7));
  const config = { ...SETTINGS, codeCheck: 'off' } as const;
  const admission = new Admission({ codes, modes: new Modes(), config });
  assert.equal(admission.admit(requestFor('/image/brought-from-elsewhere')), 'individual');
  assert.equal(admission.admit(requestFor('/image/a.b')), 'code-malformed');
  assert.equal(admission.admit(requestFor(`/image/${codes.mint('off')}`)), 'mode-off');
});

test('a right code is verified once, a wrong one each time', () => {
  const asked: string[] = [];
  const verify = (code: string): Minted | null => {
    asked.push(code);
    return code === 'right' ? { mode: null } : null;
  };
  const admission = new Admission({ codes: { verify }, modes: new Modes(), config: SETTINGS });
  for (let i = 0; i < 3; i++) {
    admission.admit(requestFor('/image/right'));
    admission.admit(requestFor('/image/wrong'));
  }
  assert.deepEqual(asked, ['right', 'wrong', 'wrong', 'wrong']);
});

test('what was said last of a pixel outweighs its code, and that the default', () => {
  const codes = new CodeAuthority(Buffer.alloc(32, 7));
  const kinds = [null, 'individual', 'aggregate', 'off'] as const;
  for (const pixelMode of ['individual', 'aggregate', 'off'] as const) {
    for (const minted of kinds) {
      for (const said of kinds) {
        const modes = new Modes();
        const admission = new Admission({ codes, modes, config: { ...SETTINGS, pixelMode } });
        const code = codes.mint(minted);
        const admit = (): string => admission.admit(requestFor(`/image/${code}`));
        const before = minted ?? pixelMode;
        assert.equal(admit(), before === 'off' ? 'mode-off' : before);
        if (said !== null) modes.say(code, said);
        const after = said ?? before;
        assert.equal(admit(), after === 'off' ? 'mode-off' : after, 'also of a code that is known');
      }
    }
    const admission = new Admission({
      codes,
      modes: new Modes(),
      config: { ...SETTINGS, pixelMode },
    });
    const visits = pixelMode === 'off' ? 'mode-off' : pixelMode;
    assert.equal(admission.admit(requestFor('/track')), visits);
  }
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
