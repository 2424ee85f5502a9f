// The walk-through of docs/bus.md: `npm run example:collect` and `npm run example:store`, each in a terminal of
// its own, are two machines in small. The first also runs the emulator that stands between them, and makes topic
// and queue in it. Every option can be set in the environment, which wins over the example's file.

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

async function startEmulator(): Promise<ChildProcess> {
  const emulator = fork(here('emulator.ts'), [emulatorPort]);
  const said = await Promise.race([once(emulator, 'message'), once(emulator, 'exit')]);
  if (typeof said[0] !== 'object') throw new Error(`the emulator did not start (${said[0]})`);
  return emulator;
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

const emulator = role === 'collect' ? await startEmulator() : null;
if (emulator !== null) await run('aws-setup', 'truepixel');
process.exitCode = await run(role, '--config', here(`${role}.json`));
emulator?.disconnect();
