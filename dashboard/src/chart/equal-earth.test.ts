// The projection, against values of its authors' own and as a round trip.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { project, unproject } from './equal-earth.ts';

const near = (actual: readonly number[], expected: readonly number[], within: number): void => {
  for (const [i, value] of actual.entries()) {
    assert.ok(
      Math.abs(value - (expected[i] ?? NaN)) < within,
      `${actual.join()} is not ${expected.join()}`,
    );
  }
};

test('the equator is as long and the pole as far away as the projection’s authors say', () => {
  near(project([0, 0]), [0, 0], 1e-12);
  near(project([180, 0]), [2.70663, 0], 1e-4);
  near(project([0, 90]), [0, -1.31736], 1e-4);
});

test('what was projected is found again, anywhere on earth', () => {
  const longitude = fc.double({ min: -180, max: 190, noNaN: true });
  const latitude = fc.double({ min: -89.5, max: 89.5, noNaN: true });
  const property = fc.property(longitude, latitude, (x, y) => {
    near(unproject(project([x, y])), [x, y], 1e-6);
  });
  fc.assert(property, { seed: 20261130 });
});
