// How a command asks the store process that runs on its DATA_DIR: over that process's unix socket, with the
// API's own routes, so that a command can do nothing that the API cannot.

import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Config } from '../config/config.ts';
import { Failure } from '../config/failure.ts';
import { storeSocket } from '../config/paths.ts';
import { loadSecrets } from '../config/secrets.ts';

/** Throws {@link Failure} when no server runs, or when it refuses; resolves with the answer's JSON. */
export async function askStore(
  config: Config,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { status, answer } = await send(config, method, path, body);
  if (status < 300) return answer;
  const { detail = `the server answered ${status}` } = (answer ?? {}) as { detail?: string };
  throw new Failure(detail);
}

async function send(
  config: Config,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const payload = body === undefined ? null : JSON.stringify(body);
  const { apiToken } = await loadSecrets(config);
  const answered = Promise.withResolvers<{ status: number; answer: unknown }>();
  const asking = request({
    socketPath: storeSocket(config.dataDir),
    method,
    path,
    headers: {
      authorization: `Bearer ${apiToken}`,
      ...(payload === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    },
  });
  asking.on('error', (error: NodeJS.ErrnoException) => answered.reject(unreachable(error, config)));
  asking.on('response', (response) => {
    text(response).then(
      (content) => answered.resolve({ status: response.statusCode ?? 0, answer: parsed(content) }),
      (error: NodeJS.ErrnoException) => answered.reject(unreachable(error, config)),
    );
  });
  asking.end(payload ?? undefined);
  return await answered.promise;
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

function unreachable(error: NodeJS.ErrnoException, { dataDir }: Config): Failure {
  const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
  return new Failure(
    nobody
      ? `no server runs on ${dataDir}: start it (npm start, or truepixel store), then try again`
      : `the server that runs on ${dataDir} does not answer: ${error.message}`,
    undefined,
    { cause: error },
  );
}
