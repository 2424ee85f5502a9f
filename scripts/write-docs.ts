// `npm run docs`: writes the pages that are generated from the code; a test fails when they differ.

import { writeFileSync } from 'node:fs';

import { loadCommands } from '../src/commands/list.ts';
import { configurationPage } from '../src/config/help.ts';
import { readDocument } from '../test/api-rig.ts';
import { clientDeclarations } from './client-declarations.ts';
import { declarations } from './declarations.ts';

const write = (name: string, text: string): void =>
  writeFileSync(new URL(`../${name}`, import.meta.url), text);

write('docs/configuration.md', configurationPage(await loadCommands()));
const document = await readDocument();
write('docs/openapi.json', `${JSON.stringify(document, null, 2)}\n`);
write('client/api.d.ts', declarations(document));
for (const [name, text] of clientDeclarations()) write(`client/${name}`, text);
