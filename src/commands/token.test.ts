// `truepixel token` from outside: what it prints where, how it ends, and that a server which runs honours it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDataDir } from '../../test/access-rig.ts';
import { dataFolder } from '../../test/e2e.ts';
import { freePort, startServer, TEST_TOKEN } from '../../test/server.ts';
import { tokensPath } from '../config/paths.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

function token(dataDir: string, args: readonly string[], env = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, 'token', ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...env },
  });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, said })));
}

test('a token that is made is alone on stdout, is listed, and is gone when it is revoked', async () => {
  const dataDir = newDataDir();
  const made = await token(dataDir, ['create', 'CI bot', '--scope', 'mint', '--scope=read']);
  assert.equal(made.code, 0, made.said);
  assert.match(made.out, /^tp_[0-9A-Za-z]{43}\n$/);
  assert.match(made.said, /CI bot \(id [0-9a-f]{16}, read, mint\)\. It is not shown again/);
  assert.equal(statSync(tokensPath(dataDir)).mode & 0o777, 0o600);
  assert.ok(!readFileSync(tokensPath(dataDir), 'utf8').includes(made.out.trim()));
  const listed = await token(dataDir, ['list']);
  const row = /^([0-9a-f]{16}) +CI bot +read,mint +made \d{4}-.* UTC +never used$/m.exec(
    listed.out,
  );
  assert.ok(row, listed.out);
  assert.match(listed.out, /^installation +installation +read,mint,admin +never used$/m);
  assert.equal((await token(dataDir, ['revoke', row[1] ?? ''])).code, 0);
  assert.doesNotMatch((await token(dataDir, ['list'])).out, /CI bot/);
  const again = await token(dataDir, ['revoke', row[1] ?? '']);
  assert.deepEqual([again.code, again.out], [1, '']);
});

suite('what cannot be is one line', { concurrency: 4 }, () => {
  const cases: readonly [readonly string[], number, RegExp][] = [
    [[], 2, /^truepixel: token: expected create NAME --scope SCOPE, list, revoke ID, or link$/],
    [['create'], 2, /expected create/],
    [['create', 'a'], 2, /--scope must name at least one scope/],
    [['create', 'a', '--scope', 'root'], 2, /--scope must be of read, mint, admin/],
    [['create', 'a', '--scope'], 2, /flag --scope has no value/],
    [['create', 'a', 'b', '--scope', 'read'], 2, /expected create/],
    [['create', 'a\u0007', '--scope', 'read'], 2, /name must not hold control/],
    [['create', 'installation', '--scope', 'read'], 1, /there is one with the name installation/],
    [['list', '--scope', 'read'], 2, /expected create/],
    [['revoke', 'installation'], 1, /changed by API_TOKEN/],
    [['revoke', 'x'], 1, /none has the id x/],
  ];
  for (const [args, code, line] of cases) {
    test(`token ${args.join(' ')}`, async () => {
      const outcome = await token(newDataDir(), args);
      assert.equal(outcome.code, code, outcome.said);
      assert.equal(outcome.out, '');
      assert.match(outcome.said.trimEnd(), line);
      assert.equal(outcome.said.trimEnd().split('\n').length, 1, outcome.said);
    });
  }

  test('token list, with a damaged file', async () => {
    const dataDir = newDataDir();
    await token(dataDir, ['create', 'a', '--scope', 'read']);
    writeFileSync(tokensPath(dataDir), '{');
    for (const args of [['list'], ['create', 'b', '--scope', 'read'], ['link']]) {
      const outcome = await token(dataDir, args);
      assert.equal(outcome.code, 1);
      assert.match(outcome.said, /^truepixel: .*tokens\.json is damaged: restore it .*\n$/);
    }
    assert.equal(readFileSync(tokensPath(dataDir), 'utf8'), '{', 'nothing was written over it');
  });
});

test(
  'root makes nothing that somebody else’s server cannot use',
  { skip: process.getuid?.() === 0 ? false : 'only root can give folders away' },
  async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    chownSync(dataDir, 12_345, 12_345);
    const outcome = await token(dataDir, ['create', 'a', '--scope', 'read']);
    assert.equal(outcome.code, 1);
    assert.match(outcome.said, /belongs to user 12345: run this as that user/);
    assert.deepEqual(readdirSync(dataDir), []);
  },
);

test('a link leads where the dashboard is, and to no sign-in where nobody is asked', async () => {
  const dataDir = newDataDir();
  const link = async (env: Record<string, string>): Promise<string> =>
    (await token(dataDir, ['link'], env)).out;
  assert.match(await link({}), /^http:\/\/localhost:8000\/#token=tpl_\w{43}\n$/);
  assert.match(
    await link({ BASE_URL: 'https://px.example/t' }),
    /^https:\/\/px\.example\/t\/#token=/,
  );
  assert.match(await link({ API_PORT: '9000' }), /^http:\/\/localhost:9000\/#token=/);
  assert.equal(await link({ API_AUTH: 'none' }), 'http://localhost:8000\n');
});

test(
  'a server that runs honours what commands do: tokens, an end to them, and links, each once',
  { timeout: 120_000 },
  async (context: TestContext) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const server = await startServer({ dataDir, port });
    const made = await token(dataDir, ['create', 'ci', '--scope', 'read']);
    const bearer = { Authorization: `Bearer ${made.out.trim()}` };
    const status = async (): Promise<number> => (await server.get('/v1/session', bearer)).status;
    await sleep(1_000);
    assert.equal(await status(), 200);
    const id = /id ([0-9a-f]{16})/.exec(made.said)?.[1] ?? '';
    assert.equal((await token(dataDir, ['revoke', id])).code, 0);
    await sleep(1_000);
    assert.equal(await status(), 401);

    const { out } = await token(dataDir, ['link']);
    assert.ok(out.startsWith(`${server.baseUrl}/#token=`), 'it knows the server’s port');
    const body = JSON.stringify({ token: out.trim().split('token=')[1] });
    const headers = { 'content-type': 'application/json' };
    const url = `${server.baseUrl}/v1/session`;
    const uses = await Promise.all(
      Array.from({ length: 3 }, () => fetch(url, { method: 'POST', headers, body })),
    );
    assert.deepEqual(uses.map((use) => `${use.status}`).toSorted(), ['200', '401', '401']);
    const [cookie = ''] = (uses.find((use) => use.ok)?.headers.get('set-cookie') ?? '').split(';');

    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) {
      statuses.push((await server.get('/v1/session', { Authorization: 'Bearer nonsense' })).status);
    }
    assert.equal(statuses[0], 401);
    const limited = await server.get('/v1/session', { Authorization: `Bearer ${TEST_TOKEN}` });
    assert.equal(limited.status, 429, 'the public port says whose address it is');
    assert.match(String(limited.headers['retry-after']), /^[1-6]$/);
    await server.stop();

    const again = await startServer({ dataDir, port });
    assert.equal(
      (await again.get('/v1/session', { cookie })).status,
      200,
      'a restart signs nobody out',
    );
    const { out: listed } = await token(dataDir, ['list']);
    assert.match(listed, /^installation .* used \d{4}-/m, 'and the last use is known');
    await again.stop();
    const other = await startServer({
      dataDir,
      port,
      env: { API_TOKEN: 'another-token-of-the-tests' },
    });
    assert.equal(
      (await other.get('/v1/session', { cookie })).status,
      401,
      'another API_TOKEN does',
    );
    await other.stop();
  },
);
