// The promise of docs/privacy.md with the whole server: what strict and aggregate settings do not keep is
// nowhere under DATA_DIR, store and visit log and what the API was told included.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder, eventually, visitLines } from './e2e.ts';
import { freePort, type Server, startServer, TEST_TOKEN } from './server.ts';
import { findTraces, formsOf, formsOfAddress } from './traces.ts';

const ADDRESSES = ['198.18.119.237', '2001:db8:a7c3:91fe:6b2d:d5e8:3f47:c19b'];
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; Zq4AgentMark) Gecko/20100101 Firefox/128.0';
const RECIPIENT = 'Zq4RecipientMark@example.org';

async function start(
  context: TestContext,
  env: Readonly<Record<string, string>>,
): Promise<{ server: Server; dataDir: string }> {
  const dataDir = await dataFolder(context);
  const port = await freePort();
  const server = await startServer({
    dataDir,
    port,
    env: { TRUSTED_PROXIES: '127.0.0.1,::1', ...env },
  });
  await eventually(async () =>
    (await server.api('/v1/api/gen-image')).status === 200 ? true : null,
  );
  return { server, dataDir };
}

async function ask<T>(server: Server, method: string, path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${server.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

const mint = async (server: Server, body: unknown): Promise<string> =>
  (await ask<{ code: string }>(server, 'POST', '/v1/pixels', body)).code;

async function look(server: Server, path: string): Promise<void> {
  for (const address of ADDRESSES) {
    const headers = {
      'X-Forwarded-For': address,
      'User-Agent': AGENT,
      Referer: 'https://site.example/page?Zq4QueryMark',
      Cookie: 'Zq4CookieMark=1',
    };
    assert.equal((await server.get(path, headers)).status, 200);
  }
}

async function traces(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const address of ADDRESSES)
    found.push(...(await findTraces(dataDir, formsOfAddress(address))));
  for (const mark of ['Zq4AgentMark', 'Zq4QueryMark', 'Zq4CookieMark', 'Zq4RecipientMark']) {
    found.push(...(await findTraces(dataDir, formsOf(mark))));
  }
  return found;
}

interface Info {
  readonly total_opens: number;
  readonly timeseries_data: readonly { readonly ip_address: string }[];
}

async function info(server: Server, code: string): Promise<Info> {
  const answer = await server.api(`/v1/api/info/${code}`);
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString()) as Info;
}

test('the marks are found by default, so that they could be found', async (context) => {
  const { server, dataDir } = await start(context, {});
  await look(server, `/image/${await mint(server, { recipient: RECIPIENT })}.png`);
  assert.equal((await server.stop()).code, 0);
  const found = await traces(dataDir);
  for (const place of ['journal', 'store']) {
    assert.ok(
      found.some((one) => one.startsWith(place)),
      `nothing was found in ${place}`,
    );
  }
});

for (const env of [{ PRIVACY: 'strict' }, { PIXEL_MODE: 'aggregate' }]) {
  const name = Object.entries(env).flat().join('=');
  test(`${name}: no address, agent, query, cookie or recipient is anywhere`, async (context) => {
    const { server, dataDir } = await start(context, env);
    const code = await mint(server, { recipient: RECIPIENT, label: 'a label' });
    await look(server, `/image/${code}.png`);
    await look(server, '/track');
    const report = await info(server, code);
    assert.equal(report.total_opens, ADDRESSES.length);
    const [first] = await eventually(async () => {
      const lines = await visitLines(dataDir);
      return lines.length === ADDRESSES.length ? lines : null;
    });
    assert.match(first ?? '', /\|https:\/\/site\.example\/page\|null\|-$/);
    assert.equal((await server.stop()).code, 0);
    assert.deepEqual(await traces(dataDir), []);
  });
}

test('a mode that the API changes is honoured for a pixel that is out already', async (context) => {
  const { server, dataDir } = await start(context, {});
  const [withdrawn, stays] = [await mint(server, {}), await mint(server, {})];
  for (const code of [withdrawn, stays]) {
    assert.equal((await server.get(`/image/${code}`, { 'User-Agent': 'Before' })).status, 200);
  }
  await ask(server, 'PATCH', `/v1/pixels/${withdrawn}`, { mode: 'off' });
  await sleep(2_000);
  for (const code of [withdrawn, stays]) await look(server, `/image/${code}`);
  assert.equal((await info(server, withdrawn)).total_opens, 1);
  assert.equal((await info(server, stays)).total_opens, 1 + ADDRESSES.length);
  const metrics = (await server.api('/metrics')).body.toString();
  assert.match(metrics, /truepixel_images_total\{[^}]*outcome="mode-off"[^}]*\} 2\n/);
  assert.equal((await server.stop()).code, 0);
  // What said so before the server started is known when it starts again.
  const again = await startServer({ dataDir, port: await freePort() });
  await look(again, `/image/${withdrawn}`);
  await eventually(async () =>
    (await again.api('/v1/api/gen-image')).status === 200 ? true : null,
  );
  assert.equal((await info(again, withdrawn)).total_opens, 1);
  assert.equal((await again.stop()).code, 0);
});
