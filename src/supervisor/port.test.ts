// The look at a port before it is used, against real listeners.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { suite, test, type TestContext } from 'node:test';

import { createLog } from '../telemetry/log.ts';
import { claimPort } from './port.ts';

const log = createLog('silent', 'test');
const HOST = '127.0.0.1';

async function listener(
  t: TestContext,
  reusePort: boolean,
): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: HOST, port: 0, reusePort }, resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { server, port: address.port };
}

suite('a port', () => {
  test('that is free is given back, and free again', async () => {
    const port = await claimPort(HOST, 0, log);
    assert.ok(port > 0);
    assert.equal(await claimPort(HOST, port, log), port);
  });

  for (const shared of [false, true]) {
    const how = shared ? 'shares with others' : 'has alone';
    test(`that another program ${how} is refused in one line`, async (t) => {
      const { port } = await listener(t, shared);
      await assert.rejects(claimPort(HOST, port, log, 200), {
        name: 'Failure',
        message: `port ${port} is in use by another program`,
      });
    });
  }

  test('is waited for while a predecessor lets it go', async (t) => {
    const { server, port } = await listener(t, true);
    setTimeout(() => server.close(), 300);
    assert.equal(await claimPort(HOST, port, log), port);
  });

  test('on an address of another machine is refused in one line', async () => {
    await assert.rejects(claimPort('192.0.2.1', 0, log), {
      message: 'HOST 192.0.2.1 is no address of this machine (EADDRNOTAVAIL)',
    });
  });
});
