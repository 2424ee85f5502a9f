// `truepixel classify` from outside: one line out for each line in, in order, whatever comes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLASSIFY_LINE_BYTES_MAX } from '../limits.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

const folder = mkdtempSync(join(tmpdir(), 'truepixel-classify-'));
after(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

const start = (environment: Record<string, string> = {}): ReturnType<typeof spawn> =>
  spawn(process.execPath, [MAIN, 'classify'], { env: environment });

async function classify(input: string | Buffer, environment = {}): Promise<Outcome> {
  const child = start(environment);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = stdout.split('\n').slice(0, -1);
  return { code, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), stderr };
}

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

suite('truepixel classify', { concurrency: 2 }, () => {
  test('prints all six keys; takes CRLF, empty lines and a last line without end', async () => {
    const { code, lines, stderr } = await classify(`${CHROME}\r\n\nMozilla/5.0\n\r\ncurl/8.9.1`);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.deepEqual(lines[0], {
      class: 'human-browser',
      reason: 'browser-agent',
      client: 'Chrome',
      os: 'Linux',
      device: 'desktop',
      country: null,
    });
    assert.deepEqual(
      lines.map((line) => line['class']),
      ['human-browser', 'unknown', 'apple-mpp', 'unknown', 'http-library'],
    );
  });

  test('nothing in gives nothing out', async () => {
    assert.deepEqual(await classify(''), { code: 0, lines: [], stderr: '' });
  });

  test('takes JSON with address and headers, whose names come in any case', async () => {
    const input = [
      { ua: CHROME, ip: '81.2.69.160' },
      { ua: CHROME, ip: '[::ffff:81.2.69.160]:1234' },
      { ua: CHROME, headers: { 'SEC-Purpose': 'prefetch' } },
      { ua: CHROME, headers: { purpose: 'prefetch' } },
      { headers: { 'User-Agent': 'curl/8.9.1' } },
      { ua: null, ip: '', headers: {} },
      {},
    ];
    const { code, lines } = await classify(input.map(jsonLine).join(''));
    assert.equal(code, 0);
    assert.deepEqual(
      lines.map((line) => line['class']),
      [
        'human-browser',
        'human-browser',
        'prefetch',
        'prefetch',
        'http-library',
        'unknown',
        'unknown',
      ],
    );
    assert.deepEqual([lines[0]?.['country'], lines[1]?.['country']], ['GB', 'GB']);
  });

  test('says what is wrong with a line, goes on, and exits with 1', async () => {
    const input = `{oops\n${jsonLine({ ip: 'here' })}${jsonLine({ ua: 1 })}curl/8.9.1\n`;
    const { code, lines } = await classify(input);
    assert.equal(code, 1);
    assert.deepEqual(lines.slice(0, 2), [{ error: 'not JSON' }, { error: 'ip is no address' }]);
    assert.match(String(lines[2]?.['error']), /^ua /);
    assert.equal(lines[3]?.['class'], 'http-library');
  });

  test('a line too long is an error of its own, also across chunks', async () => {
    const long = 'x'.repeat(3 * CLASSIFY_LINE_BYTES_MAX);
    const { code, lines } = await classify(`${long}\ncurl/8.9.1\n${long}`);
    assert.equal(code, 1);
    assert.equal(lines.length, 3);
    assert.equal(lines[1]?.['class'], 'http-library');
    for (const line of [lines[0], lines[2]]) assert.match(String(line?.['error']), /^longer than/);
  });

  test('bytes that are no UTF-8, and long or hostile agents, get a verdict', async () => {
    const input = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x80, 0x0a]),
      Buffer.from(`${'a.'.repeat(4_096)}\n${'\0'.repeat(100)}\n`),
    ]);
    const { code, lines } = await classify(input);
    assert.equal(code, 0);
    assert.equal(lines.length, 3);
    for (const line of lines) assert.equal(typeof line['class'], 'string');
  });

  test('shows what a hit’s circumstances change', async () => {
    const sent = { ua: CHROME, ip: '67.231.144.5', sent_at: '2026-01-01T00:00:00Z' };
    const many = (code: string): unknown => ({
      ...sent,
      ip: '192.0.2.1',
      code,
      at: '2026-01-01T00:00:02Z',
    });
    const input = [
      { ...sent, at: '2026-01-01T00:00:05Z' },
      { ...sent, at: '2026-01-01T01:00:00Z' },
      many('a'),
      many('b'),
      many('c'),
    ];
    const { lines } = await classify(input.map(jsonLine).join(''));
    assert.deepEqual(
      lines.map((line) => line['reason'] === 'scanner-behaviour'),
      [true, false, false, false, true],
    );
  });

  test('an operator’s files are used, and a broken one ends it with 2 and its name', async () => {
    const path = join(folder, 'apple.csv');
    writeFileSync(path, '192.0.2.0/24,FR,,,\n');
    const input = jsonLine({ ua: 'Mozilla/5.0', ip: '192.0.2.9' });
    const good = await classify(input, { APPLE_EGRESS_FILE: path });
    assert.equal(good.lines[0]?.['reason'], 'apple-mpp-listed');
    writeFileSync(path, 'oops\n');
    const bad = await classify(input, { APPLE_EGRESS_FILE: path });
    assert.equal(bad.code, 2);
    assert.equal(bad.stderr, `truepixel: ${path}, line 1, does not begin with a network\n`);
  });

  test('ends quietly when its reader goes away', async () => {
    const child = start();
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin?.on('error', () => undefined);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const timer = setInterval(() => child.stdin?.write(`${CHROME}\n`.repeat(1_000)), 5);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearInterval(timer);
    assert.equal(code, 0);
    assert.equal(stderr, '');
  });

  test('keeps the order over many lines', async () => {
    const agents = Array.from({ length: 20_000 }, (_, i) => (i % 3 === 0 ? CHROME : `curl/${i}.0`));
    const { lines } = await classify(agents.join('\n'));
    assert.equal(lines.length, agents.length);
    for (const [i, line] of lines.entries()) {
      assert.equal(line['class'], i % 3 === 0 ? 'human-browser' : 'http-library');
    }
  });
});
