// Where Schemathesis is looked for: it reads docs/openapi.json and sends a server whatever the document
// allows and what it does not. It is Python's, so scripts/test-needs.ts installs it beside the packages,
// where there is a Python to do so.

import { fileURLToPath } from 'node:url';

export const schemathesisPackages = ['schemathesis==4.32.5'];
export const schemathesisFolder = fileURLToPath(
  new URL('../../node_modules/.cache/schemathesis', import.meta.url),
);
export const schemathesisProgram = `${schemathesisFolder}/bin/schemathesis`;
