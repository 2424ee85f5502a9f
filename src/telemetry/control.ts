// Every process answers for itself, metrics and readiness, on a unix socket of its own, so that whichever
// process is asked over HTTP can tell about all of them (gather.ts). None depends on another being alive.

import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import { controlSocket, ensureRunDir } from '../config/paths.ts';
import { clearStaleSocket } from './socket.ts';

/** `reason` says what is missing; null when ready (or ready with nothing to add). */
export interface Readiness {
  readonly ready: boolean;
  readonly reason: string | null;
}

export interface ControlAnswers {
  readonly registry: Registry;
  readonly ready: () => Readiness;
}

export interface Control {
  close(): Promise<void>;
}

/**
 * Listens on {@link controlSocket}: `/metrics` gives the registry as prom-client's JSON, `/ready` a
 * {@link Readiness}. A dead predecessor's socket is replaced; a live one is an error.
 */
export async function serveControl(
  dataDir: string,
  name: string,
  answers: ControlAnswers,
): Promise<Control> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.url === '/ready') answer(200, answers.ready());
    else if (request.url === '/metrics') {
      answers.registry.getMetricsAsJSON().then(
        (metrics) => answer(200, metrics),
        (error: unknown) => answer(500, String(error)),
      );
    } else answer(404, 'no such question');
  });
  await ensureRunDir(dataDir);
  const path = controlSocket(dataDir, name);
  await clearStaleSocket(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        // Node removes the socket's file itself when the server closes.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
