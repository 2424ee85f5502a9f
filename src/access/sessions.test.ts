// Sessions: that they outlive a restart and not their token, and that the file signs nobody in.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { newDataDir } from '../../test/access-rig.ts';
import { sessionsPath } from '../config/paths.ts';
import { SESSION_SECONDS, SESSIONS_PER_TOKEN_MAX } from '../limits.ts';
import { Sessions } from './sessions.ts';
import { newSecret } from './token-text.ts';

const API_TOKEN = 'an-api-token-of-the-tests';
const NOW = Date.parse('2026-11-30T10:00:00Z');
const ID = '00112233445566aa';
const fail = (reason: string): void => assert.fail(reason);

const everyToken = (_id: string): boolean => true;
const open = (dataDir: string, apiToken = API_TOKEN, isLive = everyToken): Promise<Sessions> =>
  Sessions.open(dataDir, apiToken, isLive, fail);

test('a session is found by its secret until it ends, also after a restart', async () => {
  const dataDir = newDataDir();
  const { secret, session } = await (await open(dataDir)).begin(ID, null, NOW);
  assert.equal(session.endsAt, NOW + SESSION_SECONDS * 1_000);
  const after = await open(dataDir);
  assert.deepEqual(after.find(secret, NOW), session);
  assert.deepEqual(after.find(secret, session.endsAt - 1), session);
  assert.equal(after.find(secret, session.endsAt), null);
  for (const wrong of [
    '',
    session.digest,
    newSecret('session'),
    newSecret('token'),
    `${secret}x`,
  ]) {
    assert.equal(after.find(wrong, NOW), null, wrong);
  }
});

test('nothing in the file signs anybody in, and it is this user’s alone', async () => {
  const dataDir = newDataDir();
  const sessions = await open(dataDir);
  const { secret } = await sessions.begin('installation', null, NOW);
  const text = readFileSync(sessionsPath(dataDir), 'utf8');
  for (const known of [secret, secret.slice(4), API_TOKEN]) assert.ok(!text.includes(known));
  for (const word of text.match(/[\w-]{8,}/g) ?? []) {
    assert.equal(sessions.find(word, NOW), null);
    assert.equal(sessions.find(`tps_${word}`, NOW), null);
  }
  assert.equal(statSync(sessionsPath(dataDir)).mode & 0o777, 0o600);
});

test('who signs out is signed out at once and for good, and nobody else is', async () => {
  const dataDir = newDataDir();
  const sessions = await open(dataDir);
  const [one, other] = await Promise.all([
    sessions.begin(ID, null, NOW),
    sessions.begin(ID, null, NOW),
  ]);
  const ended = sessions.end(one.session, NOW);
  assert.equal(sessions.find(one.secret, NOW), null);
  await ended;
  for (const each of [sessions, await open(dataDir)]) {
    assert.equal(each.find(one.secret, NOW), null);
    assert.notEqual(each.find(other.secret, NOW), null);
  }
});

test('a token that is revoked ends its sessions with it, and they leave the file', async () => {
  const dataDir = newDataDir();
  const revoked = new Set<string>();
  const sessions = await open(dataDir, API_TOKEN, (id) => !revoked.has(id));
  const { secret } = await sessions.begin(ID, null, NOW);
  revoked.add(ID);
  assert.equal(sessions.find(secret, NOW), null);
  await sessions.begin('ffeeddccbbaa9988', null, NOW);
  assert.ok(!readFileSync(sessionsPath(dataDir), 'utf8').includes(ID));
});

test('another API_TOKEN ends the sessions of the installation, and no others', async () => {
  const dataDir = newDataDir();
  const before = await open(dataDir);
  const own = await before.begin('installation', null, NOW);
  const named = await before.begin(ID, null, NOW);
  const same = await open(dataDir);
  assert.notEqual(same.find(own.secret, NOW), null);
  const changed = await open(dataDir, 'another-api-token-of-the-tests');
  assert.equal(changed.find(own.secret, NOW), null);
  assert.notEqual(changed.find(named.secret, NOW), null);
});

test('a new session takes the place of the browser’s former one', async () => {
  const sessions = await open(newDataDir());
  const former = await sessions.begin(ID, null, NOW);
  const next = await sessions.begin(ID, former.session, NOW);
  assert.equal(sessions.find(former.secret, NOW), null);
  assert.notEqual(sessions.find(next.secret, NOW), null);
});

test('one token signs in a bounded number of browsers, and costs other tokens none', async () => {
  const sessions = await open(newDataDir());
  const other = await sessions.begin('ffeeddccbbaa9988', null, NOW);
  const own: { secret: string }[] = [];
  for (let i = 0; i <= SESSIONS_PER_TOKEN_MAX; i++) own.push(await sessions.begin(ID, null, NOW));
  const alive = own.map(({ secret }) => sessions.find(secret, NOW) !== null);
  assert.deepEqual(alive, [false, ...Array.from({ length: SESSIONS_PER_TOKEN_MAX }, () => true)]);
  assert.notEqual(sessions.find(other.secret, NOW), null);
});

test('a session that cannot be kept is none', async () => {
  const dataDir = newDataDir();
  // Nothing can be made in what is a file.
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(dirname(sessionsPath(dataDir)), '');
  const sessions = new Sessions(dataDir, API_TOKEN, everyToken);
  await assert.rejects(sessions.begin(ID, null, NOW), { code: 'EEXIST' });
  await rm(dirname(sessionsPath(dataDir)));
  const { session } = await sessions.begin(ID, null, NOW);
  const text = readFileSync(sessionsPath(dataDir), 'utf8');
  assert.deepEqual(text.match(/"digest":"[^"]+"/g), [`"digest":"${session.digest}"`]);
});

test('a damaged file signs everybody out, is said, and is not quoted', async () => {
  const dataDir = newDataDir();
  const { secret } = await (await open(dataDir)).begin(ID, null, NOW);
  const path = sessionsPath(dataDir);
  writeFileSync(path, readFileSync(path, 'utf8').replace(ID, 'x').slice(0, -4));
  const troubles: string[] = [];
  const after = await Sessions.open(dataDir, API_TOKEN, everyToken, (reason) => {
    troubles.push(reason);
  });
  assert.equal(after.find(secret, NOW), null);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0] ?? '', /^everybody is signed out: .*sessions\.json cannot be used/);
  const { secret: next } = await after.begin(ID, null, NOW);
  assert.notEqual((await open(dataDir)).find(next, NOW), null);
});
