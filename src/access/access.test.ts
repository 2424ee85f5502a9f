// Who is who, and above all who is not: as an attacker, as a neighbour behind the same address, and as
// somebody whose cookies were tossed.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { accessRig, newDataDir } from '../../test/access-rig.ts';
import { AUTH_FAILURES_MAX } from '../limits.ts';
import { Access, type Caller, type Denial } from './access.ts';

const API_TOKEN = 'a-phrase-somebody-thought-up';
const NAT = '192.0.2.1';

const bearer = (token: string, address: string | null = NAT) => ({
  authorization: [`Bearer ${token}`],
  cookies: [],
  address,
});
const browser = (...cookies: string[]) => ({ authorization: [], cookies, address: NAT });
const nameOf = (who: Caller | Denial): string => ('reason' in who ? who.reason : who.name);

async function named(access: Access, name: string): Promise<string> {
  const made = await access.tokens.create(name, ['read']);
  assert.ok(typeof made === 'object');
  return made.text;
}

async function signedIn(access: Access, token: string): Promise<string> {
  const outcome = await access.signIn(token, NAT, null);
  assert.ok('secret' in outcome, nameOf(outcome as Denial));
  return outcome.secret;
}

/** Sends wrong tokens until no more are looked at. */
function exhaust(access: Access): void {
  for (let i = 0; i < AUTH_FAILURES_MAX; i++) {
    assert.equal(nameOf(access.identify(bearer(`guess-${i}`))), 'wrong');
  }
  assert.equal(nameOf(access.identify(bearer('nonsense'))), 'limited');
}

suite('somebody who guesses', () => {
  test('is told to wait, and then not even a right guess is one', () => {
    const access = accessRig({ apiToken: API_TOKEN });
    exhaust(access);
    const refused = access.identify(bearer('one-guess-more'));
    assert.ok('reason' in refused && refused.reason === 'limited' && refused.waitMs > 0);
    assert.equal(nameOf(access.identify(bearer(API_TOKEN))), 'limited');
  });

  test('does not keep neighbours behind the same address out: random tokens, sessions', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const token = await named(access, 'a neighbour');
    const session = await signedIn(access, API_TOKEN);
    exhaust(access);
    assert.equal(nameOf(access.identify(bearer(token))), 'a neighbour');
    assert.equal(nameOf(access.identify(browser(session))), 'installation');
    const again = await access.signIn(token, NAT, null);
    assert.ok('secret' in again, 'and signing in works');
    const { text } = await access.tokens.createLink();
    assert.ok('secret' in (await access.signIn(text, NAT, null)), 'so do links');
  });

  test('does not keep the installation’s own token out when that is random', () => {
    const access = accessRig({ apiToken: 'x'.repeat(43), isGuessable: false });
    exhaust(access);
    assert.equal(nameOf(access.identify(bearer('x'.repeat(43)))), 'installation');
  });

  test('keeps nobody out behind another address, and no command of this machine', () => {
    const access = accessRig({ apiToken: API_TOKEN });
    exhaust(access);
    assert.equal(nameOf(access.identify(bearer(API_TOKEN, '198.51.100.7'))), 'installation');
    for (let i = 0; i < 3 * AUTH_FAILURES_MAX; i++) {
      assert.equal(nameOf(access.identify(bearer(`wrong-${i}`, null))), 'wrong');
    }
    assert.equal(nameOf(access.identify(bearer(API_TOKEN, null))), 'installation');
  });

  test('is held up at signing in as well, by tokens and by links', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const link = `tpl_${'A'.repeat(43)}`;
    for (let i = 0; i < AUTH_FAILURES_MAX; i++) {
      const outcome = await access.signIn(i % 2 === 0 ? `guess-${i}` : link, NAT, null);
      assert.equal(nameOf(outcome as Denial), i % 2 === 0 ? 'wrong' : 'no-link');
    }
    for (const guess of ['guess', link, API_TOKEN]) {
      assert.equal(nameOf((await access.signIn(guess, NAT, null)) as Denial), 'limited');
    }
  });

  test('costs nothing when all is said well: right tokens are never counted', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    for (let i = 0; i < 5 * AUTH_FAILURES_MAX; i++) {
      assert.equal(nameOf(access.identify(bearer(API_TOKEN))), 'installation');
      const nobody = access.identify({ authorization: ['Basic x'], cookies: [], address: NAT });
      assert.equal(nameOf(nobody), 'malformed');
      assert.equal(nameOf(access.identify(browser(`tps_${'0'.repeat(43)}`))), 'no-session');
    }
    assert.equal(access.attempts.networks, 0);
  });
});

suite('a browser', () => {
  test('is worth what its token is worth, and nothing once that is revoked', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const token = await named(access, 'phone');
    const session = await signedIn(access, token);
    const who = access.identify(browser(session));
    assert.ok('kind' in who);
    assert.deepEqual([who.kind, who.name, who.scopes], ['session', 'phone', ['read']]);
    assert.equal(await access.tokens.revoke(who.tokenId ?? ''), true);
    assert.equal(nameOf(access.identify(browser(session))), 'no-session');
  });

  test('with a token as well is who the token is of, also when that is wrong', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const token = await named(access, 'ci');
    const session = await signedIn(access, API_TOKEN);
    const both = { ...browser(session), authorization: [`Bearer ${token}`] };
    assert.equal(nameOf(access.identify(both)), 'ci');
    for (const authorization of [
      ['Bearer nonsense'],
      [''],
      ['Basic x'],
      [`Bearer ${token}`, 'x'],
    ]) {
      const who = access.identify({ ...browser(session), authorization });
      assert.ok('reason' in who, authorization.join());
    }
  });

  test('to which somebody tossed cookies is still itself, or nobody, and never somebody else', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const own = await signedIn(access, API_TOKEN);
    const tossed = await signedIn(access, await named(access, 'attacker'));
    const junk = ['', 'x', `tps_${'1'.repeat(43)}`];
    assert.equal(nameOf(access.identify(browser(...junk, own))), 'installation');
    assert.equal(nameOf(access.identify(browser(own, own))), 'installation');
    for (const cookies of [
      [tossed, own],
      [own, tossed],
    ]) {
      assert.equal(nameOf(access.identify(browser(...cookies))), 'no-session');
    }
    const many = Array.from({ length: 1_000 }, () => 'x');
    assert.equal(nameOf(access.identify(browser(...many, own))), 'no-session');
  });

  test('that signs in gets a session that nobody could know before, and loses its former one', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const planted = await signedIn(access, await named(access, 'attacker'));
    const [former = null] = access.sessionsOf([planted]);
    const outcome = await access.signIn(API_TOKEN, NAT, former);
    assert.ok('secret' in outcome);
    assert.notEqual(outcome.secret, planted);
    assert.equal(nameOf(access.identify(browser(planted))), 'no-session');
  });

  test('with a link has all scopes, and the link none afterwards', async () => {
    const access = accessRig({ apiToken: API_TOKEN });
    const { text } = await access.tokens.createLink();
    assert.equal(nameOf(access.identify(bearer(text))), 'wrong', 'a link is no token');
    const session = await signedIn(access, text);
    const who = access.identify(browser(session));
    assert.ok('scopes' in who && who.scopes.includes('admin'));
    assert.equal(nameOf((await access.signIn(text, NAT, null)) as Denial), 'no-link');
    assert.equal(nameOf(access.identify(bearer(session))), 'wrong', 'a session is no token');
  });
});

test('a restart knows tokens, sessions and last uses again', async () => {
  const dataDir = newDataDir();
  const config = { dataDir, apiToken: API_TOKEN, apiAuth: 'token' } as const;
  const fail = (reason: string): void => assert.fail(reason);
  const before = await Access.open(config, API_TOKEN, fail);
  const token = await named(before, 'ci');
  const session = await signedIn(before, token);
  assert.equal(nameOf(before.identify(bearer(token))), 'ci');
  await before.close();
  const after = await Access.open(config, API_TOKEN, fail);
  const id = after.tokens.find(token)?.id ?? '';
  assert.ok((after.uses.find(id) ?? 0) > Date.now() - 60_000);
  assert.equal(nameOf(after.identify(bearer(token))), 'ci');
  assert.equal(nameOf(after.identify(browser(session))), 'ci');
  await after.close();
});

test('where nobody is asked, everybody is everybody, whatever they send', () => {
  const access = accessRig({ apiToken: API_TOKEN, isOpen: true });
  for (const credentials of [bearer('nonsense'), browser(), browser('x')]) {
    const who = access.identify(credentials);
    assert.ok('kind' in who);
    assert.deepEqual(
      [who.kind, who.tokenId, who.scopes],
      ['open', null, ['read', 'mint', 'admin']],
    );
  }
});
