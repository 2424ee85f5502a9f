// Where Moto's server is looked for: a second implementation of SNS and SQS, independent of the first. It is
// Python's, so scripts/test-needs.ts installs it beside the packages, where there is a Python to do so.

import { fileURLToPath } from 'node:url';

export const motoVersion = '5.2.5';
export const motoFolder = fileURLToPath(new URL('../../node_modules/.cache/moto', import.meta.url));
export const motoServer = `${motoFolder}/bin/moto_server`;
