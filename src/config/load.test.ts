// Precedence, validation and error lines of the options, on the real table.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite, test, type TestContext } from 'node:test';

import type { Config } from './config.ts';
import { Failure } from './failure.ts';
import { parseCommandLine } from './flags.ts';
import { type Environment, loadConfig } from './load.ts';
import type { Role } from './option.ts';
import { flagOf, OPTION_NAMES, OPTIONS, optionsOf, variableOf } from './options.ts';

const EVERY_ROLE: readonly Role[] = [
  'supervisor',
  'collector',
  'journal-writer',
  'journal-reader',
  'loader',
  'api',
  'relay',
  'consumer',
  'judge',
];

async function load(args: readonly string[], environment: Environment = {}): Promise<Config> {
  return loadConfig(parseCommandLine(args), environment, EVERY_ROLE);
}

/** The one line that a wrong configuration ends with. */
async function complaint(run: () => Promise<unknown>): Promise<string> {
  const error = await run().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Failure, `not refused: ${String(error)}`);
  assert.equal(error.exitCode, 2);
  assert.doesNotMatch(error.message, /\n/);
  return error.message;
}

function configFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'truepixel-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'truepixel.json');
  writeFileSync(path, text);
  return path;
}

suite('the configuration', () => {
  test('has a default for everything', async () => {
    const config = await load([]);
    assert.deepEqual(Object.keys(config), OPTION_NAMES);
    assert.equal(config.port, 8000);
    assert.equal(config.baseUrl, 'http://localhost:8000');
    assert.equal(config.dataDir, resolve('data'));
    assert.equal(config.visitLog, resolve('data/visits.log'));
    assert.equal(config.apiToken, null);
    assert.ok(config.collectors >= 1);
  });

  test('takes a flag before a variable, that before the file, and that before the default', async (t) => {
    const path = configFile(t, '{"PORT": 1, "HOST": "10.0.0.1", "IP_POLICY": "none"}');
    const environment = { PORT: '2', HOST: '10.0.0.2', CONFIG: path };
    const config = await load(['--port', '3'], environment);
    assert.equal(config.port, 3);
    assert.equal(config.host, '10.0.0.2');
    assert.equal(config.ipPolicy, 'none');
    assert.equal(config.codeCheck, 'mac');
    assert.equal(config.baseUrl, 'http://localhost:3');
  });

  test('takes --config before CONFIG, and an empty variable for none', async (t) => {
    const wanted = configFile(t, '{"PORT": 1}');
    const other = configFile(t, '{"PORT": 2}');
    assert.equal((await load(['--config', wanted], { CONFIG: other })).port, 1);
    assert.equal((await load([], { CONFIG: '', PORT: '' })).port, 8000);
  });

  test('reads lists, null and numbers in the file', async (t) => {
    const path = configFile(
      t,
      '{"TRUSTED_PROXIES": ["10.0.0.0/8", "::1"], "API_PORT": null, "SEGMENT_BYTES": 2097152}',
    );
    const config = await load(['--config', path]);
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '::1/128']);
    assert.equal(config.apiPort, null);
    assert.equal(config.segmentBytes, 2 * 1024 * 1024);
  });
});

/** For each option what it accepts, with the outcome, and what it refuses. */
const VALUES: {
  [Name in keyof Config]: { good: [string, Config[Name]][]; bad: string[] };
} = {
  port: {
    good: [
      ['0', 0],
      ['65535', 65535],
    ],
    bad: ['65536', '-1', '80.5', '0x50', '1e3', 'http', ' '],
  },
  host: {
    good: [
      ['::', '::'],
      ['a.example', 'a.example'],
    ],
    bad: ['a b', 'http://x', '-a', 'a..b'],
  },
  baseUrl: {
    good: [
      ['https://a.example/', 'https://a.example'],
      ['https://a.example/px//', 'https://a.example/px'],
      ['http://a.example:80', 'http://a.example'],
    ],
    bad: [
      'a.example',
      '/px',
      'ftp://a.example',
      'https://a.example/?a',
      'https://a.example/#a',
      'https://u:p@a',
    ],
  },
  dataDir: {
    good: [
      ['/x/../y', '/y'],
      ['y', resolve('y')],
    ],
    bad: ['a\0b'],
  },
  apiPort: { good: [['9000', 9000]], bad: ['none', '99999'] },
  apiToken: {
    good: [['0123456789abcdef', '0123456789abcdef']],
    bad: ['short', 'has a space in its text', 'ünïcödé-ünïcödé-x'],
  },
  apiAuth: { good: [['none', 'none']], bad: ['off', 'TOKEN'] },
  metricsAuth: { good: [['none', 'none']], bad: ['off'] },
  connString: {
    good: [
      ['postgresql://admin:quest@host:8812/qdb', 'postgresql://admin:quest@host:8812/qdb'],
      ['postgres://[::1]', 'postgres://[::1]'],
    ],
    bad: ['x', 'http://host:8812', 'postgresql://', 'postgresql:///qdb', 'host:8812'],
  },
  questdbIlp: {
    good: [['https://u:p@host', 'https://u:p@host']],
    bad: ['host:9000', 'tcp://host:9009', 'http://host/write', 'http://host?x', 'http://'],
  },
  visitLog: {
    good: [
      ['off', null],
      ['/v.log', '/v.log'],
    ],
    bad: ['a\0b'],
  },
  corsOrigins: {
    good: [
      ['none', []],
      [
        'https://App.example, http://localhost:5173',
        ['https://app.example', 'http://localhost:5173'],
      ],
    ],
    bad: [
      '*',
      'null',
      'https://app.example/',
      'app.example',
      'https://a.example:443',
      'ftp://a',
      'a,,b',
    ],
  },
  trustedProxies: {
    good: [
      ['none', []],
      ['10.0.0.1, fd00::/8', ['10.0.0.1/32', 'fd00::/8']],
    ],
    bad: ['10.0.0.0/33', '10.1/16', '010.0.0.0/8', 'proxy.example', '10.0.0.1,,10.0.0.2', '::/129'],
  },
  collectors: { good: [['4', 4]], bad: ['0', '129', 'all'] },
  ipPolicy: { good: [['truncate', 'truncate']], bad: ['half'] },
  codeCheck: { good: [['off', 'off']], bad: ['none'] },
  codeSecret: { good: [['s'.repeat(32), 's'.repeat(32)]], bad: ['s'.repeat(31)] },
  segmentBytes: {
    good: [
      ['64MiB', 67_108_864],
      ['1M', 1_048_576],
    ],
    bad: ['1', '2GiB', '64 mebi', '1.5MiB'],
  },
  journalBytesMax: { good: [['1 tib', 2 ** 40]], bad: ['1MiB', '-1GiB', ''] },
  diskFreeBytesMin: {
    good: [
      ['0', 0],
      ['1024B', 1024],
    ],
    bad: ['9999999TiB', 'none'],
  },
  archiveDays: { good: [['30', 30]], bad: ['-1', '1w'] },
  snsTopic: {
    good: [
      [
        'arn:aws:sns:eu-west-1:123456789012:truepixel',
        'arn:aws:sns:eu-west-1:123456789012:truepixel',
      ],
      ['arn:aws-cn:sns:cn-north-1:000000000000:a_b', 'arn:aws-cn:sns:cn-north-1:000000000000:a_b'],
    ],
    bad: ['truepixel', 'arn:aws:sqs:eu-west-1:123456789012:q', 'arn:aws:sns:eu-west-1:1:t.fifo'],
  },
  sqsQueue: {
    good: [
      ['truepixel', 'truepixel'],
      [
        'arn:aws:sqs:eu-west-1:123456789012:truepixel',
        'arn:aws:sqs:eu-west-1:123456789012:truepixel',
      ],
      ['http://localhost:4566/000000000000/q', 'http://localhost:4566/000000000000/q'],
    ],
    bad: ['two words', 'arn:aws:sns:eu-west-1:123456789012:t', 'ftp://host/q', 'https://host/'],
  },
  storeMemoryBytes: { good: [['512m', 2 ** 29]], bad: ['1MiB'] },
  appleEgressFile: { good: [['/e.csv', '/e.csv']], bad: ['a\0b'] },
  scannerNetworksFile: {
    good: [
      ['shipped', 'shipped'],
      ['off', null],
      ['/s.csv', '/s.csv'],
    ],
    bad: ['a\0b'],
  },
  countryFile: {
    good: [
      ['shipped', 'shipped'],
      ['off', null],
      ['c.mmdb', resolve('c.mmdb')],
    ],
    bad: ['a\0b'],
  },
  scanNetworkSeconds: { good: [['0', 0]], bad: ['-1', '1.5', '86401'] },
  scanSentSeconds: { good: [['86400', 86_400]], bad: ['-1', '86401'] },
  scanCodesSeconds: { good: [['3', 3]], bad: ['3s'] },
  ignoredAddresses: {
    good: [
      ['none', []],
      ['192.0.2.1, 2001:db8::/32', ['192.0.2.1/32', '2001:db8::/32']],
    ],
    bad: ['home', '10.1/16', '192.0.2.1/33'],
  },
  repeatSeconds: {
    good: [
      ['0', 0],
      ['86400', 86_400],
    ],
    bad: ['86401', '-1', '10s'],
  },
  pixelMode: {
    good: [
      ['individual', 'individual'],
      ['aggregate', 'aggregate'],
      ['off', 'off'],
    ],
    bad: ['none', 'Aggregate'],
  },
  privacy: {
    good: [
      ['standard', 'standard'],
      ['strict', 'strict'],
    ],
    bad: ['on', 'STRICT'],
  },
  hitDays: {
    good: [
      ['0', 0],
      ['36500', 36_500],
    ],
    bad: ['36501', '-1', '1.5'],
  },
  logLevel: { good: [['silent', 'silent']], bad: ['trace', 'INFO'] },
};

suite('an option', () => {
  for (const name of OPTION_NAMES) {
    const variable = variableOf(name);
    test(`${variable} takes what is right, and refuses the rest with one line`, async () => {
      for (const [text, expected] of VALUES[name].good) {
        assert.deepEqual((await load([], { [variable]: text }))[name], expected, text);
        assert.deepEqual((await load([`${flagOf(name)}=${text}`]))[name], expected, text);
      }
      for (const text of VALUES[name].bad) {
        const line = await complaint(() => load([`${flagOf(name)}=${text}`]));
        assert.ok(line.startsWith(`${variable} (flag ${flagOf(name)}) `), line);
        assert.ok(line.endsWith(`expected ${OPTIONS[name].expected}`), line);
      }
    });
  }

  test('names the place that a wrong value came from', async (t) => {
    const path = configFile(t, '{"COLLECTORS": {"a": 1}}');
    assert.match(await complaint(() => load([], { PORT: 'x' })), /^PORT \(environment\) is "x"/);
    const line = await complaint(() => load(['--config', path]));
    assert.ok(line.startsWith(`COLLECTORS (file ${path}) is "{\\"a\\":1}"`), line);
  });

  test('never shows a secret, nor a line feed or a novel', async (t) => {
    const secret = 'swordfish with a space';
    const given = await complaint(() => load([], { API_TOKEN: secret }));
    assert.doesNotMatch(given, /swordfish/);
    const path = configFile(t, `{"API_TOKEN": "${secret}" oops`);
    assert.doesNotMatch(await complaint(() => load(['--config', path])), /swordfish/);
    const line = await complaint(() => load([], { HOST: `a\nb${'c'.repeat(10_000)}` }));
    assert.ok(line.length < 300);
  });

  test('with a password in it is not shown', async () => {
    const line = await complaint(() => load([], { CONN_STRING: 'postgrsql://a:b@c/d' }));
    assert.match(line, /^CONN_STRING .*expected a URL such as/);
    assert.doesNotMatch(line, /a:b/);
  });
});

suite('a mistake', () => {
  test('in a flag is named, with the one that was meant', async () => {
    const line = (args: readonly string[]): Promise<string> => complaint(() => load(args));
    assert.equal(await line(['--prot', '1']), 'unknown option "--prot": did you mean --port?');
    assert.equal(
      await line(['--api_port=1']),
      'unknown option "--api_port": did you mean --api-port?',
    );
    assert.match(await line(['--nonsense']), /unknown option "--nonsense": truepixel --help/);
    assert.match(await line(['-p', '1']), /unknown option "-p"/);
    assert.match(await line(['--port']), /^flag --port has no value: expected a port/);
    assert.match(await line(['--port', '--host', 'a']), /^flag --port has no value/);
  });

  test('in a file’s key is named, with the one that was meant', async (t) => {
    const line = await complaint(() => load(['--config', configFile(t, '{"port": 1}')]));
    assert.match(line, /has an unknown key "port": did you mean PORT\?$/);
  });

  test('in the file as a whole is named', async (t) => {
    assert.match(
      await complaint(() => load(['--config', '/no/such'])),
      /\/no\/such cannot be read/,
    );
    assert.match(await complaint(() => load(['--config', configFile(t, '[]')])), /JSON object/);
    assert.match(await complaint(() => load(['--config', configFile(t, '{')])), /is not JSON/);
  });

  test('of giving a command another’s option is named; its variable is none', async () => {
    const store: readonly Role[] = ['loader', 'api'];
    const line = parseCommandLine(['--collectors', '2']);
    assert.match(await complaint(() => loadConfig(line, {}, store)), /--collectors is not one of/);
    const config = await loadConfig(parseCommandLine([]), { COLLECTORS: '2' }, store);
    assert.equal(config.collectors, 2);
  });
});

test('every option has a reader, and a command has the options of its roles only', () => {
  assert.deepEqual(optionsOf(EVERY_ROLE), OPTION_NAMES);
  assert.deepEqual(optionsOf([]), ['dataDir', 'logLevel']);
  assert.ok(!optionsOf(['collector']).includes('visitLog'));
});

test('words and flags may stand in any order, and -- ends the flags', () => {
  const line = parseCommandLine(['--port=1', 'journal', '--host', '::', 'inspect', '--', '--port']);
  assert.deepEqual(line.words, ['journal', 'inspect', '--port']);
  assert.deepEqual(
    [...line.flags],
    [
      ['port', '1'],
      ['host', '::'],
    ],
  );
});
