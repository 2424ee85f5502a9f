// The histogram's promise: a quantile is never below the true one, and at most 1/64 above.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram } from './histogram.ts';

test('a quantile is the true one, or at most one part in 64 above', () => {
  const micros = fc.array(fc.integer({ min: 0, max: 2 ** 30 - 1 }), { minLength: 1 });
  const parts = fc.constantFrom(0, 0.5, 0.99, 0.999, 1);
  fc.assert(
    fc.property(micros, parts, (values, part) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const sorted = values.toSorted((a, b) => a - b);
      const place = Math.max(1, Math.ceil(part * sorted.length)) - 1;
      const truth = sorted[place] ?? NaN;
      const told = Math.round(histogram.quantileMs(part) * 1_000);
      assert.ok(told >= truth && told <= truth * (1 + 1 / 64), `${told} for ${truth}`);
      assert.equal(histogram.total, values.length);
    }),
  );
});

test('of nothing there is no quantile', () => {
  assert.ok(Number.isNaN(new Histogram().quantileMs(0.5)));
});

test('what takes longer than a histogram can say counts as its longest', () => {
  const histogram = new Histogram();
  histogram.record(1e12);
  assert.equal(histogram.quantileMs(1), (2 ** 30 - 1) / 1_000);
});
