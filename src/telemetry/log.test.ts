// The log as another process sees it: a real child, its stderr.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';

function logged(statements: string): { stdout: string; lines: Record<string, unknown>[] } {
  const script = `import { createLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url))};
    const log = createLog('info', 'store'); ${statements}`;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(child.status, 3, child.stderr.toString());
  const lines = child.stderr.toString().trim().split('\n');
  return {
    stdout: child.stdout.toString(),
    lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test('a line is JSON on stderr with time, level and process, and is not lost right before exit', () => {
  const { stdout, lines } = logged(`log.info({ port: 1 }, 'started'); process.exit(3);`);
  assert.equal(stdout, '');
  assert.equal(lines.length, 1);
  const [line = {}] = lines;
  assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(line['level'], 'info');
  assert.equal(line['process'], 'store');
  assert.equal(line['port'], 1);
  assert.equal(line['msg'], 'started');
});

test('a configuration that is logged whole keeps its secrets, and debug lines stay out at info', () => {
  const { lines } =
    logged(`log.debug('no'); log.info({ config: { apiToken: 'T', codeSecret: 'S' } }, 'x');
    log.error(new Error('broken'), 'failed'); process.exit(3);`);
  assert.deepEqual(lines[0]?.['config'], { apiToken: '[secret]', codeSecret: '[secret]' });
  assert.equal(lines.length, 2);
  assert.match(JSON.stringify(lines[1]?.['err']), /broken.*stack/);
});

test('a stderr that cannot be written ends no process, and none runs out of memory by it', () => {
  const script = `import { createLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url))};
    const log = createLog('info', 'store');
    for (let i = 0; i < 20_000; i += 1) log.info('a'.repeat(1_000));
    process.exit(process.memoryUsage().external + process.memoryUsage().heapUsed < 80e6 ? 3 : 4);`;
  const full = openSync('/dev/full', 'w');
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', full],
  });
  closeSync(full);
  assert.equal(child.status, 3);
});
