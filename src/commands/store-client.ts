// How a command asks the store process that runs on its DATA_DIR: over that process's unix socket, with the
// API's own routes, so that a command can do nothing that the API cannot.

import { type IncomingMessage, request } from 'node:http';
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
  const response = await send(config, method, path, body);
  const content = await contentOf(response, config);
  if (isGood(response)) return parsed(content);
  throw refusal(response, content);
}

/** As {@link askStore}, for an answer that is too long to be held: its bytes as they come. */
export async function streamFromStore(
  config: Config,
  path: string,
  body: unknown,
): Promise<IncomingMessage> {
  const response = await send(config, 'POST', path, body);
  if (isGood(response)) return response;
  throw refusal(response, await contentOf(response, config));
}

async function send(
  config: Config,
  method: string,
  path: string,
  body: unknown,
): Promise<IncomingMessage> {
  const payload = body === undefined ? null : JSON.stringify(body);
  const { apiToken } = await loadSecrets(config);
  const answered = Promise.withResolvers<IncomingMessage>();
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
  asking.on('response', answered.resolve);
  asking.end(payload ?? undefined);
  return await answered.promise;
}

const isGood = ({ statusCode = 0 }: IncomingMessage): boolean =>
  statusCode >= 200 && statusCode < 300;

async function contentOf(response: IncomingMessage, config: Config): Promise<string> {
  try {
    return await text(response);
  } catch (error) {
    throw unreachable(error as NodeJS.ErrnoException, config);
  }
}

function refusal({ statusCode }: IncomingMessage, content: string): Failure {
  const { detail } = (parsed(content) ?? {}) as { detail?: string };
  return new Failure(detail ?? `the server answered ${statusCode}`);
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
