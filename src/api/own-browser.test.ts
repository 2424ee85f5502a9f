// The ignore link and its page: nothing happens by opening it, and only who was given one can use it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { apiRig, AUTHORIZED, type Rig, SECRET } from '../../test/api-rig.ts';
import { checkOwn, signOwn } from '../hit/own-browser.ts';
import { OWN_COOKIE_SECONDS, OWN_LINK_SECONDS } from '../limits.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const now = (): number => Math.floor(Date.now() / 1000);

async function link(rig: Rig): Promise<URL> {
  const url = '/v1/own-browser-links';
  const reply = await rig.app.inject({ method: 'POST', url, headers: AUTHORIZED });
  assert.equal(reply.statusCode, 201);
  return new URL(reply.json<{ url: string }>().url);
}

/** The path as the server sees it, behind a proxy that cuts BASE_URL's. */
const pathOf = ({ search }: URL): string => `/ignore-me${search}`;

async function press({ app }: Rig, url: string, payload: string, headers = {}) {
  return await app.inject({ method: 'POST', url, payload, headers: { ...FORM, ...headers } });
}

describe('the link', () => {
  test('is under BASE_URL, says when it ends, and is for those with the token', async () => {
    const rig = apiRig();
    const options = { method: 'POST', url: '/v1/own-browser-links' } as const;
    assert.equal((await rig.app.inject(options)).statusCode, 401);
    const said = await rig.app.inject({ ...options, headers: AUTHORIZED, payload: { days: 7 } });
    assert.equal(said.statusCode, 400);
    const reply = await rig.app.inject({ ...options, headers: AUTHORIZED });
    const { url, expires_at } = reply.json<{ url: string; expires_at: string }>();
    assert.match(url, /^https:\/\/pixel\.example\/base\/ignore-me\?link=[\w.-]+$/);
    assert.ok(Math.abs(Date.parse(expires_at) / 1000 - now() - OWN_LINK_SECONDS) < 60);
    assert.ok(checkOwn(SECRET, 'link', new URL(url).searchParams.get('link') ?? '', now()));
  });

  test('opening it, however often and by whomever, sets nothing', async () => {
    const rig = apiRig();
    const url = pathOf(await link(rig));
    for (const headers of [{}, { 'sec-purpose': 'prefetch' }, { 'user-agent': 'Slackbot' }]) {
      for (const method of ['GET', 'HEAD'] as const) {
        const reply = await rig.app.inject({ method, url, headers });
        assert.equal(reply.statusCode, 200);
        assert.equal(reply.headers['set-cookie'], undefined);
        assert.equal(reply.headers['cache-control'], 'no-store');
      }
    }
  });

  const WRONG: readonly [string, string][] = [
    ['none', ''],
    ['two', `?link=${signOwn(SECRET, 'link', now() + 60)}&link=x`],
    ['an old one', `?link=${signOwn(SECRET, 'link', now() - 1)}`],
    ['a cookie', `?link=${signOwn(SECRET, 'cookie', now() + 60)}`],
    ['another server’s', `?link=${signOwn(Buffer.alloc(32, 8), 'link', now() + 60)}`],
    ['markup', '?link=%22%3E%3Cscript%3Ealert(1)%3C/script%3E'],
  ];
  for (const [name, query] of WRONG) {
    test(`${name} in place of a link sets nothing and shows a page that repeats nothing`, async () => {
      const rig = apiRig();
      const url = `/ignore-me${query}`;
      const opened = await rig.app.inject({ url });
      const pressed = await press(rig, url, 'looks=ignore');
      for (const reply of [opened, pressed]) {
        assert.equal(reply.statusCode, 403);
        assert.equal(reply.headers['set-cookie'], undefined);
        assert.match(reply.body, /does not work any more/);
        assert.doesNotMatch(reply.body, /<form|<script|alert/);
      }
    });
  }
});

describe('the button', () => {
  test('sets a signed cookie for images on any site, and the page then says so', async () => {
    const rig = apiRig();
    const url = pathOf(await link(rig));
    const reply = await press(rig, url, 'looks=ignore');
    assert.equal(reply.statusCode, 303);
    assert.equal(reply.headers['location'], url.replace('/ignore-me', ''));
    const cookie = String(reply.headers['set-cookie']);
    const [, value = ''] =
      /^truepixel_own=([\w.-]+); Max-Age=34560000; Path=\/base; HttpOnly; SameSite=None; Secure$/.exec(
        cookie,
      ) ?? assert.fail(cookie);
    assert.ok(checkOwn(SECRET, 'cookie', value, now() + OWN_COOKIE_SECONDS - 60));
    assert.ok(!checkOwn(SECRET, 'cookie', value, now() + OWN_COOKIE_SECONDS + 60));
    const opened = async (sent: string): Promise<string> =>
      (await rig.app.inject({ url, headers: { cookie: sent } })).body;
    assert.match(await opened(`a=b; truepixel_own=${value}`), /looks are ignored/);
    assert.match(await opened(`truepixel_own=${value}x; x`), /looks are counted/);
    assert.match(await opened('truepixel_own'), /looks are counted/);
  });

  test('the other one takes the cookie away again', async () => {
    const rig = apiRig();
    const reply = await press(rig, pathOf(await link(rig)), 'looks=count');
    assert.equal(
      reply.headers['set-cookie'],
      'truepixel_own=; Max-Age=0; Path=/base; HttpOnly; SameSite=None; Secure',
    );
  });

  test('over http the cookie is one that browsers take there', async () => {
    const rig = apiRig({ baseUrl: 'http://localhost:8000' });
    const cookie = (await press(rig, pathOf(await link(rig)), 'looks=ignore')).headers[
      'set-cookie'
    ];
    assert.match(String(cookie), /; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test('does nothing when another site pressed it', async () => {
    const rig = apiRig();
    const url = pathOf(await link(rig));
    for (const [site, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', 303],
      ['none', 303],
    ] as const) {
      const reply = await press(rig, url, 'looks=ignore', { 'sec-fetch-site': site });
      assert.equal(reply.statusCode, status);
      assert.equal(reply.headers['set-cookie'] === undefined, status === 403);
    }
  });

  test('anything but a wish is refused as a problem, and no other route takes forms', async () => {
    const rig = apiRig();
    const url = pathOf(await link(rig));
    for (const [body, status] of [
      ['', 400],
      ['looks=', 400],
      ['looks=ignore&looks=count&x=1', 400],
      ['__proto__=1&looks=%3Cscript%3E', 400],
      [`looks=${'x'.repeat(300)}`, 413],
    ] as const) {
      const reply = await press(rig, url, body);
      assert.equal(reply.statusCode, status, body.slice(0, 40));
      assert.equal(reply.headers['content-type'], 'application/problem+json');
      assert.equal(reply.headers['set-cookie'], undefined);
      assert.doesNotMatch(reply.body, /<script/);
    }
    const other = await press(rig, '/v1/pixels', 'mode=off', AUTHORIZED);
    assert.equal(other.statusCode, 415);
  });
});

test('every page allows its own style and form and nothing else, and asks no other host', async () => {
  const rig = apiRig();
  const url = pathOf(await link(rig));
  const cookie = `truepixel_own=${signOwn(SECRET, 'cookie', now() + 60)}`;
  for (const options of [{ url }, { url, headers: { cookie } }, { url: '/ignore-me' }]) {
    const { body, headers } = await rig.app.inject(options);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(body) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    assert.equal(
      headers['content-security-policy'],
      [
        "default-src 'none'",
        `style-src 'sha256-${digest}'`,
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].join('; '),
    );
    assert.match(style, /color-scheme: light dark/);
    assert.doesNotMatch(body, /<script|\sstyle=|\son\w+=|(?:src|href|action)=/);
  }
});
