// Two signs of three make a scanner of a person, and of nobody else.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { judgeAgent } from './agent.ts';
import { type Circumstances, overlay } from './overlay.ts';
import { RecentCodes } from './recent-codes.ts';

const WINDOWS = { networkSeconds: 45, sentSeconds: 7 };
const QUIET: Circumstances = {
  secondsSinceSent: null,
  fromMailSecurity: false,
  codesFromAddress: 1,
};
const PERSON = judgeAgent('Outlook-Android/2.0').verdict;

suite('overlay', () => {
  const cases: [string, Partial<Circumstances>, boolean][] = [
    ['nothing is known', {}, false],
    [
      'a gateway’s network within its window is one sign',
      { fromMailSecurity: true, secondsSinceSent: 30 },
      false,
    ],
    ['haste alone is one sign', { secondsSinceSent: 1 }, false],
    ['many codes alone are one sign', { codesFromAddress: 3 }, false],
    [
      'a gateway’s network and haste are two',
      { fromMailSecurity: true, secondsSinceSent: 7 },
      true,
    ],
    ['haste and many codes are two', { secondsSinceSent: 0, codesFromAddress: 3 }, true],
    [
      'a gateway’s network in time and many codes are two',
      { fromMailSecurity: true, secondsSinceSent: 45, codesFromAddress: 3 },
      true,
    ],
    [
      'a gateway’s network too late does not count',
      { fromMailSecurity: true, secondsSinceSent: 46, codesFromAddress: 3 },
      false,
    ],
    [
      'a gateway’s network at an unknown time does not count',
      { fromMailSecurity: true, codesFromAddress: 3 },
      false,
    ],
    [
      'a time of sending in the future shows no haste',
      { fromMailSecurity: true, secondsSinceSent: -1, codesFromAddress: 3 },
      false,
    ],
    ['two codes are not many', { secondsSinceSent: 1, codesFromAddress: 2 }, false],
  ];
  for (const [title, given, isScanner] of cases) {
    test(title, () => {
      const verdict = overlay(PERSON, { ...QUIET, ...given }, WINDOWS);
      if (isScanner) assert.equal(verdict.reason, 'scanner-behaviour');
      else assert.equal(verdict, PERSON);
    });
  }

  test('leaves proxies and machines as they are', () => {
    const hasty = { secondsSinceSent: 0, fromMailSecurity: true, codesFromAddress: 9 };
    for (const agent of ['Mozilla/5.0', 'YahooMailProxy; x', 'curl/8.9.1', '']) {
      const { verdict } = judgeAgent(agent);
      assert.equal(overlay(verdict, hasty, WINDOWS), verdict);
    }
  });
});

suite('recent codes', () => {
  const second = 1e6;

  test('counts different codes of one address within the window', () => {
    const recent = new RecentCodes(3);
    assert.equal(recent.note('192.0.2.1', 'a', 0), 1);
    assert.equal(recent.note('192.0.2.1', 'b', second), 2);
    assert.equal(recent.note('192.0.2.1', 'a', 2 * second), 2);
    assert.equal(recent.note('192.0.2.1', 'c', 3 * second), 3);
    assert.equal(recent.note('192.0.2.1', 'd', 7 * second), 1);
  });

  test('keeps addresses apart, and hits without an address', () => {
    const recent = new RecentCodes(3);
    recent.note('192.0.2.1', 'a', 0);
    assert.equal(recent.note('192.0.2.2', 'b', 0), 1);
    assert.equal(recent.note('', 'a', 0), 1);
    assert.equal(recent.note('', 'b', 0), 1);
  });

  test('a clock that jumps back counts no more than one that jumps ahead', () => {
    const recent = new RecentCodes(3);
    recent.note('192.0.2.1', 'a', 100 * second);
    assert.equal(recent.note('192.0.2.1', 'b', 0), 1);
  });

  test('stays within its bound', () => {
    const recent = new RecentCodes(3, 10);
    for (let i = 0; i < 1_000; i++) recent.note(`192.0.2.${i}`, 'a', 0);
    assert.ok(recent.size <= 10, `${recent.size} addresses`);
  });
});
