// `npm run docs`: writes the pages that are generated from the code; a test fails when they differ.

import { writeFileSync } from 'node:fs';

import { loadCommands } from '../src/commands/list.ts';
import { configurationPage } from '../src/config/help.ts';

const page = configurationPage(await loadCommands());
writeFileSync(new URL('../docs/configuration.md', import.meta.url), page);
