// The reference page as it is served: whole, under a policy that names what is in it, and nothing of the
// document is missing from it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiRig, readDocument } from '../../test/api-rig.ts';
import { VERSION } from '../config/version.ts';
import { sourceHash } from './html.ts';

test('it says every operation, parameter and schema, and leaves no place unfilled', async () => {
  const reply = await apiRig().app.inject('/v1/reference');
  assert.equal(reply.statusCode, 200);
  assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8');
  const html = reply.body;
  assert.doesNotMatch(html.replace(/<script[^]*<\/script>/, ''), /<!--|\{\{|undefined|\[object/);
  assert.ok(html.replaceAll(/\s+/g, ' ').includes(`Version ${VERSION} ·`));
  assert.ok(html.includes('<body data-auth="token">'));
  const { paths, components } = await readDocument();
  for (const { operationId, parameters, responses } of Object.values(paths).flatMap((methods) =>
    Object.values(methods),
  )) {
    const article = html.split(`<article id="${operationId}"`)[1]?.split('</article>')[0] ?? '';
    for (const { name } of parameters) assert.ok(article.includes(`<code>${name}</code>`), name);
    for (const status of Object.keys(responses)) {
      assert.ok(article.includes(`>${status}<`), `${operationId} ${status}`);
    }
  }
  // Every link within the page leads somewhere.
  for (const [, target = ''] of html.matchAll(/href="#([^"]+)"/g)) {
    assert.ok(html.includes(`id="${target}"`), target);
  }
  assert.ok(Object.keys(components.schemas).every((name) => html.includes(`id="schema-${name}"`)));
});

test('its policy allows its own style and script, and no other host', async () => {
  const { headers, body } = await apiRig({ apiAuth: 'none' }).app.inject('/v1/reference');
  const policy = String(headers['content-security-policy']);
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(body) ?? [];
  const [, script = ''] = /<script type="module">([^]*?)<\/script>/.exec(body) ?? [];
  assert.ok(policy.includes(`style-src ${sourceHash(style)};`));
  assert.ok(policy.includes(`script-src ${sourceHash(script)};`));
  assert.match(policy, /^default-src 'none';.* connect-src 'self';/);
  assert.doesNotMatch(policy, /https?:|unsafe|\*/);
  assert.doesNotMatch(body, /(?:src|href)="https?:/);
  assert.ok(body.includes('<body data-auth="none">'));
});

test('the introduction is a list of five points', async () => {
  const { description } = (await readDocument()).info;
  assert.deepEqual(description.match(/^\* \S+/gm), [
    '* **Authentication**:',
    '* **Problems**',
    '* **Strict',
    '* **Times**',
    '* `HEAD`',
  ]);
});
