// Reading a build: which files of it are served, and as what.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readDashboard } from './dashboard-files.ts';

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'truepixel-dist-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

test('a build is its page and its files, each with what was compressed of it', (t) => {
  const read = readDashboard(
    folder(t, {
      'index.html': '<!doctype html>',
      'made-from': 'a digest',
      'assets/a-1.js': 'script',
      'assets/a-1.js.br': 'b',
      'assets/a-1.js.gz': 'g',
      'assets/b-1.css': 'style',
      'assets/notes.txt': 'nothing to serve',
    }),
  );
  assert.ok(read);
  assert.equal(read.page, '<!doctype html>');
  assert.deepEqual([...read.assets.keys()].toSorted(), ['a-1.js', 'b-1.css']);
  const script = read.assets.get('a-1.js');
  assert.deepEqual([script?.plain, script?.br, script?.gzip].map(String), ['script', 'b', 'g']);
  assert.equal(script?.type, 'text/javascript; charset=utf-8');
  assert.equal(read.assets.get('b-1.css')?.br, null);
});

test('a folder without a page is no build', (t) => {
  assert.equal(readDashboard(folder(t, { 'assets/a-1.js': 'script' })), null);
  assert.equal(readDashboard('/nowhere/at/all'), null);
});
