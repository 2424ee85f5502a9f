// What stays of a referrer, by table: never a name, a token or a password.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReferrer } from './referrer.ts';

const TABLE: readonly [referrer: string, origin: string | null, page: string | null][] = [
  ['https://site.example', 'https://site.example', 'https://site.example'],
  ['https://site.example/', 'https://site.example', 'https://site.example/'],
  ['https://site.example/a/b?c=d#e', 'https://site.example', 'https://site.example/a/b'],
  ['https://site.example?c=d', 'https://site.example', 'https://site.example'],
  ['https://site.example#me@x.example', 'https://site.example', 'https://site.example'],
  ['https://site.example:8443/a', 'https://site.example:8443', 'https://site.example:8443/a'],
  ['https://user:pw@site.example/a', 'https://site.example', 'https://site.example/a'],
  ['https://a@b@site.example/a', 'https://site.example', 'https://site.example/a'],
  ['https://site.example/a;jsessionid=1/b', 'https://site.example', 'https://site.example/a'],
  ['https://[2001:db8::1]:80/a', 'https://[2001:db8::1]:80', 'https://[2001:db8::1]:80/a'],
  ['HTTPS://Site.Example/A', 'HTTPS://Site.Example', 'HTTPS://Site.Example/A'],
  ['android-app://org.example/', 'android-app://org.example', 'android-app://org.example/'],
  ['https://[2001:db8::1]/a', 'https://[2001:db8::1]', 'https://[2001:db8::1]/a'],
  ['https://my_site-1.example/', 'https://my_site-1.example', 'https://my_site-1.example/'],
  ['https://site.example:123456/', null, null],
  ['https://site.example:/', null, null],
  ['https://x.jane=secret;token=abc 49 1234 name', null, null],
  ['https://x.jane=secret/a', null, null],
  ['https://jane%40mail.example/', null, null],
  ['https://[jane]/', null, null],
  ['https:\\\\user:pw@site.example/', null, null],
  ['https://user@/a', null, null],
  ['https:///user:pw@site.example', null, null],
  ['mailto:me@site.example', null, null],
  ['/a?b', null, null],
  ['about:blank', null, null],
  ['', null, null],
];

for (const [referrer, origin, page] of TABLE) {
  test(`${referrer || 'an empty referrer'} is of ${origin ?? 'nowhere'}`, () => {
    const read = readReferrer(referrer);
    assert.equal(read?.origin ?? null, origin);
    assert.equal(read?.page ?? null, page);
    if (origin !== null) assert.equal(read?.site, origin.toLowerCase().replace(/^.*:\/\//, ''));
  });
}

test('a hostile referrer costs no time', () => {
  const began = performance.now();
  for (const hostile of ['a'.repeat(16_000), `a://${'@'.repeat(16_000)}`, 'a+'.repeat(8_000)]) {
    readReferrer(hostile);
  }
  assert.ok(performance.now() - began < 200);
});
