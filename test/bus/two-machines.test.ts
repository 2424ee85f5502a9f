// `collect` and `store` as two processes that share nothing but a topic and a queue, over the network
// protocol; and what an operator sees who has set something wrong.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { endAll, freePort, get, type Server, type ServerOptions, startServer } from '../server.ts';
import {
  awsEnvironment,
  countMessages,
  type Emulator,
  makePlace,
  type Place,
  pointAwsAt,
  startFauxqs,
} from './emulator.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SECRET = 'a-secret-that-both-machines-share-for-tests';
const WAIT_MS_MAX = 20_000;

let emulator: Emulator;
let places = 0;
before(async () => {
  emulator = await startFauxqs();
  pointAwsAt(emulator.endpoint);
});
after(() => emulator.stop());

const newPlace = (): Promise<Place> => makePlace(`machines-${places++}`);

function newDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'truepixel-machines-'));
  t.after(async () => {
    await endAll(dir);
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

async function collector(t: TestContext, env: Record<string, string>): Promise<Server> {
  const options: ServerOptions = {
    command: 'collect',
    dataDir: newDir(t),
    port: await freePort(),
    env: { ...awsEnvironment(emulator.endpoint), CODE_SECRET: SECRET, COLLECTORS: '1', ...env },
  };
  return await startServer(options);
}

interface Storage {
  readonly server: Server;
  readonly base: string;
  readonly visitLog: string;
}

async function storage(t: TestContext, env: Record<string, string>): Promise<Storage> {
  const apiPort = await freePort();
  const dataDir = newDir(t);
  const server = await startServer({
    command: 'store',
    dataDir,
    port: apiPort,
    env: {
      ...awsEnvironment(emulator.endpoint),
      CODE_SECRET: SECRET,
      API_PORT: String(apiPort),
      ...env,
    },
  });
  return { server, base: `http://127.0.0.1:${apiPort}`, visitLog: join(dataDir, 'visits.log') };
}

async function eventually<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  for (const deadline = Date.now() + WAIT_MS_MAX; ; await sleep(30)) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
  }
}

interface Info {
  readonly total_opens: number;
  readonly timeseries_data: readonly { readonly ip_address: string; readonly user_agent: string }[];
}

const info = ({ server, base }: Storage, code: string, opens: number): Promise<Info> =>
  eventually(`${opens} opens`, async () => {
    const answer = await server.api(`/v1/api/info/${code}`, base);
    if (answer.status !== 200) return null;
    const told = JSON.parse(answer.body.toString()) as Info;
    return told.total_opens >= opens ? told : null;
  });

const mint = async ({ server, base }: Storage): Promise<string> => {
  const answer = await server.api('/v1/api/gen-image', base);
  return (JSON.parse(answer.body.toString()) as { unique_code: string }).unique_code;
};

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

const readyOf = async (base: string): Promise<Record<string, unknown>> =>
  JSON.parse((await get(`${base}/ready`)).body.toString()) as Record<string, unknown>;

const truepixel = (args: readonly string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
  });

test('a pixel fetched from one machine shows in visit log and API of the other', async (t) => {
  const { topicArn, queueUrl } = await newPlace();
  const collect = await collector(t, { SNS_TOPIC: topicArn });
  const store = await storage(t, { SQS_QUEUE: queueUrl, BASE_URL: collect.baseUrl });
  const code = await mint(store);
  const agent = 'Mozilla/5.0 (test)';
  await collect.get(`/image/${code}.png`, { 'User-Agent': agent });
  await collect.get('/track', { 'User-Agent': agent, Referer: 'https://site.example/a|b' });
  const told = await info(store, code, 1);
  assert.deepEqual(
    told.timeseries_data.map(({ ip_address, user_agent }) => [ip_address, user_agent]),
    [['127.0.0.1', agent]],
  );
  const [line = ''] = await eventually('a line', async () => {
    const lines = linesOf(store.visitLog);
    return lines.length > 0 ? lines : null;
  });
  assert.match(line, /\|https:\/\/site\.example\/a%7Cb\|Mozilla\/5\.0 \(test\)\|127\.0\.0\.1$/);
  assert.equal(await eventually('an empty queue', () => emptied(queueUrl)), 0);
  assert.equal((await readyOf(collect.baseUrl))['relay'], 'ready');
});

const emptied = async (url: string): Promise<number | null> =>
  (await countMessages(url)) === 0 ? 0 : null;

test('a machine that only collects says so, and nothing of a store that is down', async (t) => {
  const { topicArn } = await newPlace();
  const collect = await collector(t, { SNS_TOPIC: topicArn });
  await eventually('a relay', async () => {
    const ready = await readyOf(collect.baseUrl);
    return ready['relay'] === 'ready' ? ready : null;
  });
  assert.deepEqual(await readyOf(collect.baseUrl), {
    status: 'ready',
    journal: 'open',
    relay: 'ready',
  });
  const answer = await collect.api('/v1/api/gen-image');
  assert.equal(answer.status, 503);
  assert.match(answer.body.toString(), /this machine only collects/);
});

test('pixels minted on one storing machine are known on another', async (t) => {
  const first = await newPlace();
  const minting = await storage(t, { SNS_TOPIC: first.topicArn });
  const other = await storage(t, { SQS_QUEUE: first.queueUrl });
  const code = await mint(minting);
  assert.equal((await info(minting, code, 0)).total_opens, 0);
  assert.equal((await info(other, code, 0)).total_opens, 0);
});

test('messages of tracking-system are stored, and one that nobody can read is passed by', async (t) => {
  const { queueUrl } = await newPlace();
  const store = await storage(t, { SQS_QUEUE: queueUrl });
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  const send = (body: string): Promise<unknown> =>
    client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
  await send('{"this is": "no event"}');
  const visit = {
    Referer: null,
    UserAgent: 'curl/8',
    IpAddress: '10.0.0.1',
    VisitedAt: '2023-12-10T22:22:43.7936205+00:00',
  };
  await send(JSON.stringify(visit));
  await send(
    JSON.stringify({ Type: 'Notification', MessageId: 'm', Message: JSON.stringify(visit) }),
  );
  await eventually('two lines', async () => (linesOf(store.visitLog).length === 2 ? 2 : null));
  assert.deepEqual(
    new Set(linesOf(store.visitLog)),
    new Set(['2023-12-10T22:22:43.7936200+00:00|null|curl/8|10.0.0.1']),
  );
  const said = store.server.stderr.match(/"a message cannot be read[^"]*"/g);
  assert.equal(said?.length, 1);
  const metrics = (await store.server.api('/metrics', store.base)).body.toString();
  assert.match(metrics, /truepixel_consumer_messages_total\{outcome="unreadable"[^}]*\} 1\n/);
  assert.equal(await countMessages(queueUrl), 1);
});

suite('what is set wrong', () => {
  test('a topic that does not exist: it is said, hits are kept, and go out when it is there', async (t) => {
    const name = `later-${places++}`;
    const topicArn = `arn:aws:sns:us-east-1:000000000000:${name}`;
    const collect = await collector(t, { SNS_TOPIC: topicArn });
    await eventually('the failure', async () => {
      const ready = await readyOf(collect.baseUrl);
      return ready['relay'] === 'events wait for the bus: missing' ? ready : null;
    });
    assert.equal((await get(`${collect.baseUrl}/ready`)).status, 200);
    for (let i = 0; i < 25; i++) assert.equal((await collect.get('/track')).status, 200);
    const lines = collect.stderr.split('\n').filter((line) => line.includes('events wait'));
    assert.equal(lines.length, 1, collect.stderr);
    assert.match(
      lines[0] ?? '',
      /SNS_TOPIC arn:\S+ does not exist at http\S+: check it, or run truepixel/,
    );
    const metrics = (await collect.api('/metrics')).body.toString();
    assert.match(metrics, /truepixel_relay_ready\{[^}]*\} 0\n/);
    assert.match(metrics, /truepixel_relay_failures_total\{fault="missing"[^}]*\} [1-9]/);
    const { queueUrl } = await makePlace(name);
    const store = await storage(t, { SQS_QUEUE: queueUrl });
    await eventually('all visits', async () => (linesOf(store.visitLog).length === 25 ? 25 : null));
    await eventually('readiness', async () =>
      (await readyOf(collect.baseUrl))['relay'] === 'ready' ? true : null,
    );
  });

  test('an endpoint that is no AWS, or nobody: hits are kept and it is said in one line', async (t) => {
    const page = createServer((_request, response) => void response.end('<html>hello</html>'));
    await new Promise<void>((resolve) => {
      page.listen(0, '127.0.0.1', resolve);
    });
    t.after(() => page.close());
    const pageUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    for (const [endpoint, fault] of [
      [pageUrl, 'not-a-bus'],
      ['http://127.0.0.1:1', 'unreachable'],
    ] as const) {
      const topic = 'arn:aws:sns:us-east-1:000000000000:any';
      const collect = await collector(t, { SNS_TOPIC: topic, AWS_ENDPOINT_URL: endpoint });
      await eventually(fault, async () =>
        (await readyOf(collect.baseUrl))['relay'] === `events wait for the bus: ${fault}`
          ? 1
          : null,
      );
      assert.equal((await collect.get('/track')).status, 200);
      assert.match(collect.stderr, /check AWS_ENDPOINT_URL/);
    }
  });

  test('a queue that does not exist: the API works, and it is said', async (t) => {
    const store = await storage(t, { SQS_QUEUE: 'nobody-made-it' });
    await eventually('the failure', async () =>
      store.server.stderr.includes('SQS_QUEUE nobody-made-it does not exist') ? true : null,
    );
    const { processes } = await readyOf(store.base);
    assert.deepEqual(processes, {
      store: { ready: true, reason: 'events wait in the queue: missing' },
    });
    const code = await mint(store);
    assert.equal((await info(store, code, 0)).total_opens, 0);
  });

  test('a bus for serve, or a topic that is no ARN, ends with one line and code 2', () => {
    const served = truepixel(['serve'], { SNS_TOPIC: 'arn:aws:sns:us-east-1:000000000000:t' });
    assert.deepEqual([served.status, served.stdout], [2, '']);
    assert.match(served.stderr, /^truepixel: serve is one machine and needs no bus: [^\n]*\n$/);
    const wrong = truepixel(['collect'], { SNS_TOPIC: 'truepixel' });
    assert.equal(wrong.status, 2);
    assert.match(
      wrong.stderr,
      /^truepixel: SNS_TOPIC \(environment\) is "truepixel": expected the ARN[^\n]*\n$/,
    );
  });
});

test('aws-setup makes everything, says the same when it is run again, and the lines work', async (t) => {
  const setUp = () => truepixel(['aws-setup', 'by-hand'], awsEnvironment(emulator.endpoint));
  const first = setUp();
  assert.equal(first.status, 0, first.stderr);
  assert.deepEqual(setUp().stdout, first.stdout);
  const topic = /^export SNS_TOPIC=(\S+)$/m.exec(first.stdout)?.[1] ?? '';
  const queue = /^export SQS_QUEUE=(\S+)$/m.exec(first.stdout)?.[1] ?? '';
  assert.match(first.stdout, /^dead-letter queue +arn:aws:sqs:\S+:by-hand-dead-letters$/m);
  const collect = await collector(t, { SNS_TOPIC: topic });
  const store = await storage(t, { SQS_QUEUE: queue });
  await collect.get('/track');
  await eventually('a line', async () => (linesOf(store.visitLog).length === 1 ? 1 : null));
  assert.doesNotMatch(store.server.stderr, /dead-letter/);
});
