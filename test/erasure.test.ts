// `kill -9` of the store process at random moments while it erases, and while it makes its file anew, with
// hits coming in: every erasure is completed, nothing of its subject is left in any file, and of everything
// else nothing is lost or doubled.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { ErasureJobs } from '../src/delivery/erasure-job.ts';
import type { ErasureSubject } from '../src/delivery/erasure-subject.ts';
import { endAll, freePort, type Server, signal, startServer, TEST_TOKEN } from './server.ts';

const run = promisify(execFile);
const decompress = promisify(zstdDecompress);
const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts');
const RECIPIENT = 'ana.gone@example.org';
const GONE = '203.0.113.177';
const STAYS = '198.51.100.7';
const KILLS = 5;
/** Of them when the file is made anew; the others at any time. */
const KILLS_OF_DRAFTS = 2;
const KILL_PAUSE_MS_MAX = 1_200;
const DRAFT_POLL_MS = 2;
const DONE_MS_MAX = 90_000;

const OF_STORE = /^store\.duckdb/;

/** No two have anything in common, so that they cannot be stored as one. */
const goneAgent = (n: number): string => createHash('sha256').update(String(n)).digest('hex');

interface Ledger {
  readonly opens: Map<string, number>;
  readonly visits: Map<string, number>;
}

async function post(server: Server, path: string, body: unknown): Promise<Record<string, string>> {
  const answered = Promise.withResolvers<Record<string, string>>();
  const headers = { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json' };
  const sent = request(
    server.baseUrl + path,
    { method: 'POST', headers, agent: false },
    (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if ((reply.statusCode ?? 0) < 300) answered.resolve(JSON.parse(text));
        else answered.reject(new Error(`${reply.statusCode}: ${text}`));
      });
    },
  );
  sent.on('error', answered.reject);
  sent.end(JSON.stringify(body));
  return await answered.promise;
}

async function hit(
  server: Server,
  ledger: Ledger,
  code: string | null,
  address: string,
  agent = 'Firefox',
) {
  const path = code === null ? '/track' : `/image/${code}.png`;
  const { status } = await server.get(path, { 'X-Forwarded-For': address, 'User-Agent': agent });
  assert.equal(status, 200, 'collectors go on whatever becomes of the store');
  const counts = code === null ? ledger.visits : ledger.opens;
  const key = code ?? address;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Kills the store process again and again until every job is done. Returns how often, and how often then. */
async function killUntilDone(server: Server, jobs: ErasureJobs, ids: readonly string[]) {
  const until = Date.now() + DONE_MS_MAX;
  const kills = { anywhere: 0, drafts: 0 };
  const kill = (): boolean =>
    server.pids('store').filter((pid) => signal(pid, 'SIGKILL')).length > 0;
  for (;;) {
    const open = await jobs.open(() => assert.fail('a job is damaged'));
    if (open.length === 0) break;
    assert.ok(Date.now() < until, `${open.length} of ${ids.length} erasures are not done`);
    if (kills.anywhere < KILLS - KILLS_OF_DRAFTS) {
      await sleep(Math.random() * KILL_PAUSE_MS_MAX);
      if (kill()) kills.anywhere++;
    } else {
      await sleep(DRAFT_POLL_MS);
      const drafting = existsSync(join(server.dataDir, 'store.duckdb.compact'));
      if (drafting && kills.drafts < KILLS_OF_DRAFTS && kill()) kills.drafts++;
    }
  }
  return kills;
}

/** Paths of files that hold one of the texts, packed or not. */
async function filesWith(dir: string, texts: readonly string[], of = /./): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !of.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const plain = path.endsWith('.zst') ? await decompress(bytes) : bytes;
    for (const text of texts) if (plain.includes(text)) found.push(`${text} in ${path}`);
  }
  return found;
}

async function opensOf(server: Server, code: string): Promise<number | null> {
  for (;;) {
    const { status, body } = await server.api(`/v1/api/info/${code}`);
    if (status === 404) return null;
    if (status === 200) return (JSON.parse(body.toString()) as { total_opens: number }).total_opens;
    await sleep(100);
  }
}

async function linesBy(path: string): Promise<Map<string, number>> {
  const lines = new Map<string, number>();
  for (const line of (await readFile(path, 'utf8')).split('\n').filter(Boolean)) {
    const address = line.split('|')[3] ?? '';
    lines.set(address, (lines.get(address) ?? 0) + 1);
  }
  return lines;
}

test('erasures under load survive every kill, and cost nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-erasure-'));
  const dataDir = join(folder, 'data');
  const env = { TRUSTED_PROXIES: '127.0.0.1', COLLECTORS: '2', SEGMENT_BYTES: '1MiB' };
  const server = await startServer({ dataDir, port: await freePort(), env });
  const ledger: Ledger = { opens: new Map(), visits: new Map() };
  try {
    const mint = async (body: object): Promise<string> => {
      const minted = await post(server, '/v1/pixels', body);
      return String(minted['code'] ?? minted['unique_code']);
    };
    const staying = await Promise.all(Array.from({ length: 6 }, () => mint({ recipient: 'bob' })));
    const anas = await Promise.all(Array.from({ length: 4 }, () => mint({ recipient: RECIPIENT })));
    const alone = await mint({ label: 'alone' });
    for (let i = 0; i < 400; i++) {
      const codes = [...staying, ...anas, alone];
      const code = codes[i % codes.length] ?? '';
      await hit(server, ledger, code, STAYS, staying.includes(code) ? undefined : goneAgent(i));
      if (i % 3 === 0) await hit(server, ledger, null, GONE, goneAgent(400 + i));
      else await hit(server, ledger, null, STAYS);
    }
    const gone = [
      GONE,
      RECIPIENT,
      ...anas,
      alone,
      ...Array.from({ length: 800 }, (_, i) => goneAgent(i)),
    ];
    assert.notEqual(await opensOf(server, alone), null);
    assert.notDeepEqual(await filesWith(dataDir, gone, OF_STORE), [], 'the store has them');
    const jobs = new ErasureJobs(dataDir);
    const subjects: ErasureSubject[] = [
      { address: GONE },
      { recipient: RECIPIENT },
      { pixel: alone },
    ];
    const ids: string[] = [];
    for (const subject of subjects)
      ids.push((await post(server, '/v1/erasures', subject))['id'] ?? '');
    const loading = new AbortController();
    const load = (async () => {
      for (let i = 0; !loading.signal.aborted; i++) {
        await hit(server, ledger, staying[i % staying.length] ?? '', STAYS);
        await hit(server, ledger, null, STAYS);
      }
    })();
    const kills = await killUntilDone(server, jobs, ids);
    assert.deepEqual(await filesWith(dataDir, gone, OF_STORE), [], 'with the job done');
    loading.abort();
    await load;
    assert.ok(kills.anywhere > 0, 'nothing was killed');
    assert.ok(kills.drafts > 0, 'it was never killed while it made its file anew');
    for (const code of staying) assert.equal(await opensOf(server, code), ledger.opens.get(code));
    for (const code of [...anas, alone]) assert.equal(await opensOf(server, code), null);
    assert.deepEqual(
      await linesBy(join(dataDir, 'visits.log')),
      new Map([[STAYS, ledger.visits.get(STAYS)]]),
    );
    await server.stop();
    assert.deepEqual(await filesWith(dataDir, gone), []);
    const opens = staying.reduce((sum, code) => sum + (ledger.opens.get(code) ?? 0), 0);
    const { stdout } = await run(process.execPath, [MAIN, 'rebuild'], {
      env: { ...process.env, DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    });
    const expected = `${opens} opens, ${ledger.visits.get(STAYS)} visits, 6 pixels`;
    assert.ok(stdout.includes(`: ${expected}\n`), `${stdout} is not ${expected}`);
    assert.deepEqual(await filesWith(dataDir, gone), []);
  } finally {
    await endAll(dataDir);
    await rm(folder, { recursive: true, force: true });
  }
});
