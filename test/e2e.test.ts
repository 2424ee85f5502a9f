// The promises of the README, kept by the real thing: `truepixel serve` with all of its processes, real
// HTTP, a real browser and real signals.

import assert from 'node:assert/strict';
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { browse, browserMissing, servePage } from './browser.ts';
import {
  agentsOf,
  assertProblem,
  dataFolder,
  eventually,
  info,
  lookMany,
  mint,
  visitLines,
  type Report,
} from './e2e.ts';
import { freePort, get, isEmbedded, Server, signal, startServer } from './server.ts';

const WITHIN = { timeout: 60_000 };

test(
  'a page in a real browser shows both pixels, and its visit is reported',
  { ...WITHIN, skip: browserMissing },
  async (context) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const server = await startServer({
      dataDir,
      port,
      env: { BASE_URL: `http://127.0.0.1:${port}` },
      throughLauncher: true,
    });
    const pixel = await mint(server);
    const page = await servePage(
      `<!doctype html><meta name="referrer" content="no-referrer-when-downgrade"><title>News</title>
     <img src="${pixel.image_url}" alt=""><img src="${server.baseUrl}/track" alt="">`,
    );
    context.after(page.close);

    const before = Date.now();
    const { widths, agent } = await browse(page.url);
    const afterwards = Date.now();

    assert.deepEqual(widths, [1, 1], 'both images loaded');
    const report = await info(server, pixel.unique_code);
    assert.equal(report.uri, pixel.unique_code);
    assert.equal(report.total_opens, 1);
    assert.equal(report.timeseries_data.length, 1);
    const [open] = report.timeseries_data;
    assert.ok(open);
    assert.equal(open.uri, pixel.unique_code);
    assert.equal(open.ip_address, '127.0.0.1');
    assert.equal(open.user_agent, agent);
    assert.equal(open.referrer, page.url);
    const at = Date.parse(open.time_stamp);
    assert.ok(before <= at && at <= afterwards, `${open.time_stamp} is when the page was open`);

    const [line, ...others] = await eventually(async () => {
      const lines = await visitLines(dataDir);
      return lines.length === 0 ? null : lines;
    });
    assert.deepEqual(others, []);
    const [time = '', ...rest] = line?.split('|') ?? [];
    assert.deepEqual(rest, [page.url, agent, '127.0.0.1']);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00$/);
    assert.ok(before <= Date.parse(time) && Date.parse(time) <= afterwards, time);
    assert.equal((await server.stop()).code, 0);
  },
);

test('an open is in the report at once, two hundred times in a row', WITHIN, async (context) => {
  const dataDir = await dataFolder(context);
  const server = await startServer({ dataDir, port: await freePort() });
  const { unique_code: code } = await mint(server);
  for (let opens = 1; opens <= 200; opens += 1) {
    assert.equal((await server.get(`/image/${code}.png`)).status, 200);
    assert.equal((await info(server, code)).total_opens, opens);
  }
});

test("everything under DATA_DIR is this user's alone", WITHIN, async (context) => {
  const dataDir = await dataFolder(context);
  const server = await startServer({ dataDir, port: await freePort() });
  await server.get('/track');
  await info(server, (await mint(server)).unique_code);
  const names = await readdir(dataDir, { recursive: true });
  const store = isEmbedded() ? 'store.duckdb' : 'installation';
  for (const must of [store, 'visits.log', 'secrets/code-secret', 'run/store.sock']) {
    assert.ok(names.includes(must), `${must} is among ${names.join(', ')}`);
  }
  for (const name of names) {
    const { mode } = await stat(join(dataDir, name));
    assert.equal(mode & 0o077, 0, `${name} has mode ${mode.toString(8)}`);
  }
});

test('API_PORT takes the API off the public port', WITHIN, async (context) => {
  const dataDir = await dataFolder(context);
  const apiPort = await freePort();
  const env = { API_PORT: String(apiPort) };
  const server = await startServer({ dataDir, port: await freePort(), env });
  const api = `http://127.0.0.1:${apiPort}`;
  const { unique_code: code } = await mint(server, api);
  assert.equal((await server.get(`/image/${code}`)).status, 200);
  assert.equal((await info(server, code, api)).total_opens, 1);
  assertProblem(await server.api(`/v1/api/info/${code}`), 404);
  assertProblem(await server.get('/'), 404);
  assert.equal((await server.get('/health')).status, 200);
});

test(
  'a store process that is killed costs no hit, and the API says 503 meanwhile',
  WITHIN,
  async (context) => {
    const dataDir = await dataFolder(context);
    const server = await startServer({ dataDir, port: await freePort() });
    const { unique_code: code } = await mint(server);
    const [store] = server.pids('store');
    assert.ok(store !== undefined && signal(store, 'SIGKILL'));

    const looks = lookMany(server, `/image/${code}.gif`, 400);
    assertProblem(await server.api(`/v1/api/info/${code}`), 503);
    const { acknowledged, other } = await looks;
    assert.deepEqual(other, [], 'every reply was 200');
    const report = await eventually(async () => {
      const answer = await server.api(`/v1/api/info/${code}?limit=10000`);
      if (answer.status === 200) return JSON.parse(answer.body.toString()) as Report;
      assertProblem(answer, 503);
      return null;
    });
    assert.deepEqual(agentsOf(report), [...acknowledged].toSorted());
    assert.notEqual(server.pids('store')[0], store);
  },
);

test(
  'SIGTERM under load loses nothing, and the next start knows it all',
  WITHIN,
  async (context) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const first = await startServer({ dataDir, port });
    const { unique_code: code } = await mint(first);
    const looks = lookMany(first, `/image/${code}.png`, 2_000);
    await eventually(async () => ((await info(first, code)).total_opens > 50 ? true : null));
    assert.deepEqual(await first.stop(), { code: 0, signal: null });
    const { acknowledged } = await looks;
    assert.ok(acknowledged.size < 2_000, 'it was stopped in the middle');

    const second = await startServer({ dataDir, port });
    const report = await info(second, code, undefined, '?limit=10000');
    const kept = agentsOf(report);
    assert.equal(new Set(kept).size, kept.length, 'nothing is there twice');
    assert.deepEqual(
      [...acknowledged].filter((agent) => !kept.includes(agent)),
      [],
    );
  },
);

test(
  'the first start makes a token that only its owner can read, and keeps it',
  WITHIN,
  async (context) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const options = { dataDir, port, env: { API_TOKEN: '' }, throughLauncher: true };
    const first = await startServer(options);
    const token = await eventually(async () => /#token=(\S+)/.exec(first.stdout)?.[1] ?? null);
    assert.match(first.stdout, new RegExp(`:${port}`));
    assert.ok(first.stdout.includes(dataDir), 'it says where the data lies');
    assert.ok(first.stdout.includes('curl'), 'it gives a line to try');
    const path = '/v1/api/gen-image';
    const bearer = { Authorization: `Bearer ${token}` };
    assert.equal((await first.get(path, bearer)).status, 200);
    assertProblem(await first.get(path), 401);
    await first.stop();

    const second = await startServer(options);
    assert.equal((await second.get(path, bearer)).status, 200);
    assert.ok(!second.stdout.includes(token), 'it is printed once');
    assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  },
);

test('a second server on the same folder is refused with a reason', WITHIN, async (context) => {
  const dataDir = await dataFolder(context);
  const first = await startServer({ dataDir, port: await freePort() });
  const second = new Server({ dataDir, port: await freePort() });
  const exit = await second.exited;
  assert.notEqual(exit.code, 0);
  assert.ok(second.stderr.includes(dataDir), second.stderr);
  assert.equal((await first.get('/health')).status, 200, 'the first one lives');
});

test(
  'SIGHUP to the server begins a new visit log, and a renamed one is left in peace',
  WITHIN,
  async (context) => {
    const dataDir = await dataFolder(context);
    const server = await startServer({ dataDir, port: await freePort() });
    const visit = async (agent: string): Promise<void> => {
      assert.equal((await server.get('/track', { 'User-Agent': agent })).status, 200);
      await eventually(
        async () =>
          (await visitLines(dataDir)).some((line) => line.endsWith(`|null|${agent}|127.0.0.1`)) ||
          null,
      );
    };
    await visit('first');
    const renamed = join(dataDir, 'visits.log.1');
    await rename(join(dataDir, 'visits.log'), renamed);
    signal(server.pid, 'SIGHUP');
    await visit('second');
    assert.match(await readFile(renamed, 'utf8'), /^[^\n]*\|first\|127\.0\.0\.1\n$/);
    assert.equal((await visitLines(dataDir)).length, 1);
  },
);

test(
  'a killed supervisor leaves nothing behind that could stop its successor',
  WITHIN,
  async (context) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const first = await startServer({ dataDir, port });
    const { unique_code: code } = await mint(first);
    assert.equal((await first.get(`/image/${code}`)).status, 200);
    signal(first.pid, 'SIGKILL');
    const second = await startServer({ dataDir, port });
    assert.equal((await info(second, code)).total_opens, 1);
    assert.equal(await readFile(join(dataDir, 'visits.log'), 'utf8').catch(() => ''), '');
    assert.equal((await get(`${second.baseUrl}/health`)).status, 200);
  },
);
