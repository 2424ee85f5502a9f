// The secrets on a real disk, with real processes that race for them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';

import type { Config } from './config.ts';
import { Failure } from './failure.ts';
import { parseCommandLine } from './flags.ts';
import { loadConfig } from './load.ts';
import { secretsDir } from './paths.ts';
import { apiTokenPath, loadSecrets } from './secrets.ts';

async function configIn(t: TestContext, environment: Record<string, string> = {}): Promise<Config> {
  const folder = mkdtempSync(join(tmpdir(), 'truepixel-secrets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const settings = { DATA_DIR: join(folder, 'data'), ...environment };
  return loadConfig(parseCommandLine([]), settings, []);
}

suite('the secrets', () => {
  test('are made at first use, for this user alone, and stay the same', async (t) => {
    const config = await configIn(t);
    const first = await loadSecrets(config);
    assert.equal(first.apiTokenCreated, true);
    assert.match(first.apiToken, /^[\w-]{43}$/);
    assert.equal(first.codeSecret.length, 43);
    assert.deepEqual(await loadSecrets(config), { ...first, apiTokenCreated: false });

    const folder = secretsDir(config.dataDir);
    for (const path of [config.dataDir, folder]) assert.equal(statSync(path).mode & 0o777, 0o700);
    const names = readdirSync(folder);
    assert.deepEqual(names.toSorted(), ['api-token', 'code-secret']);
    for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  });

  test('are those that the operator gave, and nothing is written then', async (t) => {
    const config = await configIn(t, {
      API_TOKEN: 'an-api-token-of-mine',
      CODE_SECRET: 'c'.repeat(40),
    });
    const secrets = await loadSecrets(config);
    assert.equal(secrets.apiToken, 'an-api-token-of-mine');
    assert.equal(secrets.codeSecret.toString(), 'c'.repeat(40));
    assert.equal(secrets.apiTokenCreated, false);
    assert.deepEqual(readdirSync(secretsDir(config.dataDir)), []);
  });

  test('are the same for processes that race for them, and one of these made them', async (t) => {
    const config = await configIn(t);
    const script = `
      import { loadSecrets } from ${JSON.stringify(new URL('./secrets.ts', import.meta.url).href)};
      const { apiToken, codeSecret, apiTokenCreated } = await loadSecrets(${JSON.stringify(config)});
      console.log(JSON.stringify({ apiToken, code: codeSecret.toString(), apiTokenCreated }));`;
    const run = (): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.on('close', () => resolve(output));
      });
    const outputs = await Promise.all(Array.from({ length: 6 }, run));
    const seen = outputs.map(
      (output) =>
        JSON.parse(output) as { apiToken: string; code: string; apiTokenCreated: boolean },
    );
    assert.equal(new Set(seen.map(({ apiToken, code }) => `${apiToken} ${code}`)).size, 1);
    assert.equal(seen.filter(({ apiTokenCreated }) => apiTokenCreated).length, 1);
    assert.equal(readdirSync(secretsDir(config.dataDir)).length, 2, 'a draft was left');
  });

  test('are never replaced when a file is damaged', async (t) => {
    const config = await configIn(t);
    await loadSecrets(config);
    writeFileSync(apiTokenPath(config.dataDir), 'half a tok');
    await assert.rejects(loadSecrets(config), (error) => {
      assert.ok(error instanceof Failure);
      return /api-token is damaged/.test(error.message);
    });
  });

  test('cannot be kept in a DATA_DIR that is no folder, and one line says so', async (t) => {
    const config = await configIn(t);
    writeFileSync(config.dataDir, '');
    await assert.rejects(
      loadSecrets(config),
      /^Failure: DATA_DIR .* cannot be written to \(EEXIST\)$/,
    );
  });
});
