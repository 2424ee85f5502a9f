// A supervisor hands its configuration to its processes through their environment: whatever it is, it
// arrives as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCommandLine } from './flags.ts';
import { environmentOf, loadConfig } from './load.ts';
import { OPTION_NAMES, OPTIONS } from './options.ts';

const SEED = 20261121;
/** Of all options together. */
const EVERY_ROLE = [
  ...new Set(
    OPTION_NAMES.flatMap((name) => (OPTIONS[name].roles === 'every' ? [] : OPTIONS[name].roles)),
  ),
];

const anyConfig = fc.record(
  {
    port: fc.integer({ min: 0, max: 65_535 }),
    host: fc.constantFrom('0.0.0.0', '::1', 'a.example'),
    baseUrl: fc.constantFrom('http://localhost:8000', 'https://a.example/px'),
    dataDir: fc.constantFrom('/data', '/with space/d'),
    apiPort: fc.option(fc.integer({ min: 0, max: 65_535 })),
    apiToken: fc.option(fc.stringMatching(/^[\x21-\x7e]{16,40}$/)),
    apiAuth: fc.constantFrom('token' as const, 'none' as const),
    metricsAuth: fc.constantFrom('token' as const, 'none' as const),
    connString: fc.option(fc.constant('postgresql://admin:quest@host:8812/qdb')),
    questdbIlp: fc.option(fc.constant('http://admin:quest@host:9000')),
    visitLog: fc.option(fc.constantFrom('/data/visits.log', '/with space/v')),
    trustedProxies: fc.subarray(['10.0.0.0/8', '::1/128', '192.0.2.1/32']),
    corsOrigins: fc.subarray(['https://app.example', 'http://localhost:5173']),
    collectors: fc.integer({ min: 1, max: 128 }),
    ipPolicy: fc.constantFrom('full' as const, 'truncate' as const, 'none' as const),
    codeCheck: fc.constantFrom('mac' as const, 'off' as const),
    codeSecret: fc.option(fc.stringMatching(/^[\x21-\x7e]{32,64}$/)),
    segmentBytes: fc.integer({ min: 2 ** 20, max: 2 ** 30 }),
    journalBytesMax: fc.integer({ min: 2 ** 22, max: 2 ** 50 }),
    diskFreeBytesMin: fc.integer({ min: 0, max: 2 ** 50 }),
    archiveDays: fc.integer({ min: 0, max: 36_500 }),
    snsTopic: fc.option(fc.constant('arn:aws:sns:eu-west-1:123456789012:truepixel')),
    sqsQueue: fc.option(fc.constantFrom('truepixel', 'https://sqs.eu-west-1.amazonaws.com/1/q')),
    storeMemoryBytes: fc.integer({ min: 2 ** 26, max: 2 ** 50 }),
    appleEgressFile: fc.option(fc.constantFrom('/data/egress.csv', '/with space/e.csv')),
    scannerNetworksFile: fc.option(fc.constantFrom('shipped', '/with space/s.csv')),
    countryFile: fc.option(fc.constantFrom('shipped', '/with space/c.mmdb')),
    scanNetworkSeconds: fc.integer({ min: 0, max: 86_400 }),
    scanSentSeconds: fc.integer({ min: 0, max: 86_400 }),
    scanCodesSeconds: fc.integer({ min: 0, max: 86_400 }),
    ignoredAddresses: fc.subarray(['10.0.0.0/8', '::1/128', '192.0.2.1/32']),
    repeatSeconds: fc.integer({ min: 0, max: 86_400 }),
    pixelMode: fc.constantFrom('individual' as const, 'aggregate' as const, 'off' as const),
    privacy: fc.constantFrom('standard' as const, 'strict' as const),
    hitDays: fc.integer({ min: 0, max: 36_500 }),
    logLevel: fc.constantFrom('fatal' as const, 'info' as const, 'silent' as const),
  },
  { noNullPrototype: true },
);

test('a child process gets exactly the same configuration, whatever else it inherits', async () => {
  const property = fc.asyncProperty(anyConfig, async (config) => {
    const inherited = { CONFIG: '/no/such/file', API_PORT: '1', VISIT_LOG: 'x', PATH: '/bin' };
    const environment = environmentOf(config, inherited);
    assert.equal(environment['PATH'], '/bin');
    assert.deepEqual(await loadConfig(parseCommandLine([]), environment, EVERY_ROLE), config);
  });
  await fc.assert(property, { seed: SEED, numRuns: 300 });
});
