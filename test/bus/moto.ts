// Where Moto's server is looked for: a second implementation of SNS and SQS, independent of the first. It is
// Python's, so scripts/test-needs.ts installs it beside the packages, where there is a Python to do so.

import { fileURLToPath } from 'node:url';

/** Not `moto[server]`, which brings the needs of every service. */
export const motoPackages = ['moto[sns,sqs]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];
export const motoFolder = fileURLToPath(new URL('../../node_modules/.cache/moto', import.meta.url));
export const motoServer = `${motoFolder}/bin/moto_server`;
