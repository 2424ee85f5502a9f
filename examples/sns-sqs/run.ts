// The walk-through of docs/bus.md: `npm run example:collect` and `npm run example:store`, each in a terminal
// of its own, are two machines in small. The first also runs the emulator that stands between them, and makes
// topic and queue in it. Every option can be set in the environment, which wins over the example's file.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MAIN = here('../../src/main.ts');
const role = process.argv[2] === 'store' ? 'store' : 'collect';
const emulatorPort = process.env['EMULATOR_PORT'] ?? '4566';
const environment = {
  AWS_ENDPOINT_URL: `http://127.0.0.1:${emulatorPort}`,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'any',
  HOST: '127.0.0.1',
  ...process.env,
};

/** Null, and said in one line, when it cannot be had. */
async function startEmulator(): Promise<ChildProcess | null> {
  const emulator = fork(here('emulator.ts'), [emulatorPort], {
    stdio: ['ignore', 1, 'ignore', 'ipc'],
  });
  const said = await Promise.race([once(emulator, 'message'), once(emulator, 'exit')]);
  if (typeof said[0] === 'object' && said[0] !== null) return emulator;
  process.stderr.write(
    `truepixel: the emulator cannot listen on port ${emulatorPort}: set EMULATOR_PORT to a free one, ` +
      'for both commands\n',
  );
  return null;
}

async function run(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function collect(): Promise<number> {
  const emulator = await startEmulator();
  if (emulator === null) return 1;
  const set = await run('aws-setup', 'truepixel');
  const code = set === 0 ? await run('collect', '--config', here('collect.json')) : set;
  emulator.disconnect();
  return code;
}

process.exitCode =
  role === 'collect' ? await collect() : await run('store', '--config', here('store.json'));
