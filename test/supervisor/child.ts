// A process of a server that does nothing but what its second argument says: `good`, or one way to go wrong.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../../src/config/failure.ts';
import { type RunningRole, runRole } from '../../src/supervisor/role.ts';
import { createLog } from '../../src/telemetry/log.ts';

const [, , name = 'child', behaviour = 'good', marks = ''] = process.argv;
const log = createLog('info', name);
const forever = (): Promise<never> => new Promise(() => setInterval(() => {}, 1_000));

async function start(waitsFor: (reason: string) => void): Promise<RunningRole> {
  const mark = join(marks, name);
  const isFirst = !existsSync(mark);
  writeFileSync(mark, '');
  if (behaviour === 'refuses-configuration') throw new Failure('a wrong value', 2);
  if (behaviour === 'cannot-start') throw new Failure('cannot start');
  if (behaviour === 'starts-once' && !isFirst) throw new Failure('cannot start again');
  if (behaviour === 'crashes') process.exit(70);
  if (behaviour === 'starts-late') await sleep(1_000);
  if (behaviour === 'never-ready') {
    waitsFor('somebody has the lock');
    await forever();
  }
  process.on('SIGHUP', () => log.info('hung up'));
  const alive = setInterval(() => {}, 1_000);
  return {
    ready: {},
    drain: async () => {
      if (behaviour === 'never-drains') await forever();
      clearInterval(alive);
      writeFileSync(`${mark}-drained`, '');
    },
  };
}

try {
  process.exit(await runRole({ name, log, start }));
} catch (error) {
  process.exit(error instanceof Failure ? error.exitCode : 70);
}
