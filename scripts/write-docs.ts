// `npm run docs`: writes the pages that are generated from the code; a test fails when they differ.

import { writeFileSync } from 'node:fs';

import { loadCommands } from '../src/commands/list.ts';
import { configurationPage } from '../src/config/help.ts';
import { readDocument } from '../test/api-rig.ts';

const write = (name: string, text: string): void =>
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);

write('configuration.md', configurationPage(await loadCommands()));
write('openapi.json', `${JSON.stringify(await readDocument(), null, 2)}\n`);
