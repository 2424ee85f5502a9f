// The lines for people: what must stand in them, and what must never.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { Config } from '../config/config.ts';
import { parseCommandLine } from '../config/flags.ts';
import { loadConfig } from '../config/load.ts';
import { greeting } from './greeting.ts';

const configure = (environment: Record<string, string> = {}): Promise<Config> =>
  loadConfig(parseCommandLine([]), { DATA_DIR: '/srv/px', ...environment }, []);

const kept = {
  firstStart: false,
  withApi: true,
  signIn: null,
  newToken: null,
  tokenPath: '/srv/px/token',
  missing: [],
};

suite('the greeting', () => {
  test('shows a new token once, with all that a newcomer needs', async () => {
    const text = greeting(await configure(), { ...kept, firstStart: true, newToken: 'SECRET' });
    for (const part of [
      'http://localhost:8000\n',
      'http://localhost:8000/#token=SECRET\n',
      'kept in /srv/px/token',
      '/srv/px/visits.log',
      'curl -H "Authorization: Bearer SECRET" http://localhost:8000/v1/api/gen-image',
      '/v1/api/info/CODE',
    ]) {
      assert.ok(text.includes(part), `${part} is not in:${text}`);
    }
  });

  test('is short later on, and says where the token lies', async () => {
    const text = greeting(await configure(), kept);
    assert.ok(text.includes('in /srv/px/token'));
    assert.match(text, /sign in: npx truepixel token link/);
    assert.doesNotMatch(text, /curl|#token/);
  });

  test('has a link to sign in with for whoever sits at a terminal', async () => {
    const text = greeting(await configure(), { ...kept, signIn: 'tpl_LINK' });
    assert.ok(text.includes('http://localhost:8000/#token=tpl_LINK\n'), text);
    assert.match(text, /good once, within an hour/);
  });

  test('leads to BASE_URL when that is the dashboard’s, since its cookie is made for it', async () => {
    const base = { BASE_URL: 'https://px.example/t' };
    const links = { ...kept, signIn: 'tpl_LINK' };
    const shared = greeting(await configure(base), links);
    assert.ok(shared.includes('https://px.example/t/#token=tpl_LINK\n'), shared);
    const apart = greeting(await configure({ ...base, API_PORT: '9000' }), links);
    assert.ok(apart.includes('http://localhost:9000/#token=tpl_LINK\n'), apart);
  });

  test('never shows a token that the operator gave', async () => {
    const config = await configure({ API_TOKEN: 'operators-own-token' });
    const text = greeting(config, { ...kept, firstStart: true, tokenPath: null });
    assert.doesNotMatch(text, /operators-own-token/);
    assert.match(text, /Bearer \$API_TOKEN/);
  });

  test('says where the API is when that has a port or an address of its own', async () => {
    const config = await configure({
      API_PORT: '9000',
      HOST: '::1',
      BASE_URL: 'https://px.example',
      API_AUTH: 'none',
    });
    const text = greeting(config, { ...kept, firstStart: true });
    assert.match(text, /Pixels +https:\/\/px\.example\n/);
    assert.match(text, /API +http:\/\/\[::1\]:9000 \(no token asked\)\n/);
    assert.match(text, /curl http:\/\/\[::1\]:9000\/v1\/api\/gen-image\n/);
  });

  test('says in one line why the store does not work, and that hits are kept', async () => {
    const missing = [{ name: 'store', reason: 'the store cannot be opened:\n  no such thing' }];
    const text = greeting(await configure(), { ...kept, missing });
    assert.match(
      text,
      /The store does not work yet: the store cannot be opened: no such thing\.\n/,
    );
    assert.match(text, /Every hit is kept meanwhile/);
    assert.doesNotMatch(greeting(await configure(), kept), /does not work/);
  });

  test('of collectors alone says nothing of an API', async () => {
    const text = greeting(await configure(), { ...kept, firstStart: true, withApi: false });
    assert.doesNotMatch(text, /API|curl|Visit log/);
  });
});
