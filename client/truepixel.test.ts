// The client against the real server, with all of its processes, as whoever installs it would use it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clientDeclarations } from '../scripts/client-declarations.ts';
import { endAll, freePort, get, type Server, startServer, TEST_TOKEN } from '../test/server.ts';
import { Truepixel, TruepixelError } from './truepixel.js';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of some) found.push(one);
  return found;
}
const look = (url: string) => get(url, { 'user-agent': AGENT });

test('its declarations are those of its code: else run npm run docs', () => {
  for (const [name, text] of clientDeclarations()) {
    assert.equal(readFileSync(new URL(name, import.meta.url), 'utf8'), text, name);
  }
});

test('another project imports it by the name truepixel/client', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truepixel-import-'));
  try {
    const installed = join(folder, 'node_modules/truepixel');
    mkdirSync(installed, { recursive: true });
    const root = fileURLToPath(new URL('..', import.meta.url));
    for (const part of ['package.json', 'client']) {
      cpSync(join(root, part), join(installed, part), { recursive: true });
    }
    const script = join(folder, 'script.mjs');
    writeFileSync(
      script,
      `import { Truepixel, TruepixelError } from 'truepixel/client';
       const { code } = await new Truepixel({
         url: 'http://127.0.0.1/', token: 'x',
         fetch: async () => Response.json({ code: 'from afar' }),
       }).mint();
       console.log(code, TruepixelError.name);`,
    );
    assert.equal(
      execFileSync(process.execPath, [script], { encoding: 'utf8' }),
      'from afar TruepixelError\n',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the client', { timeout: 120_000 }, () => {
  let folder: string;
  let server: Server;
  let truepixel: Truepixel;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'truepixel-client-'));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    server = await startServer({ dataDir: join(folder, 'data'), port, env: { BASE_URL: url } });
    truepixel = new Truepixel({ url: `${url}/`, token: TEST_TOKEN });
  });
  after(async () => {
    await endAll(join(folder, 'data'));
    rmSync(folder, { recursive: true });
  });

  test('mints, sees a look at once, changes and reads', async () => {
    const pixel = await truepixel.mint({ label: 'Invoice 7', recipient: 'ada@reader.example' });
    assert.equal(pixel.label, 'Invoice 7');
    await look(pixel.image_url);
    const info = await truepixel.info(pixel.code);
    assert.equal(info.counts.opens, 1);
    assert.equal(info.timeseries_data[0]?.user_agent, AGENT);
    const changed = await truepixel.change(pixel.code, { label: null, campaign: 'autumn' });
    assert.deepEqual([changed.label, changed.campaign], [null, 'autumn']);
    const read = await truepixel.pixel(pixel.code);
    assert.equal(read.campaign, 'autumn');
    assert.equal(read.counts.unique_opens, 1);
  });

  test('mints once, however often a key is used', async () => {
    const options = { idempotencyKey: 'mail-of-monday' };
    const first = await truepixel.mint({ label: 'once' }, options);
    assert.deepEqual(await truepixel.mint({ label: 'once' }, options), first);
    const other = await truepixel
      .mint({ label: 'other' }, options)
      .catch((error: unknown) => error);
    assert.ok(other instanceof TruepixelError);
    assert.equal(other.status, 422);
  });

  test('mints more at once than a request may have, in order, and the same again by their key', async () => {
    const wanted = Array.from({ length: 10_050 }, (_, i) => ({ label: `n${i}`, campaign: 'many' }));
    const options = { idempotencyKey: 'many' };
    const pixels = await truepixel.mintMany(wanted, options);
    assert.deepEqual(
      pixels.map(({ label }) => label),
      wanted.map(({ label }) => label),
    );
    assert.equal(new Set(pixels.map(({ code }) => code)).size, wanted.length);
    const again = await truepixel.mintMany(wanted, options);
    assert.deepEqual(
      again.map(({ code }) => code),
      pixels.map(({ code }) => code),
    );
  });

  test('lists pixels and hits over as many pages as there are', async () => {
    const pixels = await truepixel.mintMany(
      Array.from({ length: 7 }, (_, i) => ({ campaign: 'paged', label: `p${i}` })),
    );
    for (const { image_url } of pixels.slice(0, 3)) await look(image_url);
    await look(pixels[0]?.image_url ?? '');
    const listed = await all(
      truepixel.pixels({ campaign: 'paged', sort: 'label', order: 'asc', limit: 2 }),
    );
    assert.deepEqual(
      listed.map(({ label, counts }) => [label, counts.hits]),
      [['p0', 2], ['p1', 1], ['p2', 1], ...['p3', 'p4', 'p5', 'p6'].map((label) => [label, 0])],
    );
    const unopened = truepixel.pixels({ campaign: 'paged', opened: 'no' });
    assert.equal((await all(unopened)).length, 4);
    const hits = await all(truepixel.hits({ campaign: 'paged', limit: 1 }));
    assert.deepEqual(
      hits.map(({ uri }) => uri),
      [pixels[0], pixels[2], pixels[1], pixels[0]].map((pixel) => pixel?.code),
    );
    const codes = pixels.slice(1, 3).map(({ code }) => code);
    assert.equal((await all(truepixel.hits({ pixel: codes }))).length, 2);
    const campaigns = await all(truepixel.campaigns({ search: 'page', limit: 1 }));
    assert.deepEqual(
      campaigns.map(({ campaign, pixels_opened }) => [campaign, pixels_opened]),
      [['paged', 3]],
    );
  });

  test('counts opens and visits', async () => {
    const { image_url } = await truepixel.mint({ campaign: 'counted' });
    await look(image_url);
    const opens = await truepixel.statistics('opens', {
      campaign: 'counted',
      interval: 'day',
      split: 'client',
      time_zone: 'Europe/Berlin',
    });
    assert.equal(opens.totals.unique_opens, 1);
    assert.ok(opens.series.length >= 30);
    assert.deepEqual(
      opens.groups.map(({ value }) => value),
      ['Firefox'],
    );
    await get(`${server.baseUrl}/track`, {
      'user-agent': AGENT,
      referer: 'https://site.example/x',
    });
    const visits = await truepixel.statistics('visits', { referrer: ['site.example', null] });
    assert.equal(visits.totals.visits, 1);
  });

  test('gives exports as streams', async () => {
    const { code, image_url } = await truepixel.mint();
    await look(image_url);
    const stream = await truepixel.export('hits', { format: 'ndjson', pixel: code });
    const lines = (await new Response(stream).text()).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).user_agent),
      [AGENT],
    );
    const pixels = await truepixel.export('pixels', { format: 'csv', campaign: 'paged' });
    assert.equal((await new Response(pixels).text()).trimEnd().split('\n').length, 8);
  });

  test('follows hits as they come, and goes on where it was after the server was away', async () => {
    const { code, image_url } = await truepixel.mint({ label: 'watched' });
    const ending = new AbortController();
    const events = truepixel.live({ pixel: code }, { signal: ending.signal });
    const first = events.next();
    await sleep(300);
    await look(`${image_url}?1`);
    const told = await first;
    assert.ok(!told.done && told.value.type === 'hit');
    assert.deepEqual([told.value.hit.uri, told.value.hit.label], [code, 'watched']);
    // The store process alone: collectors keep what comes meanwhile.
    const [store = -1] = server.pids('store');
    process.kill(store, 'SIGKILL');
    const second = events.next();
    await look(`${image_url}?2`);
    const next = await second;
    assert.ok(!next.done && next.value.type === 'hit');
    assert.equal(next.value.hit.uri, code);
    assert.notEqual(next.value.id, told.value.id);
    ending.abort(new Error('enough'));
    await assert.rejects(events.next(), /enough/);
  });

  test('erases, and tells how far that is', async () => {
    const { code } = await truepixel.mint();
    let erasure = await truepixel.erase(code);
    while (erasure.state !== 'done') {
      await sleep(50);
      erasure = await truepixel.erasure(erasure.id);
    }
    assert.equal(erasure.removed.pixels, 1);
    await assert.rejects(truepixel.pixel(code), { status: 404, name: 'TruepixelError' });
  });

  test('a token that is wrong, or may not do this, is an error with what the server said', async () => {
    const wrong = new Truepixel({ url: server.baseUrl, token: 'nonsense' });
    await assert.rejects(wrong.pixel('x'), (error: TruepixelError) => {
      assert.equal(error.status, 401);
      assert.equal(error.problem?.status, 401);
      assert.equal(error.isPassing, false);
      return true;
    });
    await assert.rejects(truepixel.mint({ mode: 'loud' as 'off' }), (error: TruepixelError) => {
      assert.deepEqual(
        error.problem?.errors?.map(({ parameter }) => parameter),
        ['mode'],
      );
      return true;
    });
  });
});
