// Tokens over HTTP: made, listed, revoked; and what each scope opens, route by route.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { apiRig, AUTHORIZED, type Rig, TOKEN } from '../../test/api-rig.ts';
import type { Scope } from '../access/scope.ts';
import { TOKENS_MAX } from '../limits.ts';
import { createRegistry } from '../telemetry/metrics.ts';

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string | null;
  readonly last_used_at: string | null;
  readonly token?: string;
}

const create = ({ app }: Rig, payload: unknown, headers = AUTHORIZED) =>
  app.inject({ method: 'POST', url: '/v1/tokens', headers, payload: payload as object });
const revoke = ({ app }: Rig, id: string) =>
  app.inject({ method: 'DELETE', url: `/v1/tokens/${id}`, headers: AUTHORIZED });
const list = async ({ app }: Rig): Promise<Shown[]> =>
  (await app.inject({ url: '/v1/tokens', headers: AUTHORIZED })).json<{ tokens: Shown[] }>().tokens;

async function holder(rig: Rig, scopes: readonly Scope[]): Promise<{ authorization: string }> {
  const reply = await create(rig, { name: scopes.join(' '), scopes });
  return { authorization: `Bearer ${reply.json<Shown>().token}` };
}

/** A request to a route, with something in the place of each parameter. */
const requestFor = (method: string | string[], url: string) => ({
  method: String(method) as 'GET',
  url: url.replaceAll(/:\w+|\*/g, 'x'),
});

test('a token is shown once, works until it is revoked, and is listed without its text', async () => {
  const rig = apiRig();
  const reply = await create(rig, { name: 'CI', scopes: ['mint', 'read'] });
  assert.equal(reply.statusCode, 201);
  assert.equal(reply.headers['cache-control'], 'no-store');
  const { token, ...made } = reply.json<Shown>();
  assert.match(token ?? '', /^tp_[0-9A-Za-z]{43}$/);
  assert.deepEqual([made.name, made.scopes, made.last_used_at], ['CI', ['read', 'mint'], null]);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await rig.app.inject({ url: '/v1/api/gen-image', headers })).statusCode, 200);
  const [own, listed] = await list(rig);
  assert.deepEqual([own?.id, own?.scopes], ['installation', ['read', 'mint', 'admin']]);
  assert.ok(own?.last_used_at !== null && own?.created_at === null);
  assert.ok(listed !== undefined && Date.parse(listed.last_used_at ?? '') > Date.now() - 60_000);
  assert.deepEqual({ ...listed, last_used_at: null }, made);
  assert.equal((await revoke(rig, made.id)).statusCode, 204);
  assert.equal((await rig.app.inject({ url: '/v1/api/gen-image', headers })).statusCode, 401);
  assert.equal((await revoke(rig, made.id)).statusCode, 404);
});

test('the installation’s own token is not revoked, and how it is changed is said', async () => {
  const reply = await revoke(apiRig(), 'installation');
  assert.equal(reply.statusCode, 409);
  assert.match(reply.json<{ detail: string }>().detail, /API_TOKEN.*secrets\/api-token/);
});

test('who revokes their own token has had it', async () => {
  const rig = apiRig();
  const reply = await create(rig, { name: 'me', scopes: ['admin'] });
  const { id, token } = reply.json<Shown>();
  const headers = { authorization: `Bearer ${token}` };
  const asked = { method: 'DELETE', url: `/v1/tokens/${id}`, headers } as const;
  assert.equal((await rig.app.inject(asked)).statusCode, 204);
  assert.equal((await rig.app.inject(asked)).statusCode, 401);
});

suite('a wish that is none', () => {
  const wishes: readonly [unknown, string][] = [
    [{}, 'name'],
    [{ name: 'a' }, 'scopes'],
    [{ name: 'a', scopes: [] }, 'scopes'],
    [{ name: 'a', scopes: ['root'] }, 'scopes'],
    [{ name: 'a', scopes: ['read', 'read'] }, 'scopes'],
    [{ name: '', scopes: ['read'] }, 'name'],
    [{ name: 'x'.repeat(65), scopes: ['read'] }, 'name'],
    [{ name: 'a\nb', scopes: ['read'] }, 'name'],
    [{ name: 7, scopes: ['read'] }, 'name'],
    [{ name: 'a', scopes: ['read'], id: 'installation' }, 'id'],
    [[], 'body'],
  ];
  for (const [payload, parameter] of wishes) {
    test(`such as ${JSON.stringify(payload).slice(0, 60)} is a 400 that names ${parameter}`, async () => {
      const rig = apiRig();
      const reply = await create(rig, payload);
      assert.equal(reply.statusCode, 400, reply.body);
      assert.match(reply.body, new RegExp(`"parameter":"${parameter}`));
      assert.equal((await list(rig)).length, 1);
    });
  }
  test('because it is too long is 413, and because of its name or number 409', async () => {
    const rig = apiRig();
    assert.equal((await create(rig, { name: 'x'.repeat(5_000) })).statusCode, 413);
    const wish = { name: 'a', scopes: ['read'] };
    const racing = await Promise.all(Array.from({ length: 5 }, () => create(rig, wish)));
    const statuses = racing.map(({ statusCode }) => `${statusCode}`).toSorted();
    assert.deepEqual(statuses, ['201', '409', '409', '409', '409']);
    assert.equal((await create(rig, { ...wish, name: 'installation' })).statusCode, 409);
    for (let i = 1; i < TOKENS_MAX; i++) {
      assert.equal((await create(rig, { ...wish, name: `${i}` })).statusCode, 201);
    }
    assert.equal((await create(rig, { ...wish, name: 'one more' })).statusCode, 409);
  });
});

suite('what a scope opens', () => {
  const HELD: readonly (readonly Scope[])[] = [['read'], ['mint'], ['read', 'mint']];
  for (const held of HELD) {
    test(`${held.join(' and ')} is a 403 that names the scope, wherever another one is needed`, async () => {
      const rig = apiRig();
      const headers = await holder(rig, held);
      let refused = 0;
      for (const { method, url, config } of rig.app.scopedRoutes) {
        const scope = config?.scope ?? 'admin';
        if (scope === 'none' || held.includes(scope as Scope)) continue;
        const reply = await rig.app.inject({ ...requestFor(method, url), headers });
        assert.equal(reply.statusCode, 403, `${String(method)} ${url}`);
        assert.match(String(reply.headers['www-authenticate']), new RegExp(`scope="${scope}"`));
        if (method !== 'HEAD') assert.equal(reply.json<{ scope: string }>().scope, scope);
        refused++;
      }
      assert.ok(refused > 10, `${refused} routes`);
    });
  }

  test('nothing is open without a token but what says so', async () => {
    const { app } = apiRig();
    await app.ready();
    for (const { method, url, config } of app.scopedRoutes) {
      if (config?.scope === 'none') continue;
      const reply = await app.inject(requestFor(method, url));
      assert.equal(reply.statusCode, 401, `${String(method)} ${url}`);
    }
  });

  test('admin opens all, read looks, mint mints, and metrics are the installation’s', async () => {
    const rig = apiRig();
    const codes = async (headers: { authorization: string }): Promise<number[]> => {
      const urls = ['/v1/api/info/AAAAAAAAAAAAAAAA', '/v1/api/gen-image', '/v1/tokens', '/metrics'];
      const replies = await Promise.all(urls.map((url) => rig.app.inject({ url, headers })));
      return replies.map(({ statusCode }) => statusCode);
    };
    assert.deepEqual(await codes(await holder(rig, ['read'])), [404, 403, 403, 403]);
    assert.deepEqual(await codes(await holder(rig, ['mint'])), [403, 200, 403, 403]);
    assert.deepEqual(await codes(await holder(rig, ['admin'])), [404, 200, 200, 403]);
    assert.deepEqual(await codes(AUTHORIZED), [404, 200, 200, 200]);
  });
});

test('refusals are counted by reason, and who guesses is told when to come back', async () => {
  const registry = createRegistry('test');
  const rig = apiRig({}, { registry });
  const guess = (token: string, remoteAddress: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return rig.app.inject({ url: '/v1/tokens', headers, remoteAddress });
  };
  for (let i = 0; i < 20; i++) assert.equal((await guess('x', '192.0.2.1')).statusCode, 401);
  const reply = await guess(TOKEN, '192.0.2.1');
  assert.equal(reply.statusCode, 429);
  assert.match(String(reply.headers['retry-after']), /^[1-6]$/);
  assert.equal((await guess(TOKEN, '192.0.2.2')).statusCode, 200);
  await rig.app.inject({ url: '/v1/tokens', headers: await holder(rig, ['read']) });
  const text = await registry.metrics();
  assert.match(text, /unauthorized_total\{reason="wrong",process="test"\} 20$/m);
  assert.match(text, /unauthorized_total\{reason="limited",process="test"\} 1$/m);
  assert.match(text, /forbidden_total\{reason="scope",process="test"\} 1$/m);
  assert.match(text, /^truepixel_api_failing_networks\{process="test"\} 1$/m);
});

test('a client’s own word on its address is not taken, unless a trusted proxy says it', async () => {
  const guess = (rig: Rig, forwarded: string) => {
    const headers = { authorization: 'Bearer x', 'x-forwarded-for': forwarded };
    return rig.app.inject({ url: '/v1/tokens', headers, remoteAddress: '192.0.2.1' });
  };
  const rig = apiRig();
  for (let i = 0; i < 20; i++) await guess(rig, `198.51.100.${i}`);
  assert.equal((await guess(rig, '203.0.113.9')).statusCode, 429);
  const behind = apiRig({ trustedProxies: ['192.0.2.0/24'] });
  for (let i = 0; i < 20; i++) await guess(behind, '198.51.100.1');
  assert.equal((await guess(behind, '198.51.100.1')).statusCode, 429);
  assert.equal((await guess(behind, '203.0.113.9')).statusCode, 401);
});
