// The promise of docs/privacy.md, held against the disk: hits full of marks are sent to a real collector, and
// then every byte under DATA_DIR is read, journal and archive and secrets, for any mark in any form.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, PixelMode } from '../src/config/config.ts';
import { archiveDir, journalDir, pixelModesPath } from '../src/config/paths.ts';
import { CodeAuthority } from '../src/hit/code.ts';
import { type Hit, isHit } from '../src/hit/event.ts';
import { OWN_COOKIE, signOwn } from '../src/hit/own-browser.ts';
import { writePixelModes } from '../src/hit/pixel-modes.ts';
import { appendEvent } from '../src/journal/append.ts';
import type { Position } from '../src/journal/journal.ts';
import { JournalKeeper } from '../src/journal/keeper.ts';
import { openJournal } from '../src/journal/open.ts';
import { journalDirs } from '../src/journal/places.ts';
import { JournalReader } from '../src/journal/reader.ts';
import { createLog } from '../src/telemetry/log.ts';
import { Client, defaultConfig, startProcess } from './collector.fixture.ts';
import { readJournal } from './read-journal.ts';
import { type Finding, findTraces, formsOf, formsOfAddress } from './traces.ts';

const CODE_SECRET = 'a-secret-for-tests-of-privacy-0123456789';
const CODES = new CodeAuthority(Buffer.from(CODE_SECRET));
const COOKIE = signOwn(Buffer.from(CODE_SECRET), 'cookie', 4_000_000_000);
const ADDRESSES = ['198.18.119.237', '2001:db8:a7c3:91fe:6b2d:d5e8:3f47:c19b'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; Zq4AgentMark) Gecko/20100101 Firefox/128.0',
  'Zq4AgentMark/1.0 CFNetwork/1494 Darwin/23.4.0',
  'Zq4AgentMark-bot/1.0',
  'Mozilla/5.0 (Macintosh; Zq4AgentMark) AppleWebKit/605.1.15 (KHTML, like Gecko) é\u00ff',
];
const REFERRER =
  'https://Zq4UserMark:pw@site.example/Zq4PathMark;Zq4ParamMark?q=Zq4QueryMark#Zq4FragmentMark';

type Marks = Readonly<Record<string, ReadonlyMap<string, Buffer>>>;
const SECRETS: Marks = {
  'address v4': formsOfAddress(ADDRESSES[0] ?? ''),
  'address v6': formsOfAddress(ADDRESSES[1] ?? ''),
};
const AGENT: Marks = { agent: formsOf('Zq4AgentMark') };
const COOKIES: Marks = {
  cookie: formsOf('Zq4CookieMark'),
  'own cookie': formsOf(COOKIE.slice(-30)),
};
const REFERRERS: Marks = Object.fromEntries(
  ['User', 'Param', 'Query', 'Fragment'].map((part) => [part, formsOf(`Zq4${part}Mark`)]),
);
const PATH: Marks = { path: formsOf('Zq4PathMark') };
const PURPOSE: Marks = { purpose: formsOf('Zq4PurposeMark') };

/** One hit for each address and agent, in both lanes. */
function* requests(target: string, more = ''): Generator<string> {
  for (const address of ADDRESSES) {
    for (const agent of AGENTS) {
      for (const lane of ['', 'Upgrade: no\r\n']) {
        yield (
          `GET ${target} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${address}\r\n` +
          `User-Agent: ${agent}\r\nReferer: ${REFERRER}\r\nSec-Purpose: Zq4PurposeMark\r\n` +
          `Cookie: s=Zq4CookieMark; ${OWN_COOKIE}=${COOKIE}\r\n${lane}${more}\r\n`
        );
      }
    }
  }
}

async function sendAll(t: TestContext, port: number, target: string, more = ''): Promise<void> {
  for (const request of requests(target, more)) {
    const client = await Client.open(t, port);
    await client.send(request);
    assert.equal((await client.reply()).status, 200);
    client.socket.destroy();
  }
}
const HITS = [...requests('/')].length;

interface Run {
  readonly dataDir: string;
  readonly port: number;
  /** Ends the collector and archives its journal; resolves with the hits, and a finder of marks. */
  end(): Promise<{ hits: Hit[]; find: (...marks: Marks[]) => Promise<Finding[]> }>;
}

async function start(
  t: TestContext,
  settings: Partial<Config>,
  modes: ReadonlyMap<string, PixelMode> = new Map(),
): Promise<Run> {
  const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-privacy-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  if (modes.size > 0) await writePixelModes(pixelModesPath(dataDir), { pixels: modes, erased: [] });
  const config = { codeSecret: CODE_SECRET, trustedProxies: ['127.0.0.0/8'], ...settings };
  const { port, stop } = await startProcess(t, dataDir, config);
  const end: Run['end'] = async () => {
    assert.equal(await stop('SIGTERM'), 0);
    const archived = await archive(dataDir);
    const hits: Hit[] = [];
    await readJournal(dataDir, ({ event }) => {
      if (isHit(event)) hits.push(event);
    });
    assert.equal(archived > 0, hits.length > 0);
    return { hits, find: (...marks) => find(dataDir, ...marks) };
  };
  return { dataDir, port, end };
}

async function find(dataDir: string, ...marks: Marks[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [name, forms] of marks.flatMap((one) => Object.entries(one))) {
    for (const place of await findTraces(dataDir, forms)) found.push(`${name} in ${place}`);
  }
  return found;
}

/**
 * Archives the journal; a copy of what was live stays, so that both are looked through. Resolves with the
 * archive's segments; empty ones are not archived.
 */
async function archive(dataDir: string): Promise<number> {
  await cp(journalDir(dataDir), join(dataDir, 'live'), { recursive: true });
  const [config, log] = [defaultConfig(dataDir), createLog('silent', 'test')];
  // The keeper leaves the last segment of a slot alone.
  const journal = await openJournal(config, 'collector', log);
  await appendEvent(journal, { kind: 'pixel-minted', at: 1, code: 'later' });
  await journal.close();
  const reader = new JournalReader(journalDirs(dataDir));
  const ends = new Map<string, Position>();
  for (const slot of await reader.slots()) {
    const end = await reader.end(slot);
    if (end !== null) ends.set(slot, end);
  }
  await reader.close();
  await new JournalKeeper(config, log).tend(ends);
  const names = await readdir(archiveDir(dataDir), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.tpj.zst')).length;
}

const ALL = [SECRETS, AGENT, COOKIES, REFERRERS, PURPOSE];

test('by default the marks are found, but of cookies: the finder can find', async (t) => {
  const run = await start(t, {});
  await sendAll(t, run.port, '/track');
  const { hits, find: findIn } = await run.end();
  assert.equal(hits.length, HITS);
  for (const marks of [SECRETS, AGENT, REFERRERS, PURPOSE]) {
    for (const [name, forms] of Object.entries(marks)) {
      assert.notDeepEqual(await findIn({ [name]: forms }), [], name);
    }
  }
  assert.deepEqual(await findIn(COOKIES), []);
  assert.ok(hits.every((hit) => hit.ownBrowser === true));
});

test('aggregate by code, by file and by default leaves no mark on the disk', async (t) => {
  const byFile = CODES.mint();
  const run = await start(t, { pixelMode: 'aggregate' }, new Map([[byFile, 'aggregate']]));
  await sendAll(t, run.port, `/image/${CODES.mint('aggregate')}.png`);
  await sendAll(t, run.port, `/image/${byFile}`);
  await sendAll(t, run.port, `/image/${CODES.mint()}.gif`);
  const { hits, find: findIn } = await run.end();
  assert.equal(hits.length, 3 * HITS);
  assert.deepEqual(await findIn(...ALL, PATH), []);
  assert.ok(hits.every(({ withheld }) => withheld?.visitor === null));
  assert.deepEqual(
    new Set(hits.map(({ referrer }) => referrer)),
    new Set(['https://site.example']),
  );
  assert.ok(new Set(hits.map(({ withheld }) => withheld?.verdict.class)).size > 1);
});

test('an aggregate visit counts for its page', async (t) => {
  const run = await start(t, { pixelMode: 'aggregate' });
  await sendAll(t, run.port, '/track?Zq4QueryMark');
  const { hits, find: findIn } = await run.end();
  assert.equal(hits.length, HITS);
  assert.deepEqual(await findIn(...ALL), []);
  assert.equal(hits[0]?.referrer, 'https://site.example/Zq4PathMark');
});

test('off by code, by file and by default keeps nothing at all, and serves the image', async (t) => {
  const byFile = CODES.mint('individual');
  const run = await start(t, { pixelMode: 'off' }, new Map([[byFile, 'off']]));
  const targets = [CODES.mint('off'), byFile, CODES.mint()].map((code) => `/image/${code}`);
  for (const target of [...targets, '/track']) await sendAll(t, run.port, target);
  const { hits, find: findIn } = await run.end();
  assert.deepEqual(hits, []);
  assert.deepEqual(await findIn(...ALL, PATH), []);
});

test('strict leaves no mark, and tells visitors apart; who opted out is only counted', async (t) => {
  const run = await start(t, { privacy: 'strict' });
  const code = CODES.mint('individual');
  await sendAll(t, run.port, `/image/${code}.png`);
  await sendAll(t, run.port, '/track');
  await sendAll(t, run.port, '/track', 'Sec-GPC: 1\r\n');
  await sendAll(t, run.port, '/track', 'DNT: 1\r\n');
  const { hits, find: findIn } = await run.end();
  assert.equal(hits.length, 4 * HITS);
  assert.deepEqual(await findIn(...ALL), []);
  const visitorsOf = (part: readonly Hit[]): Set<unknown> =>
    new Set(part.map(({ withheld }) => withheld?.visitor));
  const clients = ADDRESSES.length * AGENTS.length;
  assert.equal(visitorsOf(hits.slice(0, HITS)).size, clients);
  assert.equal(visitorsOf(hits.slice(HITS, 2 * HITS)).size, clients);
  assert.deepEqual(visitorsOf(hits.slice(2 * HITS)), new Set([null]));
});

test('truncate and none leave no whole address, and all else', async (t) => {
  for (const [ipPolicy, kept] of [
    ['truncate', ['198.18.119.0', '2001:db8:a7c3::']],
    ['none', ['']],
  ] as const) {
    const run = await start(t, { ipPolicy });
    await sendAll(t, run.port, '/track');
    const { hits, find: findIn } = await run.end();
    assert.deepEqual(await findIn(SECRETS, COOKIES), []);
    assert.deepEqual(new Set(hits.map(({ address }) => address)), new Set<string>(kept));
    assert.ok(hits.every(({ agent }) => agent?.includes('Zq4AgentMark')));
    assert.notDeepEqual(await findIn(AGENT), []);
  }
});

test('a mode that is changed is honoured within two seconds, also for a code that is known', async (t) => {
  const [toAggregate, toOff, stays] = [CODES.mint(), CODES.mint(), CODES.mint()];
  const run = await start(t, {});
  const look = async (code: string, mark: string): Promise<void> => {
    const client = await Client.open(t, run.port);
    await client.send(`GET /image/${code} HTTP/1.1\r\nHost: h\r\nUser-Agent: ${mark}\r\n\r\n`);
    assert.equal((await client.reply()).status, 200);
    client.socket.destroy();
  };
  for (const code of [toAggregate, toOff, stays]) await look(code, 'Before');
  const pixels = new Map<string, PixelMode>([
    [toAggregate, 'aggregate'],
    [toOff, 'off'],
  ]);
  await writePixelModes(pixelModesPath(run.dataDir), { pixels, erased: [] });
  await sleep(2_000);
  for (const code of [toAggregate, toOff, stays]) await look(code, 'After');
  const { hits } = await run.end();
  const seen = (code: string): (string | null)[] =>
    hits.filter((hit) => hit.code === code).map(({ agent }) => agent);
  assert.deepEqual(seen(toAggregate), ['Before', null]);
  assert.deepEqual(seen(toOff), ['Before']);
  assert.deepEqual(seen(stays), ['Before', 'After']);
});
