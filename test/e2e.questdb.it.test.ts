// The whole end-to-end suite once more, with QuestDB as the store, and what only a store that is a server
// of its own can do to an installation: go away and come back, slow down, be killed, and not be what
// CONN_STRING promises.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import {
  agentsOf,
  assertProblem,
  dataFolder,
  eventually,
  info,
  lookMany,
  mint,
  type Report,
} from './e2e.ts';
import { dropTables } from './contracts/adapters/questdb.ts';
import { noQuestdb, QuestdbServer } from './questdb-server.ts';
import { freePort, Server, signal, startServer, STORE_VARIABLE } from './server.ts';

const WITHIN = { timeout: 120_000, skip: noQuestdb };

if (noQuestdb === false) {
  const server = await QuestdbServer.start();
  after(() => server.end());
  process.env[STORE_VARIABLE] = JSON.stringify(server.env);
  await import('./e2e.test.ts');
}

test(
  'a QuestDB that is killed and started again under load costs nothing, and the API says 503 meanwhile',
  WITHIN,
  async (context) => {
    const questdb = await QuestdbServer.start();
    context.after(() => questdb.end());
    const dataDir = await dataFolder(context);
    const server = await startServer({ dataDir, port: await freePort(), env: questdb.env });
    const { unique_code: code } = await mint(server);
    const acknowledged: string[] = [];
    for (let round = 1; round <= 3; round += 1) {
      const looks = lookMany(server, `/image/${code}.gif`, 600, `round${round}`);
      await eventually(async () => ((await server.get('/health')).status === 200 ? true : null));
      await questdb.kill();
      assertProblem(await server.api(`/v1/api/info/${code}`), 503);
      const done = await looks;
      assert.deepEqual(done.other, [], 'collecting never noticed');
      assert.equal(done.refused.size, 0);
      acknowledged.push(...done.acknowledged);
      await questdb.startAgain();
    }
    const report = await eventually(async () => {
      const answer = await server.api(`/v1/api/info/${code}?limit=10000`);
      return answer.status === 200 ? (JSON.parse(answer.body.toString()) as Report) : null;
    });
    assert.deepEqual(agentsOf(report), acknowledged.toSorted());
    assert.equal(server.pids('store').length, 1);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  },
);

test(
  'a store process that is killed while QuestDB is away comes back with it, and collecting goes on',
  WITHIN,
  async (context) => {
    const questdb = await QuestdbServer.start();
    context.after(() => questdb.end());
    const dataDir = await dataFolder(context);
    const server = await startServer({ dataDir, port: await freePort(), env: questdb.env });
    const { unique_code: code } = await mint(server);
    await questdb.stop();
    const [store] = server.pids('store');
    assert.ok(store !== undefined && signal(store, 'SIGKILL'));
    const { acknowledged, other } = await lookMany(server, `/image/${code}`, 300);
    assert.deepEqual(other, []);
    assert.equal(acknowledged.size, 300);
    assertProblem(await server.api(`/v1/api/info/${code}`), 503);
    await questdb.startAgain();
    const report = await eventually(async () => {
      const answer = await server.api(`/v1/api/info/${code}?limit=10000`);
      return answer.status === 200 ? (JSON.parse(answer.body.toString()) as Report) : null;
    });
    assert.deepEqual(agentsOf(report), [...acknowledged].toSorted());
  },
);

test('a QuestDB that stops answering is a 503, and the wait ends', WITHIN, async (context) => {
  const questdb = await QuestdbServer.start();
  context.after(() => questdb.end());
  const dataDir = await dataFolder(context);
  const server = await startServer({ dataDir, port: await freePort(), env: questdb.env });
  const { unique_code: code } = await mint(server);
  assert.equal((await info(server, code)).total_opens, 0);
  signal(questdb.pid, 'SIGSTOP');
  const began = performance.now();
  assert.equal((await server.get(`/image/${code}`)).status, 200);
  assertProblem(await server.api(`/v1/api/info/${code}`), 503);
  assert.ok(performance.now() - began < 30_000);
  signal(questdb.pid, 'SIGCONT');
  await eventually(async () => {
    const answer = await server.api(`/v1/api/info/${code}`);
    if (answer.status !== 200) return null;
    return (JSON.parse(answer.body.toString()) as Report).total_opens === 1 ? true : null;
  });
});

test(
  'a QuestDB that is away at a later start is waited for, and hits are collected meanwhile',
  WITHIN,
  async (context) => {
    const questdb = await QuestdbServer.start();
    context.after(() => questdb.end());
    const dataDir = await dataFolder(context);
    const options = { dataDir, port: await freePort(), env: questdb.env };
    const first = await startServer(options);
    const { unique_code: code } = await mint(first);
    assert.equal((await first.stop()).code, 0);
    await questdb.stop();
    const second = await startServer(options);
    const { acknowledged } = await lookMany(second, `/image/${code}`, 50);
    assert.equal(acknowledged.size, 50);
    assertProblem(await second.api(`/v1/api/info/${code}`), 503);
    await questdb.startAgain();
    await eventually(async () => {
      const answer = await second.api(`/v1/api/info/${code}`);
      if (answer.status !== 200) return null;
      return (JSON.parse(answer.body.toString()) as Report).total_opens === 50 ? true : null;
    });
  },
);

for (const [title, wrong, line] of [
  ['a wrong password', { password: 'swordfish' }, /it refuses the user or the password/],
  ['a port where nobody listens', { port: '1' }, /QuestDB cannot be reached: .*ECONNREFUSED/],
] as const) {
  test(
    `${title} ends the first start with one clear line and not with 0`,
    WITHIN,
    async (context) => {
      const questdb = await QuestdbServer.start();
      context.after(() => questdb.end());
      const url = new URL(questdb.connString);
      Object.assign(url, wrong);
      const env = { ...questdb.env, CONN_STRING: url.href };
      const dataDir = await dataFolder(context);
      const server = new Server({ dataDir, port: await freePort(), env });
      assert.equal((await server.exited).code, 2);
      const lines = server.stderr.split('\n').filter((text) => text.startsWith('truepixel: '));
      assert.equal(lines.length, 1, server.stderr);
      assert.match(lines[0] ?? '', line);
      assert.ok(!server.stderr.includes('swordfish') && !server.stderr.includes(questdb.password));
    },
  );
}

test(
  'what takes connections and says nothing ends the first start, without a greeting',
  { timeout: 60_000 },
  async (context) => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    context.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const env = { CONN_STRING: `postgresql://admin:quest@127.0.0.1:${port}/qdb` };
    const dataDir = await dataFolder(context);
    const server = new Server({ dataDir, port: await freePort(), env });
    assert.equal((await server.exited).code, 2);
    assert.equal(server.stdout, '');
    const lines = server.stderr.split('\n').filter((text) => text.startsWith('truepixel: '));
    assert.equal(lines.length, 1, server.stderr);
    assert.match(lines[0] ?? '', /nothing there answers as the PostgreSQL port does/);
    assert.ok(!server.stderr.includes('starts again'));
  },
);

test(
  'tables that vanish while nothing comes in are a 503, and not ready',
  WITHIN,
  async (context) => {
    const questdb = await QuestdbServer.start();
    context.after(() => questdb.end());
    const dataDir = await dataFolder(context);
    const server = await startServer({ dataDir, port: await freePort(), env: questdb.env });
    const { unique_code: code } = await mint(server);
    assert.equal((await info(server, code)).total_opens, 0);
    await dropTables({ connString: questdb.connString, ilpUrl: questdb.ilpUrl });
    assertProblem(await server.api(`/v1/api/info/${code}`), 503);
    await eventually(async () => {
      const { body } = await server.get('/ready');
      return /"store":\s*"not ready"/.test(body.toString()) ? true : null;
    });
    const began = performance.now();
    assertProblem(await server.api(`/v1/api/info/${code}`), 503);
    assert.ok(performance.now() - began < 4_000);
  },
);
