// `truepixel import trackpixel` against TrackPixel's tables in a real QuestDB: everything comes along
// once, however often it is stopped, killed and run again, into either store, and codes in old mails go
// on working.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IMPORT_LOOK_ROWS, REGISTERED_CODES_MAX } from '../src/limits.ts';
import { Connections } from '../src/store/questdb-connection.ts';
import { TrackPixelSource } from '../src/store/questdb-trackpixel.ts';
import { createLog } from '../src/telemetry/log.ts';
import { dataFolder, eventually, info, mint } from './e2e.ts';
import { startNotQuestdb } from './not-questdb.ts';
import { noQuestdb, QuestdbServer } from './questdb-server.ts';
import { readJournal } from './read-journal.ts';
import { freePort, signal, startServer } from './server.ts';

const WITHIN = { timeout: 120_000, skip: noQuestdb };
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Divided among the pixels so that many rows have the very same time. */
const OPENS = 120_000;
const PIXELS = 3_000;
const PER_INSTANT = 7;

const questdb = noQuestdb === false ? await QuestdbServer.start() : null;
after(() => questdb?.end());

async function fillTrackPixel(connections: Connections): Promise<void> {
  await connections.query(
    'CREATE TABLE track_pixels (uri STRING, created_at TIMESTAMP) TIMESTAMP(created_at)',
  );
  await connections.query(
    `CREATE TABLE track_pixels_timeseries (uri SYMBOL, ip_address STRING, ts TIMESTAMP)
      TIMESTAMP(ts) PARTITION BY DAY`,
  );
  await connections.query(
    `INSERT INTO track_pixels SELECT 'oldPixel' || x, timestamp_sequence('2022-06-16', 1000000)
      FROM long_sequence(${PIXELS})`,
  );
  await connections.query(
    `INSERT INTO track_pixels_timeseries
      SELECT 'oldPixel' || (1 + x % ${PIXELS}), '10.0.' || (x % 250) || '.1',
        cast(1655420400000000 + (x / ${PER_INSTANT}) * 1000 AS timestamp)
      FROM long_sequence(${OPENS})`,
  );
}

/** Rows that nobody can use, and some that look as if. */
async function addOddRows(connections: Connections): Promise<void> {
  await connections.query(
    `INSERT INTO track_pixels_timeseries VALUES
      ('oldPixel1.png', '[::1]:4711', '2023-01-01'), (null, '1.2.3.4', '2023-01-02'),
      ('''; DROP TABLE hits; --', '1.2.3.4', '2023-01-03'), ('a b', '1.2.3.4', '2023-01-04'),
      ('oldPixel1', 'not an address', '2023-01-05')`,
  );
}

class Import {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  output = '';

  constructor(dataDir: string, url: string, env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [MAIN, 'import', 'trackpixel', url], {
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gather = (text: Buffer): void => void (this.output += text.toString());
    this.process.stdout?.on('data', gather);
    this.process.stderr?.on('data', gather);
    this.exited = once(this.process, 'exit').then(([code]) => code as number | null);
  }
}

test(
  'the tables that are missing, or a source that is none, are one line',
  WITHIN,
  async (context) => {
    assert.ok(questdb);
    const dataDir = await dataFolder(context);
    const none = new Import(dataDir, questdb.connString);
    assert.equal(await none.exited, 1);
    assert.equal(none.output, 'truepixel: import: there is no table track_pixels\n');
    const wrong = new Import(dataDir, questdb.connString.replace(questdb.password, 'swordfish'));
    assert.equal(await wrong.exited, 1);
    assert.match(wrong.output, /^truepixel: import: QuestDB failed: it refuses the user [^\n]*\n$/);
    const noUrl = new Import(dataDir, 'here');
    assert.equal(await noUrl.exited, 2);
    const other = await startNotQuestdb();
    context.after(() => other.close());
    const noQuest = new Import(dataDir, `postgresql://admin:quest@127.0.0.1:${other.port}/qdb`);
    assert.equal(await noQuest.exited, 1);
    assert.equal(
      noQuest.output,
      'truepixel: import: the server that the URL names is no QuestDB\n',
    );
  },
);

test(
  'everything comes along once, however often it is stopped, killed and run again',
  WITHIN,
  async (context) => {
    assert.ok(questdb);
    const admin = new Connections(questdb.connString, 1, createLog('silent', 'test'));
    context.after(() => admin.close());
    await fillTrackPixel(admin);
    const dataDir = await dataFolder(context);
    const server = await startServer({ dataDir, port: await freePort() });

    let ends = 0;
    for (let run = 0; ; run += 1) {
      const one = new Import(dataDir, questdb.connString);
      // Later and later, so that it is ended in the middle several times and comes to its end at last, on a
      // fast machine and on a busy one.
      const timer = sleep(250 * 1.12 ** run).then(() => {
        if (one.process.exitCode === null) ends += 1;
        signal(one.process.pid ?? 0, run % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      });
      const code = await one.exited;
      if (code === 0) break;
      await timer;
      assert.ok(code === null || code === 130, one.output);
      assert.ok(run < 60, one.output);
    }
    assert.ok(ends >= 3, `it was ended ${ends} times before its end`);
    await assertAllThere(admin, server, dataDir);

    await addOddRows(admin);
    const again = new Import(dataDir, questdb.connString);
    assert.equal(await again.exited, 0, again.output);
    assert.match(again.output, /imported 0 pixels and 2 opens/);
    assert.match(again.output, /without a usable code: 0 pixels, 3 opens/);
    const report = await info(server, 'oldPixel1', undefined, '?limit=10000');
    assert.equal(report.total_opens, OPENS / PIXELS + 2);
    assert.deepEqual(
      report.timeseries_data.slice(-2).map((hit) => [hit.time_stamp, hit.ip_address]),
      [
        ['2023-01-01T00:00:00.000000Z', '::1'],
        ['2023-01-05T00:00:00.000000Z', ''],
      ],
    );
    assert.equal((await server.stop()).code, 0);
    await assertEachOnce(dataDir);
  },
);

/** The journal is what a rebuild makes the store from: no row may be missing or there twice in it. */
async function assertEachOnce(dataDir: string): Promise<void> {
  const seen = new Set<string>();
  let events = 0;
  await readJournal(dataDir, ({ event }) => {
    // What was sent to the server itself has an agent, or is of this year.
    if (event.at > Date.parse('2024-01-01') * 1_000) return;
    events += 1;
    seen.add(`${event.kind} ${event.code} ${event.at}`);
  });
  assert.equal(events, OPENS + PIXELS + 2);
  assert.equal(seen.size, events);
}

async function assertAllThere(
  admin: Connections,
  server: Awaited<ReturnType<typeof startServer>>,
  dataDir: string,
): Promise<void> {
  for (const number of [1, 2, 1_500, PIXELS]) {
    const code = `oldPixel${number}`;
    const rows = await admin.query(
      `SELECT cast(ts AS long), ip_address FROM track_pixels_timeseries WHERE uri = $1 ORDER BY ts`,
      [code],
    );
    const report = await info(server, code, undefined, '?limit=10000');
    assert.equal(report.total_opens, rows.length);
    const micros = (text: string): string => `${Date.parse(text)}${text.slice(-4, -1)}`;
    assert.deepEqual(
      report.timeseries_data.map((hit) => [micros(hit.time_stamp), hit.ip_address]),
      rows,
    );
    const created = Date.parse('2022-06-16T00:00:00Z') + (number - 1) * 1_000;
    assert.equal(Date.parse(report.created_at), created);
  }
  // A mail of years ago is opened now, and noise is still noise.
  const agent = { 'User-Agent': 'somebody' };
  await eventually(async () => {
    await server.get('/image/oldPixel2.png', agent);
    return (await info(server, 'oldPixel2')).total_opens > OPENS / PIXELS ? true : null;
  });
  await server.get('/image/neverAPixel.png', agent);
  assert.equal((await server.api('/v1/api/info/neverAPixel')).status, 404);
  assert.ok((await mint(server)).unique_code, `${dataDir} goes on minting`);
}

test(
  'into QuestDB it comes the same way, with addresses as the policy wants them',
  WITHIN,
  async (context) => {
    assert.ok(questdb);
    const dataDir = await dataFolder(context);
    const env = { ...questdb.env, IP_POLICY: 'truncate' };
    const one = new Import(dataDir, questdb.connString, env);
    assert.equal(await one.exited, 0, one.output);
    const server = await startServer({ dataDir, port: await freePort(), env });
    const report = await info(server, 'oldPixel7', undefined, '?limit=10000');
    assert.equal(report.total_opens, OPENS / PIXELS);
    for (const hit of report.timeseries_data) assert.match(hit.ip_address, /^10\.0\.\d+\.0$/);
  },
);

/** Tables of a few rows, in the place of those before: `[uri, time]` and `[uri, address, time]`. */
async function replaceTables(
  context: TestContext,
  timeType: string,
  pixels: readonly (readonly [string, string])[],
  opens: readonly (readonly [string, string, string])[],
): Promise<Connections> {
  assert.ok(questdb);
  const admin = new Connections(questdb.connString, 1, createLog('silent', 'test'));
  context.after(() => admin.close());
  await admin.query('DROP TABLE IF EXISTS track_pixels');
  await admin.query('DROP TABLE IF EXISTS track_pixels_timeseries');
  await admin.query(`CREATE TABLE track_pixels (uri STRING, created_at ${timeType})`);
  await admin.query(
    `CREATE TABLE track_pixels_timeseries (uri STRING, ip_address STRING, ts ${timeType})`,
  );
  for (const [uri, time] of pixels) {
    await admin.query(`INSERT INTO track_pixels VALUES ('${uri}', ${time})`);
  }
  for (const open of opens) await addOpen(admin, open);
  return admin;
}

async function addOpen(
  admin: Connections,
  [uri, address, time]: readonly [string, string, string],
): Promise<void> {
  await admin.query(`INSERT INTO track_pixels_timeseries VALUES ('${uri}', '${address}', ${time})`);
}

async function importOnce(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<{ readonly output: string; readonly opens: readonly string[] }> {
  assert.ok(questdb);
  const one = new Import(dataDir, questdb.connString, env);
  assert.equal(await one.exited, 0, one.output);
  const opens: string[] = [];
  await readJournal(dataDir, ({ event }) => {
    if (event.kind !== 'open') return;
    opens.push(`${new Date(event.at / 1_000).toISOString()} ${event.code} ${event.address}`);
  });
  return { output: one.output, opens: opens.toSorted() };
}

test(
  'times come out as they are, whatever type tells them, and others are counted',
  WITHIN,
  async (context) => {
    assert.ok(questdb);
    for (const type of ['TIMESTAMP', 'DATE', 'TIMESTAMP_NS']) {
      const far = type === 'TIMESTAMP_NS' ? '2261-01-01' : '2300-01-01';
      await replaceTables(
        context,
        type,
        [['abc1', `'2022-06-16T10:00:00.123Z'`]],
        [
          ['abc1', '1.2.3.4', `'2022-06-16T12:00:00.123Z'`],
          ['abc1', '1.2.3.5', `'${far}T00:00:00Z'`],
          ['abc1', '1.2.3.6', `'1969-12-31T23:59:59Z'`],
          ['abc1', '1.2.3.7', 'null'],
        ],
      );
      const dataDir = await dataFolder(context);
      const { output, opens } = await importOnce(dataDir, questdb.env);
      assert.deepEqual(opens, ['2022-06-16T12:00:00.123Z abc1 1.2.3.4'], type);
      assert.match(output, /without a time from 1970 to 2254: 0 pixels, 3 opens/);
      assert.doesNotMatch(output, /than at the beginning/);
      const server = await startServer({ dataDir, port: await freePort(), env: questdb.env });
      const report = await info(server, 'abc1');
      assert.equal(Date.parse(report.created_at), Date.parse('2022-06-16T10:00:00.123Z'));
      await server.stop();
    }
  },
);

test('a type that tells no time for certain is refused in one line', WITHIN, async (context) => {
  assert.ok(questdb);
  for (const [type, time] of [
    ['STRING', `'1655380800123'`],
    ['LONG', '1655380800123'],
  ] as const) {
    await replaceTables(context, type, [['abc1', time]], []);
    const one = new Import(await dataFolder(context), questdb.connString);
    assert.equal(await one.exited, 1);
    assert.match(
      one.output,
      /^truepixel: import: created_at of track_pixels is of the type [^\n]*\n$/,
    );
  }
});

test(
  'another source comes too, and rows that came late; a server by another name is the same',
  WITHIN,
  async (context) => {
    assert.ok(questdb);
    const noon = `'2022-06-16T12:00:00Z'`;
    const dataDir = await dataFolder(context);
    await replaceTables(context, 'TIMESTAMP', [['abcA', noon]], [['abcA', '1.1.1.5', noon]]);
    const before = (await importOnce(dataDir)).opens;
    const admin = await replaceTables(
      context,
      'TIMESTAMP',
      [['abcB', noon]],
      [['abcB', '1.1.1.5', noon]],
    );
    const both = (await importOnce(dataDir)).opens;
    assert.equal(both.length, 2);
    assert.ok(both.includes(before[0] ?? ''));

    await addOpen(admin, ['abcB', '1.1.1.4', noon]);
    await addOpen(admin, ['abcB', '1.1.1.5', `'2022-06-16T11:00:00Z'`]);
    const all = (await importOnce(dataDir)).opens;
    assert.equal(all.length, 4);
    assert.equal(new Set(all).size, 4);

    const url = questdb.connString.replace('127.0.0.1', 'localhost');
    const again = new Import(dataDir, url);
    assert.equal(await again.exited, 0, again.output);
    assert.match(again.output, /imported 0 pixels and 0 opens; .* 1 and 3 were here already/);
  },
);

test('what is not to be kept does not come, and it is said', WITHIN, async (context) => {
  const noon = `'2022-06-16T12:00:00Z'`;
  await replaceTables(context, 'TIMESTAMP', [['abcA', noon]], [['abcA', '203.0.113.7', noon]]);
  for (const env of [{ PRIVACY: 'strict' }, { PIXEL_MODE: 'aggregate' }]) {
    const { opens } = await importOnce(await dataFolder(context), env);
    assert.deepEqual(opens, ['2022-06-16T12:00:00.000Z abcA ']);
  }
  const off = await importOnce(await dataFolder(context), { PIXEL_MODE: 'off' });
  assert.deepEqual(off.opens, []);
  assert.match(off.output, /not to be kept \(PIXEL_MODE .* 0 pixels, 1 opens/);
});

test(
  'more pixels than can be registered are refused in one line that says the way out',
  WITHIN,
  async (context) => {
    assert.ok(questdb);
    const admin = await replaceTables(context, 'TIMESTAMP', [], []);
    await admin.query(
      `INSERT INTO track_pixels SELECT 'many' || x,
        cast(1655380800000000 + (x % 10) * 86400000000 as timestamp)
      FROM long_sequence(${REGISTERED_CODES_MAX + 1})`,
    );
    const one = new Import(await dataFolder(context), questdb.connString);
    assert.equal(await one.exited, 1);
    assert.match(one.output, /^truepixel: import: at most [^\n]*CODE_CHECK=off[^\n]*\n$/);

    // So many that it is not asked in one query how their days look.
    assert.ok(REGISTERED_CODES_MAX > IMPORT_LOOK_ROWS);
    const source = await TrackPixelSource.open(questdb.connString, createLog('silent', 'test'));
    const days = await source.days('pixels');
    await source.close();
    const first = Math.floor(1_655_380_800 / 86_400);
    assert.deepEqual(
      days.map(({ day, rows }) => [day, rows]),
      Array.from({ length: 10 }, (_, i) => [
        first + i,
        REGISTERED_CODES_MAX / 10 + (i === 1 ? 1 : 0),
      ]),
    );
  },
);
