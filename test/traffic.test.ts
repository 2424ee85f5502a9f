// Traffic of every class, from HTTP to the API: the counts are those that docs/counting.md predicts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder, eventually } from './e2e.ts';
import { freePort, type Server, startServer, TEST_TOKEN } from './server.ts';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const THUNDERBIRD = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0';
const GMAIL =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const SLACK = 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)';

/** Of the shipped list of networks: a gateway's, and one of a scanner that is certain. */
const GATEWAY = '67.231.145.9';
const CENSYS = '162.142.125.10';
const OFFICE = '198.51.100.77';
const HOME = '81.2.69.160';
const REPEAT_SECONDS = 1;

interface Look {
  readonly agent?: string;
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function start(context: Parameters<typeof dataFolder>[0]): Promise<Server> {
  const server = await startServer({
    dataDir: await dataFolder(context),
    port: await freePort(),
    env: {
      TRUSTED_PROXIES: '127.0.0.1,::1',
      IGNORED_ADDRESSES: '198.51.100.0/24',
      REPEAT_SECONDS: String(REPEAT_SECONDS),
    },
  });
  // A server greets when it collects; on a busy machine its store is ready a little later.
  await eventually(async () =>
    (await server.api('/v1/api/gen-image')).status === 200 ? true : null,
  );
  return server;
}

async function ask(
  server: Server,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return await fetch(`${server.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TEST_TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function mint(server: Server, properties: object): Promise<string> {
  const answer = await ask(server, 'POST', '/v1/pixels', properties);
  assert.equal(answer.status, 201);
  return ((await answer.json()) as { code: string }).code;
}

async function look(
  server: Server,
  code: string,
  { agent, address, headers }: Look,
): Promise<void> {
  const answer = await server.get(`/image/${code}.png`, {
    'X-Forwarded-For': address,
    ...(agent === undefined ? {} : { 'User-Agent': agent }),
    ...headers,
  });
  assert.equal(answer.status, 200);
}

interface Row {
  readonly id: string;
  readonly class: string;
  readonly own: string | null;
  readonly country: string | null;
}

interface Report {
  readonly total_opens: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly timeseries_data: readonly Row[];
}

async function report(server: Server, code: string): Promise<Report> {
  const answer = await ask(server, 'GET', `/v1/api/info/${code}`);
  assert.equal(answer.status, 200);
  return (await answer.json()) as Report;
}

test('the example of the docs, hit by hit, gives the numbers of the docs', async (context) => {
  const server = await start(context);
  const code = await mint(server, { sent_at: new Date(Date.now() - 1_000).toISOString() });
  const looks: readonly (Look & { readonly pause?: number })[] = [
    { agent: CHROME, address: GATEWAY },
    { agent: 'Mozilla/5.0', address: '17.58.0.1' },
    { agent: GMAIL, address: '66.249.84.1' },
    { agent: GMAIL, address: '66.249.84.2' },
    { agent: THUNDERBIRD, address: HOME, pause: REPEAT_SECONDS * 1_000 + 200 },
    { agent: THUNDERBIRD, address: HOME },
    { agent: CHROME, address: OFFICE },
    { agent: SLACK, address: '54.0.0.1' },
  ];
  for (const { pause = 0, ...one } of looks) {
    await look(server, code, one);
    await sleep(pause);
  }
  const { counts, total_opens: total, timeseries_data: rows } = await report(server, code);
  assert.deepEqual(
    rows.map((row) => row.class),
    [
      'security-scanner',
      'apple-mpp',
      'gmail-proxy',
      'gmail-proxy',
      'human-mail',
      'human-mail',
      'human-browser',
      'link-preview',
    ],
  );
  assert.equal(total, 8);
  assert.deepEqual(counts, {
    hits: 8,
    opens: 3,
    repeats: 1,
    unverified: 1,
    machine: 1,
    ignored: 2,
    unique_opens: 2,
  });
  assert.equal(rows.at(-2)?.own, 'address');
  assert.equal(rows[4]?.country, 'GB');
  assert.equal(rows[2]?.country, null);
  await server.stop();
});

test('every class is counted as the table of the docs says', async (context) => {
  const server = await start(context);
  const expected: readonly [string, Look, string][] = [
    ['human-mail', { agent: THUNDERBIRD, address: HOME }, 'opens'],
    ['human-browser', { agent: CHROME, address: HOME }, 'opens'],
    ['gmail-proxy', { agent: GMAIL, address: '66.249.84.1' }, 'opens'],
    [
      'yahoo-proxy',
      {
        agent: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
        address: '66.163.0.1',
      },
      'opens',
    ],
    [
      'other-proxy',
      { agent: 'Mozilla/5.0 (compatible) FastmailUA/1.0', address: '66.111.4.1' },
      'opens',
    ],
    ['apple-mpp', { agent: 'Mozilla/5.0', address: '17.58.0.1' }, 'unverified'],
    [
      'prefetch',
      { agent: CHROME, address: HOME, headers: { 'Sec-Purpose': 'prefetch' } },
      'machine',
    ],
    ['security-scanner', { agent: CHROME, address: CENSYS }, 'machine'],
    ['link-preview', { agent: SLACK, address: '54.0.0.1' }, 'ignored'],
    [
      'crawler',
      {
        agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
        address: '66.249.66.1',
      },
      'ignored',
    ],
    ['http-library', { agent: 'curl/8.9.1', address: HOME }, 'ignored'],
    ['unknown', { address: HOME }, 'ignored'],
  ];
  for (const [name, one, counted] of expected) {
    const code = await mint(server, {});
    await look(server, code, one);
    const { counts, timeseries_data: rows } = await report(server, code);
    assert.deepEqual(
      rows.map((row) => row.class),
      [name],
    );
    const none = { hits: 1, opens: 0, repeats: 0, unverified: 0, machine: 0, ignored: 0 };
    const unique = counted === 'opens' ? 1 : 0;
    assert.deepEqual(counts, { ...none, [counted]: 1, unique_opens: unique }, name);
  }
  await server.stop();
});

test('“that was me” takes a look out of the count, and can be taken back', async (context) => {
  const server = await start(context);
  const code = await mint(server, {});
  await look(server, code, { agent: CHROME, address: HOME });
  const [row] = (await report(server, code)).timeseries_data;
  assert.ok(row !== undefined);
  const say = async (own: boolean): Promise<void> => {
    const path = `/v1/pixels/${code}/hits/${row.id}/verdict`;
    assert.equal((await ask(server, 'POST', path, { own })).status, 200);
  };
  await say(true);
  assert.equal((await report(server, code)).counts['ignored'], 1);
  const started = await ask(server, 'POST', '/v1/reclassifications');
  assert.equal(started.status, 202);
  for (;;) {
    const state = (await (await ask(server, 'GET', '/v1/reclassifications')).json()) as {
      state: string;
    };
    if (state.state === 'done') break;
    await sleep(20);
  }
  const { counts, timeseries_data: rows } = await report(server, code);
  assert.equal(counts['ignored'], 1);
  assert.equal(rows[0]?.own, 'claimed');
  assert.equal(rows[0]?.class, 'human-browser');
  await say(false);
  assert.equal((await report(server, code)).counts['opens'], 1);
  await server.stop();
});
