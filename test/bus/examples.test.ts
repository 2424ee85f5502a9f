// The examples are what people copy: each configuration loads, and the walk-through of docs/bus.md works.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { collectCommand } from '../../src/commands/serve.ts';
import { storeCommand } from '../../src/commands/store.ts';
import { loadConfig } from '../../src/config/load.ts';
import { optionsOf, variableOf } from '../../src/config/options.ts';
import { endAll, freePort, get, TEST_TOKEN } from '../server.ts';

const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/sns-sqs/${name}`, import.meta.url));

test('every example configuration loads, and sets nothing that its command ignores', async () => {
  for (const [name, { roles }] of [
    ['collect.json', collectCommand],
    ['collect.full.json', collectCommand],
    ['store.json', storeCommand],
    ['store.full.json', storeCommand],
  ] as const) {
    const configFile = example(name);
    const config = await loadConfig({ flags: new Map(), configFile }, {}, roles);
    assert.ok(config.snsTopic !== null || config.sqsQueue !== null, name);
    const { default: given } = (await import(configFile, { with: { type: 'json' } })) as {
      default: Record<string, unknown>;
    };
    const used = new Set(optionsOf(roles).map(variableOf));
    assert.deepEqual(
      Object.keys(given).filter((key) => !used.has(key)),
      [],
      name,
    );
  }
});

async function start(
  t: TestContext,
  role: 'collect' | 'store',
  env: Record<string, string>,
): Promise<void> {
  const child = spawn(process.execPath, [example('run.ts'), role], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] ?? '', COLLECTORS: '1', API_TOKEN: TEST_TOKEN, ...env },
  });
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
}

test('the walk-through runs: minted at one command, looked at with the other, read back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-example-'));
  t.after(async () => {
    for (const machine of ['collect', 'store']) await endAll(join(folder, machine));
    await rm(folder, { recursive: true, force: true });
  });
  const [port, apiPort, emulatorPort] = [await freePort(), await freePort(), await freePort()];
  const shared = { EMULATOR_PORT: String(emulatorPort), BASE_URL: `http://127.0.0.1:${port}` };
  const collectEnv = { PORT: String(port), DATA_DIR: join(folder, 'collect') };
  await start(t, 'collect', { ...shared, ...collectEnv });
  const storeEnv = { API_PORT: String(apiPort), DATA_DIR: join(folder, 'store') };
  await start(t, 'store', { ...shared, ...storeEnv });
  const api = async (path: string): Promise<Record<string, unknown> | null> => {
    const headers = { Authorization: `Bearer ${TEST_TOKEN}` };
    const answer = await get(`http://127.0.0.1:${apiPort}${path}`, headers).catch(() => null);
    if (answer?.status !== 200) return null;
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  };
  const deadline = Date.now() + 30_000;
  const until = async <T>(ask: () => Promise<T | null>): Promise<T> => {
    for (;;) {
      const answer = await ask();
      if (answer !== null) return answer;
      if (Date.now() > deadline) throw new Error('the walk-through does not work');
      await sleep(50);
    }
  };
  const minted = await until(() => api('/v1/api/gen-image'));
  const looked = await until(() => get(String(minted['image_url'])).catch(() => null));
  assert.equal(looked.status, 200);
  const opens = await until(async () => {
    const info = await api(`/v1/api/info/${String(minted['unique_code'])}`);
    return info !== null && Number(info['total_opens']) > 0 ? Number(info['total_opens']) : null;
  });
  assert.equal(opens, 1);
});

test('an emulator whose port is taken says in one line what to set', async (t) => {
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => {
    taken.listen(port, '127.0.0.1', resolve);
  });
  t.after(() => taken.close());
  const child = spawn(process.execPath, [example('run.ts'), 'collect'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', EMULATOR_PORT: String(port) },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => (said += piece.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 1);
  assert.match(said, /^truepixel: [^\n]*port \d+: set EMULATOR_PORT to a free one[^\n]*\n$/);
});
