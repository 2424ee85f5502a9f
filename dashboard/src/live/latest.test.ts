// The list of live hits: bounded, in order, without doubles, and honest about what is missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveHit } from '../pixels/answers.ts';
import { isMissing, LATEST_MAX, NOTHING_YET, withNews } from './latest.ts';

const hit = (number: number): LiveHit => ({
  kind: 'open',
  uri: 'code',
  time_stamp: '2026-11-30T09:00:00.000000Z',
  ip_address: '',
  user_agent: null,
  referrer: null,
  id: `hit-${number}`,
  class: 'unknown',
  reason: 'no-agent',
  client: null,
  os: null,
  device: null,
  country: null,
  own: null,
});
const news = (...numbers: number[]) => ({ hits: numbers.map(hit), skipped: 0, hasGap: false });
const told = ({ rows }: typeof NOTHING_YET): string[] =>
  rows.map((row) => (isMissing(row) ? `${row.missing} missing` : row.id));

test('the newest stands first, and a hit that is told again is one', () => {
  const latest = withNews(withNews(NOTHING_YET, news(1, 2)), news(2, 3));
  assert.deepEqual(told(latest), ['hit-3', 'hit-2', 'hit-1']);
  assert.equal(latest.count, 3);
});

test('what is missing is said in its place, and counted where it is known how much', () => {
  const first = withNews(NOTHING_YET, news(1));
  const latest = withNews(withNews(first, { ...news(2), skipped: 40 }), {
    ...news(3),
    hasGap: true,
  });
  assert.deepEqual(told(latest), ['hit-3', 'null missing', 'hit-2', '40 missing', 'hit-1']);
  assert.equal(latest.count, 43);
});

test('a flood is bounded', () => {
  const many = Array.from({ length: LATEST_MAX + 50 }, (_, i) => i);
  const latest = withNews(NOTHING_YET, news(...many));
  assert.equal(latest.rows.length, LATEST_MAX);
  assert.equal(latest.count, LATEST_MAX + 50);
  assert.equal(told(latest)[0], `hit-${LATEST_MAX + 49}`);
});
