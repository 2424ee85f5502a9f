// Asks every process of one DATA_DIR for its metrics or readiness and puts the answers together, so that one
// public port can speak for all of them. Who died without a word is left out; who is silent is named.

import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { basename } from 'node:path';
import { AggregatorRegistry } from 'prom-client';
import { controlSocket, runDir } from '../config/paths.ts';
import { CONTROL_BYTES_MAX, CONTROL_MS_MAX } from '../limits.ts';
import type { Readiness } from './control.ts';

const ENDING = '.ctl';

/** The metrics of all processes as one Prometheus text; each sample says by its label whose it is. */
export async function gatherMetrics(dataDir: string): Promise<string> {
  const answers = await askAll(dataDir, '/metrics');
  const metrics = [...answers.values()]
    .filter((answer) => Array.isArray(answer))
    // Samples never meet (each has its process in a label), so nothing is to be averaged or left out.
    .map((answer) => answer.map((metric: object) => ({ ...metric, aggregator: 'first' })));
  return AggregatorRegistry.aggregate(metrics).metrics();
}

/** Whether each process can do its work, by the process's name. Empty when nobody runs. */
export async function gatherReadiness(dataDir: string): Promise<Record<string, Readiness>> {
  const answers = await askAll(dataDir, '/ready');
  return Object.fromEntries(
    [...answers].map(([name, answer]) => [
      name,
      isReadiness(answer)
        ? { ready: answer.ready, reason: answer.reason }
        : { ready: false, reason: `no answer within ${CONTROL_MS_MAX} ms` },
    ]),
  );
}

function isReadiness(answer: unknown): answer is Readiness {
  return typeof answer === 'object' && answer !== null && 'ready' in answer && 'reason' in answer;
}

/** What each living process answered, in order of names; null for one that did not, or not in time. */
async function askAll(dataDir: string, question: string): Promise<Map<string, unknown>> {
  const files = await readdir(runDir(dataDir)).catch(() => []);
  const names = files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => basename(file, ENDING))
    .toSorted();
  const answers = await Promise.all(
    names.map((name) => ask(controlSocket(dataDir, name), question)),
  );
  return new Map(
    names
      .map((name, index) => [name, answers[index]] as const)
      .filter(([, answer]) => answer !== DEAD),
  );
}

/** Nobody listens behind the socket's file: a killed process left it. */
const DEAD = Symbol('dead');

function ask(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(CONTROL_MS_MAX);
    const asked = request({ socketPath, path, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= CONTROL_BYTES_MAX) chunks.push(chunk);
        else response.destroy();
      });
      response.on('end', () => resolve(parse(Buffer.concat(chunks))));
      response.on('close', () => resolve(null));
      response.on('error', () => resolve(null));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? DEAD : null);
    });
    asked.end();
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return null;
  }
}
