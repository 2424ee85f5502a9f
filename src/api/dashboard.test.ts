// Serving the dashboard: the same page wherever it is opened, its files for ever and compressed, and nothing
// that was not built.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { apiRig } from '../../test/api-rig.ts';
import type { Asset, DashboardFiles } from './dashboard-files.ts';

/** As the dashboard itself lists them. */
const PAGES = [
  ...readFileSync(new URL('../../dashboard/src/pages.ts', import.meta.url), 'utf8').matchAll(
    /^    path: '([^']+)',$/gm,
  ),
].map(([, path = '']) => path);

const SCRIPT: Asset = {
  type: 'text/javascript; charset=utf-8',
  plain: Buffer.from('plain'),
  br: Buffer.from('brotli'),
  gzip: Buffer.from('gzipped'),
};
const DASHBOARD: DashboardFiles = {
  page: '<!doctype html><script type="module" src="./assets/index-1.js"></script>',
  assets: new Map([
    ['index-1.js', SCRIPT],
    ['small-1.js', { ...SCRIPT, br: null, gzip: null }],
  ]),
};

const rig = (dashboard: DashboardFiles | null = DASHBOARD) => apiRig({}, { dashboard }).app;

suite('the dashboard', () => {
  test('is one page at each of its addresses, with its files where they are seen from there', async () => {
    const app = rig();
    assert.ok(PAGES.length >= 3);
    for (const path of PAGES) {
      const url = path.replace(':code', 'hXW3k0ZtQ2mPfJ1a');
      const { statusCode, headers, body } = await app.inject({ url });
      assert.equal(statusCode, 200, url);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(headers['cache-control'], 'no-store');
      const [, source = ''] = /src="([^"]+)"/.exec(body) ?? [];
      const script = new URL(source, `https://proxy.example/below${url}`);
      assert.equal(script.pathname, '/below/assets/index-1.js');
    }
  });

  test('runs what came from here only, and shows images of BASE_URL', async () => {
    const { app } = apiRig({ baseUrl: 'https://pixel.example/base' }, { dashboard: DASHBOARD });
    const { headers } = await app.inject({ url: '/' });
    const policy = new Map(
      String(headers['content-security-policy'])
        .split('; ')
        .map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]),
    );
    assert.equal(policy.get('default-src'), "'none'");
    for (const name of ['script-src', 'style-src', 'connect-src']) {
      assert.equal(policy.get(name), "'self'");
    }
    assert.equal(policy.get('img-src'), "'self' data: https://pixel.example");
    assert.equal(policy.get('frame-ancestors'), "'none'");
    assert.equal(policy.get('base-uri'), "'none'");
  });

  test('is nowhere else: other paths are 404, and other methods 405', async () => {
    const app = rig();
    for (const url of [
      '/index.html',
      '/pixels/',
      '/pixels/a/b',
      '/settings',
      '/dist',
      '/assets/',
    ]) {
      const { statusCode, headers } = await app.inject({ url });
      assert.equal(statusCode, 404, url);
      assert.equal(headers['content-type'], 'application/problem+json');
    }
    const { statusCode, headers } = await app.inject({ url: '/visits', method: 'POST' });
    assert.equal(statusCode, 405);
    assert.equal(headers['allow'], 'GET, HEAD');
    assert.equal((await app.inject({ url: '/visits', method: 'HEAD' })).statusCode, 200);
  });

  test('that is not built is a 503 that says so, while the API works', async () => {
    const app = rig(null);
    const { statusCode, body } = await app.inject({ url: '/' });
    assert.equal(statusCode, 503);
    assert.match(body, /npm run build/);
    assert.equal((await app.inject({ url: '/assets/index-1.js' })).statusCode, 404);
    assert.equal((await app.inject({ url: '/v1/api/status' })).statusCode, 200);
  });
});

suite('a file of the dashboard', () => {
  test('may be kept for ever, and comes as the browser takes it', async () => {
    const app = rig();
    for (const [accepted, encoding, body] of [
      ['gzip, deflate, br', 'br', 'brotli'],
      ['gzip;q=0.8, br;q=0', 'gzip', 'gzipped'],
      ['GZIP', 'gzip', 'gzipped'],
      ['identity', undefined, 'plain'],
      ['brr, xgzip', undefined, 'plain'],
      [undefined, undefined, 'plain'],
    ] as const) {
      const answer = await app.inject({
        url: '/assets/index-1.js',
        headers: accepted === undefined ? {} : { 'accept-encoding': accepted },
      });
      assert.equal(answer.headers['content-encoding'], encoding, accepted);
      assert.equal(answer.body, body);
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(answer.headers['vary'], 'accept-encoding');
      assert.equal(answer.headers['content-type'], SCRIPT.type);
    }
    const small = await app.inject({
      url: '/assets/small-1.js',
      headers: { 'accept-encoding': 'br' },
    });
    assert.equal(small.headers['content-encoding'], undefined);
  });

  test('is one of the build, and no path leads out of it', async () => {
    const app = rig();
    for (const name of ['..%2fpackage.json', '%2e%2e%2findex.html', 'made-from', '__proto__']) {
      const { statusCode } = await app.inject({ url: `/assets/${name}` });
      assert.equal(statusCode, 404, name);
    }
  });
});

test('what browsers and crawlers ask for unasked is answered', async () => {
  const app = rig();
  assert.equal((await app.inject({ url: '/favicon.ico' })).statusCode, 204);
  assert.equal((await app.inject({ url: '/robots.txt' })).body, 'User-agent: *\nDisallow: /\n');
});
