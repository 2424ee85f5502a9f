// The load of the benchmark: wrk with many keep-alive connections and the headers that browsers send.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LOAD_CORE } from './machine.ts';

/** One run as wrk saw it. */
export interface WrkRun {
  /** Complete replies, whatever their status. */
  readonly replies: number;
  /** Those whose status was neither 2xx nor 3xx. */
  readonly notOk: number;
  /** Connections that failed, were cut or timed out. */
  readonly broken: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const SCRIPT = fileURLToPath(new URL('browser.lua', import.meta.url));
const run = promisify(execFile);

/** Loads one URL for so many seconds from the load's core. Throws when wrk fails. */
export async function wrk(url: string, connections: number, seconds: number): Promise<WrkRun> {
  const load = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url];
  const { stdout } = await run('taskset', ['-c', String(LOAD_CORE), ...load]);
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no result:\n${stdout}`);
  return JSON.parse(line) as WrkRun;
}
