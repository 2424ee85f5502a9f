#!/usr/bin/env node
// The command `truepixel` in a checkout: does the set-up when it is due, then runs src/main.ts.

import { boot } from '../scripts/boot.mjs';

await boot('src/main.ts', process.argv.slice(2), false);
