// `truepixel import trackpixel` against TrackPixel's tables in a real QuestDB: everything comes along
// once, however often it is stopped, killed and run again, into either store, and codes in old mails go
// on working.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connections } from '../src/store/questdb-connection.ts';
import { createLog } from '../src/telemetry/log.ts';
import { dataFolder, eventually, info, mint } from './e2e.ts';
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
