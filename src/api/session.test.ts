// Signing a browser in and out, and everything that somebody else's page, cookie or header might try.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { apiRig, AUTHORIZED, type Rig, TOKEN } from '../../test/api-rig.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const NAME = '__Secure-truepixel_session';

const signIn = (
  { app }: Rig,
  payload: unknown = { token: TOKEN },
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> =>
  app.inject({ method: 'POST', url: '/v1/session', headers, payload: payload as object });

/** `name=value` of what a reply set. */
function cookieOf(reply: LightMyRequestResponse): string {
  const [pair = ''] = String(reply.headers['set-cookie']).split(';');
  return pair;
}

async function signedIn(rig: Rig, token = TOKEN): Promise<string> {
  const reply = await signIn(rig, { token });
  assert.equal(reply.statusCode, 200, reply.body);
  return cookieOf(reply);
}

const who = ({ app }: Rig, headers: Record<string, string>): Promise<LightMyRequestResponse> =>
  app.inject({ url: '/v1/session', headers });

test('a token becomes a session, which says who it is and until when, and ends for good', async () => {
  const rig = apiRig();
  const reply = await signIn(rig);
  const body = reply.json<{ name: string; kind: string; expires_at: string }>();
  assert.deepEqual([body.name, body.kind], ['installation', 'session']);
  const days = (Date.parse(body.expires_at) - Date.now()) / 86_400_000;
  assert.ok(days > 29.9 && days <= 30, body.expires_at);
  assert.ok(!reply.body.includes(TOKEN));
  const cookie = cookieOf(reply);
  assert.deepEqual((await who(rig, { cookie })).json(), body);
  const out = { method: 'DELETE', url: '/v1/session', headers: { cookie, ...OWN } } as const;
  const ended = await rig.app.inject(out);
  assert.equal(ended.statusCode, 204);
  assert.match(
    String(ended.headers['set-cookie']),
    new RegExp(`^${NAME}=; Max-Age=0; Path=/base;`),
  );
  assert.equal(
    (await who(rig, { cookie })).statusCode,
    401,
    'a copy of the cookie is worth nothing',
  );
  assert.equal((await rig.app.inject(out)).statusCode, 204, 'and that may be said twice');
});

test('who asks with a token, or where nobody has to be anybody, is told so', async () => {
  const rig = apiRig();
  assert.equal((await who(rig, {})).statusCode, 401);
  assert.deepEqual((await who(rig, AUTHORIZED)).json(), {
    name: 'installation',
    scopes: ['read', 'mint', 'admin'],
    kind: 'token',
    expires_at: null,
  });
  const open = (await who(apiRig({ apiAuth: 'none' }), {})).json<{ kind: string }>();
  assert.equal(open.kind, 'open');
});

suite('the cookie', () => {
  const cases: readonly [string, Parameters<typeof apiRig>[0], Record<string, string>, RegExp][] = [
    [
      'over https at a host of its own is bound to that host',
      { baseUrl: 'https://px.example' },
      {},
      /^__Host-truepixel_session=tps_\w{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    ],
    [
      'over https below a path is for that path',
      { baseUrl: 'https://px.example/t' },
      {},
      /^__Secure-truepixel_session=tps_\w{43}; Max-Age=2592000; Path=\/t; HttpOnly; SameSite=Strict; Secure$/,
    ],
    [
      'over http is one that browsers take there',
      { baseUrl: 'http://localhost:8000' },
      {},
      /^truepixel_session=tps_\w{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    ],
    [
      'at a port of its own has nothing to do with BASE_URL',
      { baseUrl: 'https://px.example/t', apiPort: 9_000 },
      {},
      /^truepixel_session=tps_\w{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    ],
    [
      'at a port of its own with https before it is for https alone',
      { baseUrl: 'https://px.example/t', apiPort: 9_000 },
      { origin: 'https://api.example', host: 'api.example' },
      /^truepixel_session=tps_\w{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    ],
  ];
  for (const [name, config, headers, expected] of cases) {
    test(name, async () => {
      const rig = apiRig(config);
      const reply = await signIn(rig, { token: TOKEN }, headers);
      assert.match(String(reply.headers['set-cookie']), expected);
      const cookie = cookieOf(reply);
      assert.equal((await who(rig, { cookie })).statusCode, 200);
    });
  }

  test('that a browser would drop without a word is refused with one', async () => {
    const rig = apiRig({ baseUrl: 'https://px.example' });
    const from = (origin: string) =>
      signIn(rig, { token: TOKEN }, { origin, host: new URL(origin).host });
    const reply = await from('http://10.0.0.5:8000');
    assert.equal(reply.statusCode, 400);
    assert.match(reply.body, /https/);
    assert.equal(reply.headers['set-cookie'], undefined);
    for (const origin of ['https://px.example', 'http://localhost:8000', 'http://127.0.0.1:8000']) {
      assert.equal((await from(origin)).statusCode, 200, origin);
    }
  });

  test('under another name, or without the prefix that no other site can set, is none', async () => {
    const rig = apiRig();
    const [, value = ''] = (await signedIn(rig)).split('=');
    const names = ['truepixel_session', `x${NAME}`, NAME.toLowerCase(), `"${NAME}"`];
    for (const name of names) {
      assert.equal((await who(rig, { cookie: `${name}=${value}` })).statusCode, 401, name);
    }
    assert.equal((await who(rig, { cookie: `a=b;${NAME} = ${value} ;c` })).statusCode, 200);
  });

  test('that was tossed by a sister domain makes nobody of the browser, and nobody else', async () => {
    const rig = apiRig();
    const [own, tossed] = [await signedIn(rig), await signedIn(rig)];
    assert.equal((await who(rig, { cookie: `${tossed}; ${own}` })).statusCode, 401);
    assert.equal((await who(rig, { cookie: `${NAME}=junk; ${own}` })).statusCode, 200);
  });

  test('that was planted before does not become the session of who signs in', async () => {
    const rig = apiRig();
    const planted = `${NAME}=tps_${'a'.repeat(43)}`;
    const theirs = await signedIn(rig);
    for (const cookie of [planted, theirs]) {
      const reply = await signIn(rig, { token: TOKEN }, { cookie });
      assert.notEqual(cookieOf(reply), cookie);
      assert.equal(
        (await who(rig, { cookie })).statusCode,
        401,
        'what was planted is worth nothing',
      );
    }
  });
});

suite('a page of somebody else', () => {
  const HOST = { host: 'px.internal:8000' };
  const CHANGES: readonly (InjectOptions & { readonly url: string })[] = [
    { method: 'POST', url: '/v1/own-browser-links' },
    { method: 'POST', url: '/v1/tokens', payload: { name: 'a', scopes: ['read'] } },
    { method: 'DELETE', url: '/v1/session' },
    { method: 'GET', url: '/v1/api/gen-image' },
  ];
  const proofs: readonly [string, Record<string, string>, boolean][] = [
    ['same-origin by Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin' }, true],
    ['its own origin by Host', { origin: 'http://px.internal:8000' }, true],
    [
      'its own origin by BASE_URL, whatever a proxy made of Host',
      { origin: 'https://pixel.example' },
      true,
    ],
    [
      'its own origin by what the proxy says',
      { origin: 'https://a.example', 'x-forwarded-host': 'a.example' },
      true,
    ],
    ['nothing at all', {}, false],
    ['another site', { 'sec-fetch-site': 'cross-site' }, false],
    ['a sister domain', { 'sec-fetch-site': 'same-site' }, false],
    [
      'a sister domain that also claims our origin',
      { 'sec-fetch-site': 'same-site', origin: 'https://pixel.example' },
      false,
    ],
    ['another origin', { origin: 'https://evil.example' }, false],
    ['another port', { origin: 'http://px.internal:8001' }, false],
    ['no origin that can be named', { origin: 'null' }, false],
    ['an origin that begins like ours', { origin: 'https://pixel.example.evil.example' }, false],
    ['our host as somebody’s user', { origin: 'https://pixel.example@evil.example' }, false],
  ];
  for (const [name, headers, isOwn] of proofs) {
    test(`a change with ${name} is ${isOwn ? 'made' : 'refused'}`, async () => {
      for (const change of CHANGES) {
        const rig = apiRig();
        const cookie = await signedIn(rig);
        const reply = await rig.app.inject({ ...change, headers: { ...HOST, ...headers, cookie } });
        if (isOwn) assert.ok(reply.statusCode < 300, `${change.url} ${reply.body}`);
        else assert.equal(reply.statusCode, 403, change.url);
      }
    });
  }

  test('cannot sign a browser in as somebody else', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
    ]) {
      const reply = await signIn(apiRig(), { token: TOKEN }, headers);
      assert.equal(reply.statusCode, 403);
      assert.equal(reply.headers['set-cookie'], undefined);
    }
  });

  test('cannot look either, as far as a browser says that it is one', async () => {
    const rig = apiRig();
    const cookie = await signedIn(rig);
    const look = (headers: Record<string, string>) =>
      rig.app.inject({ url: '/v1/tokens', headers: { cookie, ...headers } });
    assert.equal((await look({})).statusCode, 200, 'over plain http a GET says nothing');
    assert.equal((await look({ 'sec-fetch-site': 'same-site' })).statusCode, 403);
    assert.equal((await look({ origin: 'https://evil.example' })).statusCode, 403);
  });

  test('changes nothing where nobody has to be anybody, but programs and named origins do', async () => {
    const asked = { method: 'POST', url: '/v1/own-browser-links' } as const;
    const rig = apiRig({ apiAuth: 'none', corsOrigins: ['https://app.example'] });
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await rig.app.inject({ ...asked, headers })).statusCode;
    assert.equal(await post({}), 201);
    assert.equal(
      await post({ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }),
      201,
    );
    assert.equal(await post({ origin: 'https://evil.example' }), 403);
    assert.equal(await post({ 'sec-fetch-site': 'cross-site' }), 403);
  });
});

test('a header decides, whatever cookie comes beside it, and needs no proof', async () => {
  const rig = apiRig();
  const cookie = await signedIn(rig);
  const asked = { method: 'POST', url: '/v1/own-browser-links' } as const;
  const post = async (authorization: string): Promise<number> =>
    (await rig.app.inject({ ...asked, headers: { cookie, authorization } })).statusCode;
  assert.equal(await post(AUTHORIZED.authorization), 201);
  assert.equal(await post('Bearer nonsense'), 401);
  assert.equal(await post(''), 401);
});

suite('a body that signs nobody in', () => {
  const bodies: readonly [string, unknown, number][] = [
    ['without a token', {}, 400],
    ['with something else', { token: TOKEN, remember: true }, 400],
    ['with a number', { token: 7 }, 400],
    ['with an empty token', { token: '' }, 400],
    ['with a token and a line break', { token: `${TOKEN}\r\nset-cookie: a=b` }, 400],
    ['with letters that only look like the token', { token: TOKEN.replace('a', '\u0161') }, 400],
    ['with a token without end', { token: 'x'.repeat(513) }, 400],
    ['that is too long', { token: 'x'.repeat(8_000) }, 413],
    ['with a wrong token', { token: 'x'.repeat(43) }, 401],
    ['with a link that never was', { token: `tpl_${'x'.repeat(43)}` }, 401],
  ];
  for (const [name, payload, status] of bodies) {
    test(`${name} is a ${status}, sets no cookie and repeats nothing`, async () => {
      const reply = await signIn(apiRig(), payload);
      assert.equal(reply.statusCode, status, reply.body);
      assert.equal(reply.headers['set-cookie'], undefined);
      assert.ok(!reply.body.includes(TOKEN));
      assert.ok(!reply.body.includes('xxxx'));
    });
  }
});

test('a form of another site cannot sign in: only JSON is taken', async () => {
  const { app } = apiRig();
  // What a page can send to another site without being asked whether it may.
  const types: readonly [string, number][] = [
    ['text/plain', 400],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data', 415],
  ];
  for (const [type, status] of types) {
    const reply = await app.inject({
      method: 'POST',
      url: '/v1/session',
      headers: { 'content-type': type },
      payload: JSON.stringify({ token: TOKEN }),
    });
    assert.equal(reply.statusCode, status, type);
    assert.equal(reply.headers['set-cookie'], undefined);
  }
});
