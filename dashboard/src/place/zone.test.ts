// Time zones that come from the address or the system: only such as the server takes get through.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { isZone, ownZone } from './zone.ts';

test('a zone is a name that is known, and no offset', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Etc/GMT+5']) {
    assert.ok(isZone(name), name);
  }
  for (const bad of ['', 'Mars/Olympus', '+05:30', '-08', 'Etc/Unknown']) {
    assert.ok(!isZone(bad), bad);
  }
});

test('a system whose zone nobody knows is shown UTC', (t) => {
  const options = new Intl.DateTimeFormat().resolvedOptions();
  for (const [timeZone, shown] of [
    ['Etc/Unknown', 'UTC'],
    ['+05:30', 'UTC'],
    ['Asia/Kathmandu', 'Asia/Kathmandu'],
  ] as const) {
    const answer = (): Intl.ResolvedDateTimeFormatOptions => ({ ...options, timeZone });
    const mocked = mock.method(Intl.DateTimeFormat.prototype, 'resolvedOptions', answer);
    t.after(() => mocked.mock.restore());
    assert.equal(ownZone(), shown);
    mocked.mock.restore();
  }
});
