// What people read about the options: complete, and the same in the terminal and in the docs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { loadCommands } from '../commands/list.ts';
import { configurationPage, optionHelp } from './help.ts';
import { flagOf, OPTION_NAMES, variableOf } from './options.ts';

test('docs/configuration.md is what the option table says', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  assert.equal(page, configurationPage(await loadCommands()), 'run npm run docs');
  for (const name of OPTION_NAMES) assert.ok(page.includes(`| \`${variableOf(name)}\` |`), name);
});

test('the help of a command lists its own options and no others, in lines that fit a terminal', () => {
  const help = optionHelp(['loader']);
  assert.match(
    help,
    /^ {2}--visit-log FILE\|off\n {6}The plain-text visit log; off writes none\./m,
  );
  assert.ok(help.includes(flagOf('dataDir')));
  assert.ok(!help.includes(flagOf('collectors')));
  assert.ok(help.split('\n').every((line) => line.length <= 100));
});
