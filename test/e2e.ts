// What the end-to-end tests say again and again: minting, asking for a report, looking at a pixel many
// times and waiting for something that may take a moment.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { endAll, type Answer, type Server } from './server.ts';

interface Minted {
  readonly image_url: string;
  readonly unique_code: string;
}

export interface Report {
  readonly uri: string;
  readonly total_opens: number;
  readonly created_at: string;
  readonly timeseries_data: readonly {
    readonly uri: string;
    readonly time_stamp: string;
    readonly ip_address: string;
    readonly user_agent: string | null;
    readonly referrer: string | null;
  }[];
}

const EVENTUALLY_MS_MAX = 15_000;
const LOOKERS = 8;

/**
 * A DATA_DIR of the test's own, which does not exist yet. Whatever still runs in it afterwards is ended, and
 * it is removed.
 */
export async function dataFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-e2e-'));
  const dataDir = join(folder, 'data');
  context.after(async () => {
    await endAll(dataDir);
    await rm(folder, { recursive: true, force: true });
  });
  return dataDir;
}

export async function mint(server: Server, base?: string): Promise<Minted> {
  const answer = await server.api('/v1/api/gen-image', base);
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString()) as Minted;
}

export async function info(
  server: Server,
  code: string,
  base?: string,
  query = '',
): Promise<Report> {
  const answer = await server.api(`/v1/api/info/${code}${query}`, base);
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString()) as Report;
}

/** The agents of a report's hits, sorted. */
export const agentsOf = (report: Report): string[] =>
  report.timeseries_data.map((hit) => hit.user_agent ?? '').toSorted();

export function assertProblem(answer: Answer, status: number): void {
  assert.equal(answer.status, status, answer.body.toString());
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  assert.equal((JSON.parse(answer.body.toString()) as { status: number }).status, status);
}

export interface Looks {
  /** Agents of the requests that got 200 and the image. */
  readonly acknowledged: ReadonlySet<string>;
  /** Agents of those that got 503 and the image. */
  readonly refused: ReadonlySet<string>;
  /** What else came, in words; a broken connection too. */
  readonly other: readonly string[];
}

/** Requests the image so many times, each as an agent of its own; `name` tells the calls' agents apart. */
export async function lookMany(
  server: Server,
  path: string,
  times: number,
  name = 'looker',
): Promise<Looks> {
  const acknowledged = new Set<string>();
  const refused = new Set<string>();
  const other: string[] = [];
  let next = 0;
  const look = async (): Promise<void> => {
    while (next < times) {
      next += 1;
      const agent = `${name}/${next}`;
      const answer = await server.get(path, { 'User-Agent': agent }).catch((error: unknown) => {
        other.push(String(error));
        return null;
      });
      if (answer === null) continue;
      assert.match(String(answer.headers['content-type']), /^image\/(png|gif)$/);
      if (answer.status === 200) acknowledged.add(agent);
      else if (answer.status === 503) refused.add(agent);
      else other.push(`status ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: LOOKERS }, look));
  return { acknowledged, refused, other };
}

/** The visit log's lines so far; none when there is no file yet. */
export const visitLines = async (dataDir: string): Promise<string[]> =>
  (await readFile(join(dataDir, 'visits.log'), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '');

/** Looks again and again until there is something to see, for as long as is decent. */
export async function eventually<T>(look: () => Promise<T | null>): Promise<T> {
  const until = Date.now() + EVENTUALLY_MS_MAX;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    assert.ok(Date.now() < until, 'it did not come in time');
    await sleep(50);
  }
}
