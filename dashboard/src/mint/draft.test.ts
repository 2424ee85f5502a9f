// From fields to what the server is told: nothing that nobody wrote, and nothing lost that nobody touched.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changed,
  type Draft,
  draftOf,
  EMPTY_DRAFT,
  metadataComplaint,
  propertiesOf,
  said,
} from './draft.ts';

const PIXEL = {
  label: 'Offer',
  campaign: null,
  recipient: 'ada@a.example',
  sent_at: '2026-11-30T09:00:31.123456Z',
  mode: null,
  metadata: { deal: 1, deep: { a: [1, 2] } },
};

test('an empty form says nothing', () => {
  assert.deepEqual(said(propertiesOf(EMPTY_DRAFT)), {});
});

test('a form that was opened and saved changes nothing, not even the seconds of sending', () => {
  assert.deepEqual(changed(PIXEL, propertiesOf(draftOf(PIXEL))), {});
});

test('what was written is changed, and what was emptied is taken back', () => {
  const draft: Draft = { ...draftOf(PIXEL), label: ' ', campaign: 'Autumn', sentAt: '' };
  assert.deepEqual(changed(PIXEL, propertiesOf(draft)), {
    label: null,
    campaign: 'Autumn',
    sent_at: null,
  });
});

test('metadata must be an object in JSON, or nothing', () => {
  assert.equal(metadataComplaint(' '), null);
  assert.equal(metadataComplaint('{"a": 1}'), null);
  for (const text of ['[1]', 'null', '1', '"a"']) {
    assert.match(metadataComplaint(text) ?? '', /object/, text);
  }
  assert.match(metadataComplaint('{"a"') ?? '', /JSON/);
});
