// Answers that go on, over a real socket: they end with the token or the session that asked for them.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { apiRig, AUTHORIZED, type Rig, TOKEN } from '../../test/api-rig.ts';

/** "Within about a second", on a machine that is busy with other tests. */
const ENDED_MS_MAX = 5_000;

async function streaming(context: TestContext): Promise<{ rig: Rig; url: string }> {
  const rig = apiRig();
  rig.app.get('/stream', { config: { scope: 'read' }, schema: { about: null } }, (_, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('data: 1\n\n');
  });
  const url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
  context.after(() => rig.app.close());
  return { rig, url };
}

/** Resolves once the stream has begun, with a promise of how it ended. */
async function watch(url: string, headers: Record<string, string>) {
  const ended = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const asked = request(`${url}/stream`, { headers, agent: false }, (response) => {
    response.once('data', () => begun.resolve());
    response.on('error', (error: NodeJS.ErrnoException) => ended.resolve(error.code ?? ''));
    response.on('end', () => ended.resolve('whole'));
  });
  asked.on('error', begun.reject).end();
  await begun.promise;
  return { ended: ended.promise, stop: () => asked.destroy() };
}

test('a stream is broken off when its token is revoked, and no other is', async (context) => {
  const { rig, url } = await streaming(context);
  const made = await rig.access.tokens.create('watcher', ['read']);
  assert.ok(typeof made === 'object');
  const theirs = await watch(url, { authorization: `Bearer ${made.text}` });
  const other = await watch(url, AUTHORIZED);
  const late = setTimeout(() => assert.fail('it goes on'), ENDED_MS_MAX);
  await rig.access.tokens.revoke(made.token.id);
  assert.equal(await theirs.ended, 'ECONNRESET');
  clearTimeout(late);
  const still = await Promise.race([other.ended, Promise.resolve('goes on')]);
  assert.equal(still, 'goes on');
  other.stop();
});

test('a stream is broken off when its browser signs out', async (context) => {
  const { rig, url } = await streaming(context);
  const signedIn = await rig.access.signIn(TOKEN, null, null);
  assert.ok('secret' in signedIn);
  const cookie = `__Secure-truepixel_session=${signedIn.secret}`;
  const theirs = await watch(url, { cookie });
  const late = setTimeout(() => assert.fail('it goes on'), ENDED_MS_MAX);
  const { session } = signedIn.caller;
  assert.ok(session);
  await rig.access.signOut(session);
  assert.equal(await theirs.ended, 'ECONNRESET');
  clearTimeout(late);
});
