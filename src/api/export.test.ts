// Exports over a real connection: the three formats hold the same, whatever strangers wrote into it, and one
// that cannot be completed is not taken for whole.

import assert from 'node:assert/strict';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { apiRig, AUTHORIZED, type Rig, TOKEN } from '../../test/api-rig.ts';
import {
  BEGINNING,
  loadOf,
  someChange,
  someHit,
  somePixel,
} from '../../test/contracts/store-events.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import { get } from '../../test/server.ts';
import type { JudgedHit } from '../hit/event.ts';
import { EXPORT_PAGE_HITS, EXPORTS_MAX } from '../limits.ts';
import { StoreError } from '../store/store.ts';

const TEXTS = [
  '=HYPERLINK("https://evil.example")',
  '+1',
  '-1',
  '@SUM(A1)',
  '\tx',
  '\rx',
  'a,b',
  'a "b"',
  'two\r\nlines',
  '',
  "'",
  'é \u{1f4e7} \u202e',
  'a\u0000b',
];

async function exportRig(
  t: TestContext,
  store = new MemoryStore(),
): Promise<Rig & { url: string; export: (query: string) => Promise<Buffer> }> {
  const rig = apiRig({}, { store });
  const url = await rig.app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => rig.app.close());
  const ask = async (query: string): Promise<Buffer> => {
    const answer = await get(`${url}/v1/export/${query}`, AUTHORIZED);
    assert.equal(answer.status, 200, answer.body.toString());
    return answer.body;
  };
  return { ...rig, store, url, export: ask };
}

/** A hit of each text, a visit, and what a mail-privacy proxy leaves. */
async function someHits(store: MemoryStore): Promise<JudgedHit[]> {
  const hits = [
    ...TEXTS.map((text, i) => someHit(i, { code: 'a', agent: text, referrer: text })),
    someHit(50, { kind: 'visit', code: null, agent: null, address: '', purpose: 'prefetch' }),
    someHit(51, { code: 'b' }, { own: 'claimed' }),
  ];
  const properties = { campaign: 'spring, "2026"', label: '=1' };
  await store.load(loadOf({ hits, notes: [somePixel(1, { code: 'a', properties })] }));
  return hits;
}

const linesOf = (body: Buffer): Record<string, unknown>[] =>
  body
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** As RFC 4180 reads it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [, quoted, plain = '', end] = cell.exec(text) ?? assert.fail('this is no CSV');
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

async function inDuckdb<T>(
  t: TestContext,
  body: Buffer,
  work: (file: string, rows: (sql: string) => Promise<unknown[][]>) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-export-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'export.parquet');
  await writeFile(file, body);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await work(file, async (sql) => (await connection.runAndReadAll(sql)).getRowsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('NDJSON has every hit exactly as other answers tell it, oldest first', async (t) => {
  const rig = await exportRig(t);
  const hits = await someHits(rig.store);
  const answer = await get(`${rig.url}/v1/export/hits?format=ndjson`, AUTHORIZED);
  assert.equal(answer.headers['content-type'], 'application/x-ndjson');
  assert.match(
    String(answer.headers['content-disposition']),
    /^attachment; filename="hits-\d{8}T\d{6}Z\.ndjson"$/,
  );
  const rows = linesOf(answer.body);
  assert.deepEqual(
    rows.map(({ user_agent: agent }) => agent),
    hits.map(({ event }) => event.agent),
  );
  const page = await rig.app.inject({ url: '/v1/hits?limit=1000', headers: AUTHORIZED });
  const told = page.json<{ hits: Record<string, unknown>[] }>().hits.toReversed();
  const names = { a: { campaign: 'spring, "2026"', label: '=1' } } as Record<string, object>;
  assert.deepEqual(
    rows,
    told.map((row, i) => ({
      ...row,
      purpose: hits[i]?.event.purpose,
      ...(names[String(row['uri'])] ?? { campaign: null, label: null }),
    })),
  );
});

test('CSV holds the same, and no cell that a spreadsheet would take for a formula', async (t) => {
  const rig = await exportRig(t);
  await someHits(rig.store);
  const exact = linesOf(await rig.export('hits?format=ndjson'));
  const text = (await rig.export('hits?format=csv')).toString();
  const [names = [], ...rows] = readCsv(text);
  assert.deepEqual(names, Object.keys(exact[0] ?? {}));
  assert.equal(rows.length, exact.length);
  for (const [i, row] of rows.entries()) {
    for (const [k, cell] of row.entries()) {
      assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
      const value = (exact[i]?.[names[k] ?? ''] ?? '') as string;
      const isFormula = /^[=+\-@\t\r\n]/.test(value);
      assert.equal(cell, isFormula ? `'${value}` : value, names[k]);
    }
  }
});

test('CSV holds no formula either for who parts its cells by semicolons or tabs', async (t) => {
  const rig = await exportRig(t);
  const hostile = [
    "x;=cmd|' /C calc'!A0",
    'x;"=1+1"',
    'x\t@SUM(1)',
    ';\t-1;+2',
    'Mozilla/5.0 (X11; rv:1)',
  ];
  const hits = hostile.map((agent, i) =>
    someHit(i, { agent, referrer: `https://a.example/${agent}` }),
  );
  await rig.store.load(loadOf({ hits }));
  const text = (await rig.export('hits?format=csv')).toString();
  assert.doesNotMatch(text, /[;\t]"*[=+\-@]/);
  const [names = [], ...rows] = readCsv(text);
  const agents = new Set(rows.map((row) => row[names.indexOf('user_agent')]));
  assert.ok(agents.has("x;'=cmd|' /C calc'!A0"));
  assert.ok(agents.has('Mozilla/5.0 (X11; rv:1)'), 'what is harmless stays as it is');
});

test('DuckDB reads a Parquet file back, with types, and finds what NDJSON has', async (t) => {
  const rig = await exportRig(t);
  await someHits(rig.store);
  const more = Array.from({ length: EXPORT_PAGE_HITS + 7 }, (_, i) =>
    someHit(1_000 + i, { code: `code${i % 9}`, agent: `agent ${i % 50}` }),
  );
  await rig.store.load(loadOf({ hits: more }));
  const exact = linesOf(await rig.export('hits?format=ndjson'));
  const body = await rig.export('hits?format=parquet');
  await inDuckdb(t, body, async (file, rows) => {
    const types = await rows(`DESCRIBE SELECT * FROM '${file}'`);
    assert.deepEqual(
      types.map(([name, type]) => [name, type]),
      Object.keys(exact[0] ?? {}).map((name) => [
        name,
        name === 'time_stamp' ? 'TIMESTAMP WITH TIME ZONE' : 'VARCHAR',
      ]),
    );
    const groups = await rows(
      `SELECT max(row_group_num_rows), count(DISTINCT row_group_id) FROM parquet_metadata('${file}')`,
    );
    assert.deepEqual(groups, [[String(EXPORT_PAGE_HITS), '2']]);
    const found = await rows(
      `SELECT * REPLACE (epoch_us(time_stamp) AS time_stamp) FROM '${file}'`,
    );
    const asTold = exact.map((row) =>
      Object.entries(row).map(([name, value]) =>
        name === 'time_stamp' ? microsText(String(value)) : value,
      ),
    );
    assert.deepEqual(found, asTold);
  });
});

const microsText = (time: string): string =>
  String(BigInt(Date.parse(`${time.slice(0, 23)}Z`)) * 1_000n + BigInt(time.slice(23, 26)));

test('pixels are exported with what is said of them and their counts', async (t) => {
  const rig = await exportRig(t);
  const { store } = rig;
  const sentAt = BEGINNING - 1;
  const properties = {
    campaign: 'spring',
    label: '@x',
    recipient: 'a@example.org',
    sentAt,
    metadata: '{"a": [1, "ä"]}',
  };
  const notes = [
    somePixel(1, { code: 'a', properties }),
    somePixel(2, { code: 'b' }),
    someChange(3, { mode: 'off' }, { code: 'b' }),
  ];
  await store.load(loadOf({ hits: [someHit(5, { code: 'a' })], notes }));
  const rows = linesOf(await rig.export('pixels?format=ndjson'));
  const list = await rig.app.inject({ url: '/v1/pixels?order=asc', headers: AUTHORIZED });
  const told = list.json<{ pixels: Record<string, unknown>[] }>().pixels;
  assert.deepEqual(
    rows,
    told.map((pixel) => {
      const { image_html: html, image_markdown: markdown, counts, ...others } = pixel;
      assert.ok(html && markdown);
      return { ...others, ...(counts as object) };
    }),
  );
  assert.equal(rows.length, 2);
  const [only] = linesOf(await rig.export('pixels?format=ndjson&campaign=spring'));
  assert.equal(only?.['code'], 'a');
  const [names = [], first = []] = readCsv((await rig.export('pixels?format=csv')).toString());
  assert.equal(first[names.indexOf('metadata')], '{"a":[1,"ä"]}');
  assert.equal(first[names.indexOf('label')], "'@x");
  assert.equal(first[names.indexOf('hits')], '1');
  await inDuckdb(t, await rig.export('pixels?format=parquet'), async (file, ask) => {
    const found = await ask(`SELECT hits, epoch_us(sent_at), metadata FROM '${file}'`);
    assert.deepEqual(found, [
      ['1', String(sentAt), '{"a":[1,"ä"]}'],
      ['0', null, null],
    ]);
  });
});

test('an export of nothing is a file all the same', async (t) => {
  const rig = await exportRig(t);
  assert.equal((await rig.export('hits?format=ndjson')).length, 0);
  assert.match((await rig.export('hits?format=csv')).toString(), /^id,kind,.*,own\r\n$/);
  await inDuckdb(t, await rig.export('hits?format=parquet'), async (file, rows) => {
    assert.deepEqual(await rows(`SELECT count(*) FROM '${file}'`), [['0']]);
  });
});

test('only what is asked for is exported', async (t) => {
  const rig = await exportRig(t);
  await someHits(rig.store);
  const query = 'hits?format=ndjson&kind=open&pixel=b&to=2026-06-02&time_zone=Europe/Berlin';
  assert.deepEqual(
    linesOf(await rig.export(query)).map(({ uri }) => uri),
    ['b'],
  );
});

/** Fails at its third page. */
class Failing extends MemoryStore {
  pages = 0;
  override async hits(query: Parameters<MemoryStore['hits']>[0]) {
    if (query.order === 'oldest' && ++this.pages === 3) throw new StoreError('it broke', true);
    return await super.hits(query);
  }
}

async function failing(): Promise<Failing> {
  const store = new Failing();
  const count = 3 * EXPORT_PAGE_HITS;
  await store.load(loadOf({ hits: Array.from({ length: count }, (_, i) => someHit(i)) }));
  return store;
}

test('an export that fails in the middle breaks the connection, whatever the format', async (t) => {
  for (const format of ['csv', 'ndjson', 'parquet']) {
    const store = await failing();
    const rig = await exportRig(t, store);
    await assert.rejects(
      get(`${rig.url}/v1/export/hits?format=${format}`, AUTHORIZED),
      /aborted|ECONNRESET/,
    );
    assert.equal(store.pages, 3);
  }
});

test('so it does for HTTP/1.0, where the end of the connection is the end of the file', async (t) => {
  const rig = await exportRig(t, await failing());
  const { port } = new URL(rig.url);
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      const head = `GET /v1/export/hits?format=csv HTTP/1.0\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
      socket.write(head);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on('end', () => resolve('the end'));
    socket.resume();
  });
  assert.equal(outcome, 'ECONNRESET');
});

test('an export that cannot begin is a problem', async (t) => {
  const rig = await exportRig(t);
  rig.store.failure = new StoreError('it is away', true);
  const answer = await get(`${rig.url}/v1/export/hits?format=csv`, AUTHORIZED);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.headers['content-disposition'], undefined);
  rig.store.failure = null;
  rig.world.caughtUp = false;
  assert.equal((await get(`${rig.url}/v1/export/hits?format=csv`, AUTHORIZED)).status, 503);
});

/** Hands out pages for ever, and counts them. */
class Endless extends MemoryStore {
  pages = 0;
  override async hits({ limit, order }: Parameters<MemoryStore['hits']>[0]) {
    const hits = Array.from({ length: limit }, (_, i) => someHit(i, { agent: 'x'.repeat(500) }));
    if (order === 'oldest') this.pages++;
    return { hits, next: { at: BEGINNING, id: '00000000000000aa-1-16' } };
  }
}

test('a client that reads slowly is waited for, and one that goes is let go at once', async (t) => {
  const store = new Endless();
  const rig = await exportRig(t, store);
  const ask = () => {
    const sent = request(`${rig.url}/v1/export/hits?format=csv`, {
      agent: false,
      headers: AUTHORIZED,
    });
    sent.on('error', () => undefined);
    sent.on('response', (reply) => {
      reply.on('error', () => undefined);
      reply.once('data', () => reply.pause());
    });
    sent.end();
    return sent;
  };
  const clients = Array.from({ length: EXPORTS_MAX }, ask);
  await sleep(1_000);
  const { pages } = store;
  await sleep(500);
  assert.equal(store.pages, pages, 'nothing is read while nothing is taken');
  // What sockets hold, and a page in hand each.
  assert.ok(pages <= 4 * EXPORTS_MAX, `${pages} pages`);
  const refused = await get(`${rig.url}/v1/export/pixels?format=csv`, AUTHORIZED);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '1');
  for (const client of clients) client.destroy();
  await sleep(300);
  const after = store.pages;
  assert.ok((await get(`${rig.url}/v1/export/pixels?format=csv`, AUTHORIZED)).status === 200);
  await sleep(200);
  assert.equal(store.pages, after, 'nothing is read for nobody');
});

test('what is asked for wrongly is refused by name', async (t) => {
  const { app } = await exportRig(t);
  for (const [query, parameter] of [
    ['hits', 'format'],
    ['hits?format=xlsx', 'format'],
    ['hits?format=csv&cursor=x', 'cursor'],
    ['hits?format=csv&from=2026-02-02&to=2026-02-01', 'from'],
    ['hits?format=csv&time_zone=Mars/Olympus', 'time_zone'],
    ['hits?format=csv&kind=click', 'kind'],
    ['pixels?format=csv&country=DE', 'country'],
    ['pixels?format=csv&limit=5', 'limit'],
  ] as const) {
    const reply = await app.inject({ url: `/v1/export/${query}`, headers: AUTHORIZED });
    assert.equal(reply.statusCode, 400, query);
    const { errors } = reply.json<{ errors: { parameter: string }[] }>();
    assert.equal(errors[0]?.parameter, parameter, query);
  }
  assert.equal((await app.inject({ url: '/v1/export/hits?format=csv' })).statusCode, 401);
  const head = await app.inject({
    method: 'HEAD',
    url: '/v1/export/hits?format=csv',
    headers: AUTHORIZED,
  });
  assert.equal(head.statusCode, 405);
});
