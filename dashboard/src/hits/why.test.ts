// What the dashboard says of hits, held against what the server can say of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS_OF_REASON, isPerson } from '../../../src/hit/verdict.ts';
import { standingOf } from './classes.ts';
import { WHY, whyOf } from './why.ts';

const reasons = Object.keys(CLASS_OF_REASON) as (keyof typeof CLASS_OF_REASON)[];

test('every reason of the server has its sentence, and no sentence is without a reason', () => {
  assert.deepEqual(Object.keys(WHY).toSorted(), reasons.toSorted());
  for (const reason of reasons) {
    for (const client of ['Thunderbird', null]) {
      for (const kind of ['open', 'visit'] as const) {
        const sentence = whyOf({ kind, reason, client });
        assert.match(sentence, /^\S.*\.$/, reason);
        assert.doesNotMatch(sentence, /null|undefined/, reason);
      }
    }
  }
});

test('a reason that only a newer server knows is named all the same', () => {
  assert.match(whyOf({ kind: 'open', reason: 'a-new-one', client: null }), /a-new-one/);
});

test('only people and what fetches for them stand as opens, and none of your own', () => {
  for (const verdictClass of new Set(Object.values(CLASS_OF_REASON))) {
    const standing = standingOf({ class: verdictClass, own: null });
    const isLook = isPerson(verdictClass) || /^(gmail|yahoo|other)-proxy$/.test(verdictClass);
    assert.equal(standing === 'opens', isLook, verdictClass);
    assert.equal(standing === 'unverified', verdictClass === 'apple-mpp');
    assert.equal(standingOf({ class: verdictClass, own: 'claimed' }), 'ignored');
    assert.equal(standingOf({ class: verdictClass, own: 'disclaimed' }), standing);
  }
});
