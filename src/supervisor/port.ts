// Makes sure that a port is ours to use before any process is started for it: collectors share their port,
// so the kernel would let one of theirs join another server's port, and a child's failure would be a
// riddle.

import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../config/failure.ts';
import { PORT_WAIT_MS_MAX, WAIT_PROBE_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';

/**
 * The port, or a free one for port 0, once nobody listens on it: a predecessor's collectors may be draining.
 * Throws a {@link Failure} that says what is wrong.
 */
export async function claimPort(
  host: string,
  port: number,
  log: Logger,
  waitMs: number = PORT_WAIT_MS_MAX,
): Promise<number> {
  const deadline = performance.now() + waitMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await listenOnce(host, port);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code !== 'EADDRINUSE' || performance.now() > deadline) throw explain(host, port, code);
      if (tries === 1) log.warn({ port }, 'the port is in use; waiting for it');
      await sleep(WAIT_PROBE_MS);
    }
  }
}

function listenOnce(host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  // Exclusive: without `reusePort` this fails when anybody has the port, sharing or not.
  server.listen({ host, port, exclusive: true }, () => {
    const address = server.address();
    const found = typeof address === 'object' && address !== null ? address.port : port;
    server.close(() => resolve(found));
  });
  return promise;
}

function explain(host: string, port: number, code: string): Failure {
  if (code === 'EADDRINUSE') return new Failure(`port ${port} is in use by another program`);
  if (code === 'EACCES') return new Failure(`port ${port} needs privileges that this user lacks`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new Failure(`HOST ${host} is no address of this machine (${code})`);
  }
  return new Failure(`port ${port} on ${host} cannot be listened on (${code})`);
}
