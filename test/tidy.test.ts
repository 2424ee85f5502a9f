// House style is a test: sizes, layers, names and dead exports, here and not in anybody's head. Every rule
// is first shown to fail on a small bad sample.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as rules from './tidy/rules.ts';
import { readSources, type Source } from './tidy/source.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const sources = readSources(root);
const file = (path: string, text: string): Source => ({ path, text });

const user = (path: string, target: string, name: string): Source =>
  file(path, `// Why.\nimport { ${name} } from '${target}';\n`);

/** Each rule with samples that it must refuse, and samples that look alike and are fine. */
const table: readonly [string, rules.Rule, bad: Source[][], good: Source[][]][] = [
  [
    'no file has more than 400 lines',
    rules.filesAreShort,
    [[file('src/a.ts', 'x\n'.repeat(401))]],
    [[file('src/a.ts', 'x\n'.repeat(400))], [file('src/limits.ts', 'x\n'.repeat(401))]],
  ],
  [
    'no line has more than 110 columns',
    rules.linesAreShort,
    [[file('src/a.ts', `${'é'.repeat(111)}\n`)]],
    [[file('src/a.ts', `${'é'.repeat(110)}\n`)]],
  ],
  [
    'every file opens by saying why it exists',
    rules.filesSayWhy,
    [[file('src/a.ts', "import 'node:fs';\n")]],
    [[file('src/a.ts', '// Why.\n')], [file('bin/a.mjs', '#!/usr/bin/env node\n// Why.\n')]],
  ],
  [
    'no file and nothing in it is named after a drawer',
    rules.namesSayWhat,
    [
      [file('src/hit/utils.ts', '')],
      [file('src/helpers/a.ts', '')],
      [file('src/hit/hit.types.ts', '')],
      [file('src/a.ts', ['class Segment', 'Manager {}'].join(''))],
    ],
    [[file('src/hit/hit.ts', 'class Segment {}')], [file('src/api/mime-type.ts', '')]],
  ],
  [
    'nothing is a barrel',
    rules.nothingIsABarrel,
    [
      [file('src/hit/index.ts', '// Why.\n')],
      [file('src/hit/a.ts', "export { b } from './b.ts';\n")],
      [file('src/hit/a.ts', "export * from './b.ts';\n")],
    ],
    [[file('src/hit/a.ts', "export const from = 'x';\n")]],
  ],
  [
    'imports go down the layers',
    rules.importsGoDown,
    [
      [user('src/hit/a.ts', '../journal/b.ts', 'b')],
      [file('src/hit/a.ts', "const b = await import('../journal/b.ts');\n")],
      [user('src/hit/a.ts', '../../test/b.ts', 'b')],
      [user('src/elsewhere/a.ts', './b.ts', 'b')],
    ],
    [
      [user('src/journal/a.ts', '../hit/b.ts', 'b')],
      [user('src/hit/a.ts', './b.ts', 'b')],
      [user('src/hit/a.test.ts', '../journal/b.ts', 'b')],
    ],
  ],
  [
    'what must not know each other does not',
    rules.bansHold,
    [
      [user('src/collector/a.ts', '../store/store.ts', 'Store')],
      [user('src/collector/a.ts', 'zod', 'z')],
      [user('src/api/a.ts', '../collector/b.ts', 'b')],
      [user('dashboard/src/a.tsx', '../../src/limits.ts', 'B')],
    ],
    [[user('src/api/a.ts', 'zod', 'z')], [user('src/collector/a.ts', '../hit/b.ts', 'b')]],
  ],
  [
    'only the composition root names a vendor’s adapter, and loads it lazily',
    rules.vendorsStayOutside,
    [
      [user('src/delivery/a.ts', '../store/duckdb.ts', 'b')],
      [user('src/store/a.ts', '@duckdb/node-api', 'b')],
      [user('src/commands/a.ts', '../store/duckdb.ts', 'b')],
    ],
    [
      [file('src/commands/a.ts', "const { b } = await import('../store/duckdb.ts');\n")],
      [user('src/store/duckdb.ts', '@duckdb/node-api', 'b')],
      [user('src/store/duckdb.ts', './duckdb-schema.ts', 'b')],
    ],
  ],
  [
    'every export is used outside its file, and not by tests alone',
    rules.exportsAreUsed,
    [
      [file('src/hit/a.ts', 'export const b = 1;\n')],
      [file('dashboard/src/parts/a.tsx', 'export function A() {}\n')],
      [file('src/hit/a.ts', 'export { b };\n')],
      [file('src/hit/a.ts', 'export interface B {}\n')],
      [file('src/hit/a.ts', 'export function b() {}\n'), user('src/hit/c.test.ts', './a.ts', 'b')],
    ],
    [
      [file('src/hit/a.ts', 'export class B {}\n'), user('src/hit/c.ts', './a.ts', 'B')],
      [
        file('src/hit/a.ts', 'export const b = 1;\n'),
        file('src/hit/c.ts', "import * as a from './a.ts';\na.b();\n"),
      ],
      [
        file('src/hit/a.ts', 'export interface B {}\nexport const c = (b: B) => b;\n'),
        file('src/main.ts', "await (await import('./hit/a.ts')).c();\n"),
      ],
    ],
  ],
];

suite('the house style', () => {
  for (const [title, rule, bad, good] of table) {
    test(title, () => {
      for (const sample of bad) assert.notDeepEqual(rule(sample), [], JSON.stringify(sample));
      for (const sample of good) assert.deepEqual(rule(sample), []);
      assert.deepEqual(rule(sources), []);
    });
  }

  test('no exception from the rule on exports outlives its need', () => {
    assert.deepEqual(rules.exceptionsAreNeeded(sources), []);
  });

  test('the linter refuses a function of 70 lines', () => {
    const folder = mkdtempSync(join(tmpdir(), 'truepixel-tidy-'));
    try {
      const lint = (lines: number): string => {
        const body = 'void 0;\n'.repeat(lines - 2);
        writeFileSync(join(folder, 'a.ts'), `export function a(): void {\n${body}}\n`);
        const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
        const args = [oxlint, '--config', join(root, '.oxlintrc.json'), folder];
        return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout;
      };
      assert.match(lint(70), /max-lines-per-function/);
      assert.doesNotMatch(lint(69), /max-lines-per-function/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

suite('the documents', () => {
  test('every invariant names a test that is there', () => {
    const tests = [file('src/a.test.ts', "test('a hit is kept', () => {});")];
    const check = (page: string): string[] => rules.invariantsAreTested(page, tests);
    assert.deepEqual(check('1. Kept. `src/a.test.ts` “a hit is kept”\n'), []);
    assert.deepEqual(check('1. Kept.\n   `src/a.test.ts`\n   “a hit is kept”\n'), []);
    assert.equal(check('1. Kept. `src/a.test.ts` “a hit is lost”\n').length, 1);
    assert.equal(check('1. Kept. `src/b.test.ts` “a hit is kept”\n').length, 1);
    assert.equal(check('1. Kept.\n2. `src/a.test.ts` “a hit is kept”\n').length, 1);

    const page = readFileSync(join(root, 'docs/invariants.md'), 'utf8');
    assert.match(page, /^(#+ |\*\*)?I?1\b/m);
    assert.deepEqual(rules.invariantsAreTested(page, sources), []);
  });

  test('there is a change log, a licence and a guide for contributors', () => {
    const missing = [
      'CHANGELOG.md',
      'LICENSE',
      'CONTRIBUTING.md',
      'ARCHITECTURE.md',
      'README.md',
    ].filter((name) => !existsSync(join(root, name)));
    assert.deepEqual(missing, []);
  });
});

test('the lock file names every optional package, so that npm ci takes it on any platform', () => {
  const packages = { a: { optionalDependencies: { b: '1.0.0' } } };
  assert.equal(rules.lockIsComplete({ packages }).length, 1);
  assert.equal(rules.lockIsComplete({ packages: { ...packages, 'node_modules/b': {} } }).length, 0);

  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  assert.deepEqual(rules.lockIsComplete(JSON.parse(lock)), []);
});
