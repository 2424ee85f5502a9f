// A thousand requests and more that nobody thought of, made from the document alone, to the whole server:
// none may make it fail, and none may be answered in a way that the document does not say.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dataFolder, info, lookMany, mint } from '../e2e.ts';
import { freePort, type Server, startServer, TEST_TOKEN } from '../server.ts';
import { schemathesisProgram } from './schemathesis.ts';

const SEED = 20_261_121;
const EXAMPLES = 15;
const MS_MAX = 300_000;

/** Why each is not asked for: what the document cannot say is no fault of the server's. */
const EXCLUDED_CHECKS = {
  positive_data_acceptance:
    'JSON Schema knows no bytes, time zones, tampered cursors, ranges, nor whether a key was used before',
  missing_required_header:
    'the only one is Authorization, which --header puts back again; ignored_auth asks without it',
  use_after_free: 'an erasure is a job: what it erases is still there when 202 is answered',
};
const EXCLUDED_OPERATIONS = {
  watchHits: 'it never ends, so there is no answer to be checked; src/api/live.test.ts does',
};

const missing =
  existsSync(schemathesisProgram) || process.env['CI'] === 'true'
    ? false
    : `no Schemathesis at ${schemathesisProgram} (npm test installs it where there is python3)`;

test(
  'what Schemathesis makes of the document never fails the server, nor is answered otherwise',
  { skip: missing, timeout: MS_MAX },
  async (context) => {
    const dataDir = await dataFolder(context);
    const port = await freePort();
    const server = await startServer({
      dataDir,
      port,
      env: { TRUSTED_PROXIES: '127.0.0.0/8', BASE_URL: `http://127.0.0.1:${port}` },
    });
    const { code, id } = await seed(server);
    const folder = dirname(dataDir);
    const hooks = fileURLToPath(new URL('hooks.py', import.meta.url));
    const config = join(folder, 'schemathesis.toml');
    await writeFile(config, configuration(hooks, code, id));
    const { status, said } = await run(folder, [
      `--config-file=${config}`,
      'run',
      `${server.baseUrl}/v1/openapi.json`,
      `--url=${server.baseUrl}`,
      `--header=Authorization: Bearer ${TEST_TOKEN}`,
      `--seed=${SEED}`,
      `--max-examples=${EXAMPLES}`,
      '--continue-on-failure',
      '--no-color',
      `--exclude-checks=${Object.keys(EXCLUDED_CHECKS).join(',')}`,
      ...Object.keys(EXCLUDED_OPERATIONS).map((operation) => `--exclude-operation-id=${operation}`),
    ]);
    context.diagnostic(/Test cases:\s+.*/.exec(said)?.[0] ?? 'no summary');
    assert.equal(status, 0, said);
    assert.equal(server.exit, null);
    const sent = Number(/(\d+) generated/.exec(said)?.[1]);
    assert.ok(sent > 1_000, said);
    // What it sent left the server as it was: a look is still counted.
    const pixel = await mint(server);
    await lookMany(server, `/image/${pixel.unique_code}.png`, 1);
    assert.equal((await info(server, pixel.unique_code)).total_opens, 1);
  },
);

/** Some pixels with opens and visits, and a hit that can be named. */
async function seed(server: Server): Promise<{ code: string; id: string }> {
  const pixels = await Promise.all([mint(server), mint(server), mint(server)]);
  for (const { unique_code: code } of pixels) await lookMany(server, `/image/${code}.png`, 5);
  await lookMany(server, '/track', 5);
  const code = pixels[0]?.unique_code ?? '';
  const answer = await server.api(`/v1/api/info/${code}`);
  const { timeseries_data: hits } = JSON.parse(answer.body.toString());
  return { code, id: hits[0].id };
}

const configuration = (hooks: string, code: string, id: string): string => `
hooks = ${JSON.stringify(hooks)}
request-timeout = 30
[generation]
database = "none"
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429", "431"]
[[operations]]
include-operation-id = "claimHit"
parameters = { "path.code" = ${JSON.stringify(code)}, "path.id" = ${JSON.stringify(id)} }
`;

async function run(cwd: string, words: string[]): Promise<{ status: number; said: string }> {
  const child = spawn(schemathesisProgram, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  const [status] = (await once(child, 'close')) as [number];
  return { status, said };
}
