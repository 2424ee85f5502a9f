// An emulator of SNS and SQS as a process of its own, on the loopback alone (its own start binds every
// address). It ends with the process that started it, if one did, and forgets everything then.

import { buildApp } from 'fauxqs';

const port = Number(process.argv[2] ?? 4566);
const app = buildApp({ logger: false });
await app.listen({ host: '127.0.0.1', port });
const address = app.server.address();
process.send?.({ port: typeof address === 'object' && address !== null ? address.port : port });
process.on('disconnect', () => process.exit());
