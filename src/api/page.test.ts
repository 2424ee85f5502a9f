// The root page's promises: it runs nothing but its own script, asks nobody else, and repeats no markup that
// stands in a setting. How it looks and works in a browser is for the end-to-end tests.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { apiRig } from '../../test/api-rig.ts';
import type { ApiParts } from './parts.ts';

async function openPage(
  config: Partial<ApiParts['config']> = {},
): Promise<{ html: string; policy: string }> {
  const reply = await apiRig(config).app.inject({ url: '/' });
  return { html: reply.body, policy: String(reply.headers['content-security-policy']) };
}

test("the policy allows the page's style and script by hash and everything else not at all", async () => {
  const { html, policy } = await openPage();
  for (const tag of ['style', 'script']) {
    const blocks = [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))];
    assert.equal(blocks.length, 1);
    const digest = createHash('sha256')
      .update(blocks[0]?.[1] ?? '')
      .digest('base64');
    assert.ok(policy.includes(`${tag}-src 'sha256-${digest}'`), tag);
  }
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.match(policy, /img-src 'self' data: https:\/\/pixel\.example;/);
});

test('the page refers to no other host, and holds nothing inline that the policy would block', async () => {
  const { html } = await openPage();
  const tags = html.match(/<[a-z][^<>]*>/g) ?? [];
  const links = tags.flatMap((tag) => /\s(?:src|href|action)="([^"]*)"/.exec(tag)?.[1] ?? []);
  assert.ok(links.length >= 4);
  for (const link of links) assert.match(link, /^(?:\/(?!\/)|data:)/);
  for (const tag of tags) assert.doesNotMatch(tag, /\s(?:style|on\w+)=/);
});

test('a setting with markup in it stays text', async () => {
  const baseUrl = 'https://x.example/"><script>alert(1)</script>\'&';
  const { html } = await openPage({ baseUrl });
  assert.doesNotMatch(html, /<script>alert/);
  assert.ok(html.includes('https://x.example/&#34;&#62;&#60;script&#62;alert(1)'));
});

test("commands show the token only where one is needed, and the API's own port when it has one", async () => {
  assert.match((await openPage()).html, /curl -H &quot;Authorization: Bearer \$API_TOKEN&quot; /);
  const { html: open } = await openPage({ apiAuth: 'none', apiPort: 9000 });
  assert.doesNotMatch(open, /Authorization: Bearer/);
  assert.match(open, /http:\/\/localhost:9000<\/span>\/v1\/api\/gen-image/);
});

test('the page, the robots rule and the icon are served with their types', async () => {
  const { app } = apiRig();
  const page = await app.inject({ url: '/' });
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(String(page.headers['content-security-policy']), /script-src 'sha256-/);
  assert.match(page.body, /^<!doctype html>/);
  const robots = await app.inject({ url: '/robots.txt' });
  assert.equal(robots.body, 'User-agent: *\nDisallow: /\n');
  assert.equal((await app.inject({ url: '/favicon.ico' })).statusCode, 204);
});
