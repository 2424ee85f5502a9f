// The examples are what people copy first: each runs as its README says, against a server as `npm start` runs
// it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { endAll, freePort, startServer, TEST_TOKEN } from '../test/server.ts';

const WITHIN_MS = 60_000;

describe('the examples', { timeout: 3 * WITHIN_MS }, () => {
  let folder: string;
  let url: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truepixel-examples-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await startServer({ dataDir: join(folder, 'data'), port, env: { BASE_URL: url } });
  });
  after(async () => {
    await endAll(join(folder, 'data'));
    await rm(folder, { recursive: true });
  });

  /** Its exit code, and the lines that it printed. */
  function run(name: string, token: string = TEST_TOKEN) {
    const script = fileURLToPath(new URL(name, import.meta.url));
    const env = { ...process.env, TRUEPIXEL_URL: url, TRUEPIXEL_TOKEN: token };
    return new Promise<{ code: number; lines: string[]; said: string }>((resolve) => {
      execFile(process.execPath, [script], { env, timeout: WITHIN_MS }, (error, out, said) => {
        const code = error === null ? 0 : Number(error.code ?? -1);
        resolve({ code, lines: out.trimEnd().split('\n'), said });
      });
    });
  }

  test('mint-and-read.js has 20 lines, and ends with an open', async () => {
    const text = await readFile(new URL('mint-and-read.js', import.meta.url), 'utf8');
    assert.ok(text.trimEnd().split('\n').length <= 20);
    const { code, lines, said } = await run('mint-and-read.js');
    assert.equal(code, 0, said);
    assert.match(lines[0] ?? '', /<img src="http:[^"]+\/image\/\w{16}\.png"/);
    assert.match(lines[1] ?? '', /Z: human-browser \(browser-agent\), Firefox on Linux$/);
    assert.equal(lines[2], '1 open, 1 unique');
  });

  test('campaign.js finds the third that never opened, and again when it runs again', async () => {
    const first = await run('campaign.js');
    assert.equal(first.code, 0, first.said);
    assert.match(first.lines[0] ?? '', /^1000 pixels minted; the first: <img /);
    assert.deepEqual(first.lines.slice(1), [
      '334 never opened: reader-1000@example.org, reader-100@example.org, reader-103@example.org …',
      '666 did, with Thunderbird',
    ]);
    assert.deepEqual((await run('campaign.js')).lines, first.lines);
  });

  test('mail.js sends a mail that comes with its pixel, and tells its readers apart', async () => {
    const { code, lines, said } = await run('mail.js');
    assert.equal(code, 0, said);
    assert.match(lines[0] ?? '', /^Sent to ada@reader\.example with http/);
    assert.deepEqual(lines.slice(1), [
      'a person with Thunderbird: human-mail, because of mail-client-token',
      'a person with Gmail, seen through its proxy: gmail-proxy, because of gmail-proxy-token',
      'Apple Mail, fetching ahead whether anybody reads or not: apple-mpp, because of apple-mpp-bare-agent',
      '2 opens, 1 unverified, of 3 hits',
    ]);
  });

  test('with a token that is wrong they say so', async () => {
    const { code, said } = await run('mint-and-read.js', 'nonsense');
    assert.equal(code, 1);
    assert.match(said, /TruepixelError: 401: this is no token of this server/);
  });
});
